using System.CommandLine;
using System.Globalization;

namespace SeverityEngine.Programs;

/// <summary>The options for DICOM files.</summary>
sealed class DicomOption
{
    readonly Option<string> _voi = new("--dicom-voi")
    {
        Description = "The display settings of DICOM files that are applied. none: as published. window: the VOI table or window, after "
            + "rescaling. auto: the same, or the values that are used, spread.",
        HelpName = "none|window|auto",
        DefaultValueFactory = _ => "none",
    };

    readonly Option<int> _frame = new("--frame")
    {
        Description = "The frame to score of DICOM files, from 1. Default: files with several are refused.",
        HelpName = "N",
    };

    readonly Option<bool> _anyModality = new("--any-modality")
    {
        Description = "Score DICOM images of modalities that make no radiographs (CT, MR, ...) too, with a warning.",
    };

    readonly Option<bool> _uids = new("--dicom-uids")
    {
        Description = "Add the study's, series' and image's UIDs to the rows of DICOM files. They identify the patient's study.",
    };

    readonly Option[] _all;

    /// <param name="withUids">Whether there are rows that UIDs can stand in.</param>
    public DicomOption(bool withUids = true)
    {
        _all = withUids ? [_voi, _frame, _anyModality, _uids] : [_voi, _frame, _anyModality];
        _voi.AcceptOnlyFromAmong("none", "window", "auto");
        _frame.Validators.Add(result =>
        {
            // What is no number has its own error.
            if (result.Tokens is [{ Value: string text }] && int.TryParse(text, CultureInfo.InvariantCulture, out int frame) && frame < 1)
                result.AddError("--frame must be 1 or more.");
        });
    }

    public void AddTo(Command command)
    {
        foreach (Option option in _all)
            command.Add(option);
    }

    public DicomOptions Read(ParseResult parsed) => new()
    {
        Voi = Enum.Parse<DicomVoi>(parsed.GetValue(_voi)!, ignoreCase: true),
        Frame = parsed.GetValue(_frame),
        AnyModality = parsed.GetValue(_anyModality),
        Uids = parsed.GetValue(_uids),
    };
}
