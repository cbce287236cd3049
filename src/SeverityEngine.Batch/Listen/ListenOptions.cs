using SeverityEngine.Dicom.Network;

namespace SeverityEngine.Batch.Listen;

/// <summary>What a <see cref="ListenRun"/> takes, makes of it, and where.</summary>
/// <param name="Folder">The folder for what is received and for what is made of it.</param>
sealed record ListenOptions(string Folder)
{
    /// <summary>Where it listens, and for whom.</summary>
    public DicomListenerOptions Network { get; init; } = new();

    /// <summary>Whether reports are written.</summary>
    public bool Reports { get; init; } = true;

    /// <summary>Whether pictures of saliency maps are.</summary>
    public bool Captures { get; init; } = true;

    /// <summary>The archive that results are sent to; null for none.</summary>
    public DicomPeer? Forward { get; init; }

    /// <summary>How many received images may wait for their scores before further ones are refused.</summary>
    public int MostQueued { get; init; } = 1000;

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Cores to use; 0 for all.</summary>
    public int Threads { get; init; }

    /// <summary>Whether the model may be code.</summary>
    public bool TrustModel { get; init; }

    /// <summary>Whether only errors are said.</summary>
    public bool Quiet { get; init; }

    /// <summary>Received objects, which are the queue until they have rows.</summary>
    public string Received => Path.Combine(Folder, "received");

    /// <summary>The file of rows.</summary>
    public string Rows => Path.Combine(Folder, "rows.jsonl");

    /// <summary>Reports and pictures.</summary>
    public string Results => Path.Combine(Folder, "results");

    /// <summary>An empty file for each result that the archive does not have yet, of the same name.</summary>
    public string Owed => Path.Combine(Folder, "forward");
}
