using System.Text.Json;
using static SeverityEngine.Batch.Rows.RowColumn;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// What rows say, in order. Every format, the reading of rows for <c>--resume</c> and the table in docs/batch.md follow it, so that a new
/// column is an entry here. Columns of one object in json stand together.
/// </summary>
/// <param name="columns">The columns, in order.</param>
sealed class RowSchema(IReadOnlyList<RowColumn> columns)
{
    /// <summary>The file of the saliency map's picture; absent where none was written.</summary>
    public static RowColumn Picture { get; } = Text("saliency.picture", "", "the picture of the map", r => r.Saliency?.Files.Picture);

    /// <summary>The file of the saliency map's panel; absent where none was written.</summary>
    public static RowColumn Panel { get; } =
        Text("saliency.panel", "", "X-ray, map and scores in one picture; with `--saliency-panel`", r => r.Saliency?.Files.Panel);

    /// <summary>The file of the saliency map's values; absent where none was written.</summary>
    public static RowColumn Values { get; } =
        Text("saliency.raw", "", "the file of its values; with `--saliency-raw`", r => r.Saliency?.Files.Values);

    /// <summary>The file of the DICOM report; absent where none was written.</summary>
    public static RowColumn DicomReport { get; } =
        Text("dicom.report", "", "the structured report; `dicom` with `--dicom-report` or `--dicom-saliency`", r => r.Dicom?.Files.Report);

    /// <summary>The file of the saliency map as a DICOM object; absent where none was written.</summary>
    public static RowColumn DicomSaliency { get; } =
        Text("dicom.saliency", "", "the map as a Secondary Capture", r => r.Dicom?.Files.Saliency);

    static readonly RowColumn[] s_dicom = [DicomReport, DicomSaliency];

    static readonly RowColumn[] s_saliency = [
        Text("saliency.of", "`extent` or `opacity`",
            "the score that the map explains; `saliency` with `--saliency`, `--saliency-panel` or `--saliency-raw`", r => r.Saliency?.Of),
        Text("saliency.method", "`gradient` or `cam`", "how the map was made", r => r.Saliency?.Method),
        Picture,
        Panel,
        Values,
        Integer("saliency.peak.x", "pixels of the network's input",
            "the column of the map's largest value: 0 is the leftmost of 224 (the built-in model's)", r => r.Saliency?.Map.Peak.X),
        Integer("saliency.peak.y", "pixels of the network's input", "its row: 0 is the top one", r => r.Saliency?.Map.Peak.Y),
        Single("saliency.peak.value", "(score for a unit of the input) squared; with `cam` score", "the largest value itself",
            r => r.Saliency?.Map.Peak.Value),
        Number("saliency.left_half_share", "0 to 1; 0 if nothing is positive",
            "of the sum of the map's positive values, the share in the picture's left half: usually the patient's right side",
            r => r.Saliency?.Map.LeftHalfShare),
        Number("saliency.right_half_share", "0 to 1; 0 if nothing is positive",
            "the share in the picture's right half: usually the patient's left side",
            r => r.Saliency?.Map.RightHalfShare),
    ];

    // By their numbers, which begin at 0.
    static readonly string[] s_verdicts = Words<DomainVerdict>(), s_reasons = Words<DomainReason>();

    static readonly RowColumn[] s_trust = [
        Number("interval.level", "0 to 1",
            "the share of experts' scores that lie in such intervals; `interval` is absent outside the domain",
            r => r.Prediction?.Interval?.Level),
        Number("interval.geographic_extent.low", "0 to 8", "where extent's interval begins",
            r => r.Prediction?.Interval?.GeographicExtent.Lowest),
        Number("interval.geographic_extent.high", "0 to 8", "where it ends", r => r.Prediction?.Interval?.GeographicExtent.Highest),
        Number("interval.opacity.low", "0 to 6", "where opacity's interval begins", r => r.Prediction?.Interval?.Opacity.Lowest),
        Number("interval.opacity.high", "0 to 6", "where it ends", r => r.Prediction?.Interval?.Opacity.Highest),
        Text("domain.verdict", "`inside`, `outside` or `not_checked`",
            "whether the picture is of the kind that the model is made for; outside, the scores mean nothing",
            r => r.Prediction is { } p ? s_verdicts[(int)p.Domain.Verdict] : null),
        Number("domain.ratio", "outside above 1", "how far the picture is from those that the model is made for: the largest of the ratios",
            r => Ratio(r, d => d.Ratio)),
        Number("domain.picture_ratio", "outside above 1", "the picture's own distance, at 16 x 16", r => Ratio(r, d => d.PictureRatio)),
        Number("domain.feature_ratio", "outside above 1", "that of the network's features, where the model says what they are like",
            r => Ratio(r, d => d.FeatureRatio)),
        Number("domain.contrast_ratio", "warns above 1",
            "how strong the contrast is within small areas; above 1 it looks enhanced (CLAHE, sharpening), and the score may be off",
            r => Ratio(r, d => d.ContrastRatio)),
        Text("domain.reason", "", "why it is outside: `not_an_x_ray`, `aspect`, `inverted`, `upside_down`, `turned_clockwise`, ...",
            r => r.Prediction is { Domain.Reason: not DomainReason.None } p ? s_reasons[(int)p.Domain.Reason] : null),
    ];

    static readonly RowColumn[] s_uids = [
        Text("study_instance_uid", "", "the study of a DICOM image; this and the next two with `--dicom-uids`",
            r => r.Prediction?.Uids?.Study),
        Text("series_instance_uid", "", "its series", r => r.Prediction?.Uids?.Series),
        Text("sop_instance_uid", "", "the image itself", r => r.Prediction?.Uids?.Instance),
    ];

