using System.CommandLine;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Cli;

/// <summary>The options of <c>severity predict</c> that ask for results as DICOM objects.</summary>
sealed class DicomResultOption
{
    readonly Option<string?> _report = new("--dicom-report")
    {
        Description = "Write the scores of DICOM files as structured reports, in the studies of their images: a .dcm file for one image, "
            + "else a folder.",
        HelpName = "OUT",
    };

    readonly Option<string?> _saliency = new("--dicom-saliency")
    {
        Description = "Write where the model looked as a DICOM picture (Secondary Capture), with the scores, marked as research only: a "
            + ".dcm file for one image, else a folder.",
        HelpName = "OUT",
    };

    public void AddTo(Command command)
    {
        command.Add(_report);
        command.Add(_saliency);
    }

    /// <summary>What writes the results that are asked for; null where none are.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a file for several images, or a name that is neither file nor folder.
    /// </exception>
    public DicomFiles? Read(ParseResult parsed, InputList inputs, ModelFile model)
    {
        string? report = parsed.GetValue(_report), saliency = parsed.GetValue(_saliency);
        return report is null && saliency is null ? null : new DicomFiles(model)
        {
            Reports = report is null ? null : new OutputPlace(_report.Name, report, inputs.AtLeast, PlacedKind.Report),
            Captures = saliency is null ? null : new OutputPlace(_saliency.Name, saliency, inputs.AtLeast, PlacedKind.Capture),
        };
    }
}
