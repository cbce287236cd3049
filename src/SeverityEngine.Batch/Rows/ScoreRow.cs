namespace SeverityEngine.Batch.Rows;

/// <summary>Which model made a row: two files may have one name and version.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha256">The hash of its file.</param>
sealed record ModelStamp(string Name, string Version, string Sha256);

/// <summary>What becomes of one input: a prediction, or the error that stands in its place.</summary>
/// <param name="Name">The image, as it was named.</param>
sealed record ScoreRow(string Name)
{
    /// <summary>The SHA-256 of the file's bytes; null where it could not be read, or where the output has no use for it.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The model of the run; null where the output has no use for it.</summary>
    public ModelStamp? MadeBy { get; init; }

    /// <summary>What the engine says of the image; null beside an error.</summary>
    public Prediction? Prediction { get; init; }

    /// <summary>The files that its saliency map was written to; null where none is wanted.</summary>
    public WrittenSaliency? Saliency { get; init; }

    /// <summary>Its results as DICOM objects; null where none are wanted.</summary>
    public WrittenDicom? Dicom { get; init; }

    /// <summary>What is odd about the image, and which results it cannot have.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            IReadOnlyList<string> warnings = Prediction?.Warnings ?? [];
            return Dicom?.Fault is { } fault ? [.. warnings, fault.Message] : warnings;
        }
    }

    /// <summary>Why there is no prediction; null where there is one.</summary>
    public SeverityException? Error { get; init; }

    /// <summary>Whether the output already holds this row, so that it is counted but not written again.</summary>
    public bool AlreadyWritten { get; init; }
}
