namespace SeverityEngine.Batch.Rows;

/// <summary>What becomes of one input: a score, or the error that stands in its place.</summary>
/// <param name="Name">The image, as it was named.</param>
sealed record ScoreRow(string Name)
{
    /// <summary>The SHA-256 of the file's bytes; null where it could not be read, or where the output has no use for it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; init; }

    /// <summary>Rows.</summary>
    public int Height { get; init; }

    /// <summary>What the model says of itself; null beside an error.</summary>
    public ModelInfo? Model { get; init; }

    /// <summary>The score; meaningless beside an error.</summary>
    public SeverityScore Score { get; init; }

    /// <summary>The probabilities of the model's findings, one a label; null where they are not wanted.</summary>
    public double[]? Findings { get; init; }

    /// <summary>The model's pooled features; null where they are not wanted.</summary>
    public float[]? Features { get; init; }

    /// <summary>The saliency map and its files; null where none is wanted.</summary>
    public WrittenSaliency? Saliency { get; init; }

    /// <summary>What is odd about the file, though it could be read.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why there is no score; null where there is one.</summary>
    public SeverityException? Error { get; init; }

    /// <summary>Whether the output already holds this row, so that it is counted but not written again.</summary>
    public bool AlreadyWritten { get; init; }
}