    /// <summary>The image. By this and the next three a row that is read back is told from others.</summary>
    public static RowColumn File { get; } =
        Text("file", "", "the input as it was named; with `--relative-to DIR`, from there", r => r.Name);

    /// <summary>The hash of its bytes.</summary>
    public static RowColumn Sha256 { get; } =
        Text("sha256", "64 hexadecimal digits", "the hash of the file's bytes; absent where it could not be read", r => r.Sha256);

    /// <summary>The model's name.</summary>
    public static RowColumn Model { get; } = Text("model", "", "the model's name", r => r.MadeBy?.Name);

    /// <summary>The hash of the model's file: what tells models apart.</summary>
    public static RowColumn ModelSha256 { get; } =
        Text("model_sha256", "64 hexadecimal digits", "the hash of the model's file", r => r.MadeBy?.Sha256);

    /// <summary>The version of the engine.</summary>
    public static RowColumn EngineVersion { get; } =
        Text("engine_version", "", "the version of this program", _ => SeverityRuntime.EngineVersion);

    /// <summary>The first score, which every row has that has no error.</summary>
    public static RowColumn GeographicExtent { get; } =
        Number("geographic_extent", "0 to 8", "how much of the lungs has opacities", r => r.Prediction?.GeographicExtent);

    /// <summary>The error's name; absent beside a score.</summary>
    public static RowColumn ErrorCode { get; } =
        Text("error_code", "", "the error's name; only where there is no score", r => r.Error?.Code.Name());

    /// <summary>What all rows say.</summary>
    public static RowSchema Plain { get; } = For([]);

    /// <summary>The columns, in order.</summary>
    public IReadOnlyList<RowColumn> Columns => columns;

    /// <summary>What the rows of a run say.</summary>
    /// <param name="labels">The names of the findings in each row; none where they are not wanted.</param>
    /// <param name="saliency">Whether rows tell of saliency maps.</param>
    /// <param name="dicom">Whether they tell of results as DICOM objects.</param>
    /// <param name="uids">Whether they have the UIDs of DICOM files.</param>
    /// <param name="intervals">Whether text shows the scores' intervals too; the other formats always have them.</param>
    public static RowSchema For(
        IReadOnlyList<string> labels, bool saliency = false, bool dicom = false, bool uids = false, bool intervals = false) => new([
        File,
        Text("name", "", "the file's name alone, without its folders", r => NameOf(r.Name)),
        Sha256,
        .. uids ? s_uids : [],
        Integer("width", "pixels", "columns of the image", r => r.Prediction?.Width),
        Integer("height", "pixels", "rows of the image", r => r.Prediction?.Height),
        Model,
        Text("model_version", "", "its version", r => r.MadeBy?.Version),
        ModelSha256,
        EngineVersion,
        GeographicExtent
            with
            {
                IsInText = true,
                Range = m => m.GeographicExtentRange,
                Interval = intervals ? r => r.Prediction?.Interval?.GeographicExtent : null,
            },
        Number("opacity", "0 to 6", "how dense they are", r => r.Prediction?.Opacity)
            with
            {
                IsInText = true,
                Range = m => m.OpacityRange,
                Interval = intervals ? r => r.Prediction?.Interval?.Opacity : null,
            },
        Number("geographic_extent_raw", "", "geographic extent before the clamp to its range", r => r.Prediction?.GeographicExtentRaw),
        Number("opacity_raw", "", "opacity before the clamp to its range", r => r.Prediction?.OpacityRaw),
        .. s_trust,
        .. labels.Select((label, i) => Number(["findings", label], "0 to 1",
            "the calibrated probability of each finding of the model; with `--findings`",
            r => r.Prediction?.Findings?[i]) with { IsInText = true }),
        .. saliency ? s_saliency : [],
        .. dicom ? s_dicom : [],
        Texts("warnings", "", "what is odd about the image; an array in json, joined by `; ` in csv",
            r => r.Prediction is null ? null : r.Warnings),
        Number("timings_ms.decode", "milliseconds", "reading and decoding", r => r.Prediction?.Timings.Decode.TotalMilliseconds),
        Number("timings_ms.preprocess", "milliseconds", "crop and resize", r => r.Prediction?.Timings.Preprocess.TotalMilliseconds),
        Number("timings_ms.infer", "milliseconds", "the network", r => r.Prediction?.Timings.Infer.TotalMilliseconds),
        ErrorCode,
        Text("error", "", "the fault and the remedy; only where there is no score", r => r.Error?.Message),
    ]);

    static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(path));

    /// <summary>A ratio of the domain check, where it is a number.</summary>
    static double? Ratio(ScoreRow row, Func<DomainResult, double?> ratio) =>
        row.Prediction is { Domain.Verdict: not DomainVerdict.NotChecked } p && ratio(p.Domain) is { } value && double.IsFinite(value)
            ? value : null;

    /// <summary>The names that rows have for the values of an enumeration, in the order of the values.</summary>
    public static string[] Words<T>() where T : struct, Enum =>
        [.. Enum.GetValues<T>().Select(v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()))];

    /// <summary>The place of a column.</summary>
    /// <returns>The place; -1 where rows don't have it.</returns>
    public int IndexOf(RowColumn column)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            if (ReferenceEquals(columns[i], column))
                return i;
        }
        return -1;
    }
}
