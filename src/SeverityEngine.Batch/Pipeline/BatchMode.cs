namespace SeverityEngine.Batch.Pipeline;

/// <summary>What the cores are used for.</summary>
enum BatchMode
{
    /// <summary>Many images at once, one core each.</summary>
    Throughput,
    /// <summary>One image at a time, on all cores.</summary>
    Latency,
}
