namespace SeverityEngine.Batch.Pipeline;

/// <summary>How far something has come. Read by a thread other than the one that works.</summary>
interface IRunProgress
{
    /// <summary>What is done.</summary>
    long Done { get; }

    /// <summary>What there is to do; negative while that is unknown.</summary>
    long Total { get; }

    /// <summary>It in words.</summary>
    string Describe();
}
