namespace SeverityEngine.Batch.Pipeline;

/// <summary>How a batch runs.</summary>
/// <param name="Workers">Images at once.</param>
/// <param name="Ordered">Whether rows come in the inputs' order, not as they finish.</param>
sealed record BatchOptions(int Workers, bool Ordered)
{
    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Files that are read ahead of the workers: enough that none waits for a disk.</summary>
    public int ReadAhead => Workers + 2;

    /// <summary>Memory, in bytes, that a worker fills with decoded images while the model is made.</summary>
    public long DecodeAhead => (64L << 20) / Workers;

    /// <summary>Threads that read files. One keeps a few cores fed from a disk; many cores, or a slow network, want more.</summary>
    public int Readers => Math.Clamp(Workers / 4, 1, 8);

    /// <summary>
    /// Images between the input that is listed last and the row that is written last: how far workers run ahead of a slow image.
    /// </summary>
    public int Window => 64 + 8 * Workers;
}
