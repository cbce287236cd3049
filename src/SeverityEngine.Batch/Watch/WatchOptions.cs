using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Watch;

/// <summary>What a <see cref="WatchRun"/> watches, and what it makes of it.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Output">The file of rows, in a format that rows can be added to.</param>
sealed record WatchOptions(string Folder, ResultOutput Output)
{
    /// <summary>Whether folders below it are watched too.</summary>
    public bool Recursive { get; init; }

    /// <summary>How long a file's size and times have to stand still before it counts as whole.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the folder is looked at, in place of the system's notices; null for notices where there are any.</summary>
    public TimeSpan? Poll { get; init; }

    /// <summary>Where scored files are moved to; null to leave them.</summary>
    public string? MoveDone { get; init; }

    /// <summary>Where files are moved to whose row is an error; null to leave them.</summary>
    public string? MoveFailed { get; init; }

    /// <summary>Whether rows have the probabilities of the model's findings.</summary>
    public bool Findings { get; init; }

    /// <summary>Whether pictures outside the model's domain are errors.</summary>
    public bool RefuseOutside { get; init; }

    /// <summary>What writes saliency maps; null where none are wanted.</summary>
    public SaliencyFiles? Saliency { get; init; }

    /// <summary>What writes results as DICOM objects; null where none are wanted.</summary>
    public DicomFiles? Dicom { get; init; }

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Cores to use; 0 for all.</summary>
    public int Threads { get; init; }

    /// <summary>Whether the model may be code.</summary>
    public bool TrustModel { get; init; }

    /// <summary>How many files may wait until they are whole before the search for more does.</summary>
    public int MostWaiting { get; init; } = 4096;
}
