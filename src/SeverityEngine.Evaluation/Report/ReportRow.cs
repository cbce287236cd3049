using SeverityEngine.Batch.Rows;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Evaluation.Report;

/// <summary>What a report says of one row.</summary>
/// <param name="number">Its number on the page, from 1.</param>
/// <param name="series">The place of the series that it belongs to.</param>
/// <param name="row">The row.</param>
/// <param name="readers">What the readers say of its image; null where nothing.</param>
/// <param name="isAnonymous">Whether nothing may name the image.</param>
sealed class ReportRow(int number, int series, ResultRow row, ReaderImage? readers, bool isAnonymous)
{
    const string Reason = "domain.reason", WarningsColumn = "warnings";

    /// <summary>Its number on the page, from 1.</summary>
    public int Number => number;

    /// <summary>The place of the series that it belongs to.</summary>
    public int Series => series;

    /// <summary>What the readers say of its image; null where nothing.</summary>
    public ReaderImage? Readers => readers;

    /// <summary>The image as the row names it.</summary>
    public string File => row.File;

    /// <summary>What the page calls the image: its file's name.</summary>
    public string Title => isAnonymous ? $"Image {number}" : row.Name;

    /// <summary>The folders, or the archive, that the image lies in; empty where the row names none.</summary>
    public string Place => isAnonymous ? "" : row.File[..^row.Name.Length];

    /// <summary>The file of the saliency map's picture; null where the row names none.</summary>
    public string? Map => row.Text(RowSchema.Picture.Name);

    /// <summary>The file of the saliency map's panel; null where the row names none.</summary>
    public string? Panel => row.Text(RowSchema.Panel.Name);

    /// <summary>The version of the engine that made the row; null where it does not say.</summary>
    public string? EngineVersion => row.Text("engine_version");

    /// <summary>Whether the row has a score.</summary>
    public bool IsScored => row.GeographicExtent is not null || row.Opacity is not null;

    /// <summary>Whether the picture is not of the kind that the model is made for: its scores mean nothing.</summary>
    public bool IsOutside => row.IsOutside;

    /// <summary>Whether the row says that nobody looked whether the picture is of that kind, or says nothing of it.</summary>
    public bool IsUnchecked => row.Verdict is not ("inside" or "outside");

    /// <summary>Why the picture is outside, in words; null where the row does not say.</summary>
    public string? OutsideReason => row.Text(Reason) is not { } reason ? null
        : isAnonymous && !AnonymousText.IsReason(reason) ? null
        : reason == "not_an_x_ray" ? "not an X-ray" : reason.Replace('_', ' ');

    /// <summary>Why there is no score; null beside one.</summary>
    public string? Error => row.Error is null && IsScored ? null
        : isAnonymous ? AnonymousText.OfError(row.Text(RowSchema.ErrorCode.Name))
        : row.Error is { } error ? WithoutName(error) : "the row has no score";

    /// <summary>The error's name; null where the row has none.</summary>
    public string? ErrorCode =>
        row.Text(RowSchema.ErrorCode.Name) is { } code && (!isAnonymous || AnonymousText.IsErrorCode(code)) ? code : null;

    /// <summary>What is odd about the image.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            if (row.Text(WarningsColumn) is not { } text)
                return [];
            if (isAnonymous)
                return AnonymousText.OfWarnings(text);
            // Each begins with the image's name, and only that tells them apart: there may be a semicolon in one.
            return [.. text.Split($"; {row.File}: ").Select(WithoutName)];
        }
    }

    /// <summary>A score; null where the row has none.</summary>
    public double? Score(ScoreKind kind) => row.Score(kind);

    /// <summary>Where an expert's score is likely to lie; null where the row does not say.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: what stands there is no number.</exception>
    public ScoreInterval? Interval(ScoreKind kind) => row.Interval(kind);

    /// <summary>The share of experts' scores that lie in such intervals; null where the row does not say.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: what stands there is no number.</exception>
    public double? IntervalLevel => row.IntervalLevel;

    /// <summary>Whether what may name an image is left out.</summary>
    public bool IsAnonymous => isAnonymous;

    string WithoutName(string text) => text.StartsWith($"{row.File}: ", StringComparison.Ordinal) ? text[(row.File.Length + 2)..] : text;
}
