namespace SeverityEngine.Batch.Rows;

/// <summary>How results are written.</summary>
enum ResultFormat
{
    /// <summary>For people.</summary>
    Text,
    /// <summary>One array.</summary>
    Json,
    /// <summary>An object a line.</summary>
    Jsonl,
    /// <summary>A heading, then a line a row.</summary>
    Csv,
}
