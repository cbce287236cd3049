using SeverityEngine.Dicom.Writing;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>What the files of an <see cref="OutputPlace"/> are.</summary>
/// <param name="Name">What messages call one.</param>
/// <param name="Suffix">What follows an image's name in a folder: never what an X-ray is called by.</param>
/// <param name="Endings">The endings that a file may be named with.</param>
/// <param name="IsKind">Whether bytes are the start of such a file that this program wrote.</param>
sealed record PlacedKind(string Name, string Suffix, string[] Endings, OutputGuard.KindTest IsKind)
{
    /// <summary>Whether a path is called as such files are in a folder.</summary>
    public bool HasName(string path) => path.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Saliency maps as pictures.</summary>
    public static PlacedKind Picture { get; } = new("a saliency map", ".saliency.png", [".png", ".jpg", ".jpeg"],
        start => ImageWriter.IsMadeBy(start, SaliencyMap.Software));

    /// <summary>Saliency maps beside their X-rays.</summary>
    public static PlacedKind Panel { get; } = new("a panel of a saliency map", ".panel.png", [".png", ".jpg", ".jpeg"],
        start => ImageWriter.IsMadeBy(start, SaliencyMap.PanelSoftware));

    /// <summary>Saliency maps as values.</summary>
    public static PlacedKind Values { get; } = new("a NumPy file", ".saliency.npy", [".npy"], NpyFile.IsOurs);

    /// <summary>Scores as structured reports.</summary>
    public static PlacedKind Report { get; } = new("a DICOM report", ".report.dcm", [".dcm"], ResultKind.Report.IsKind);

    /// <summary>Saliency maps as DICOM pictures.</summary>
    public static PlacedKind Capture { get; } = new("a DICOM saliency map", ".saliency.dcm", [".dcm"], ResultKind.Capture.IsKind);

    /// <summary>Those that might be taken for X-rays.</summary>
    public static IReadOnlyList<PlacedKind> Pictures { get; } = [Picture, Panel, Report, Capture];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PlacedKind> All { get; } = [Picture, Panel, Values, Report, Capture];
}
