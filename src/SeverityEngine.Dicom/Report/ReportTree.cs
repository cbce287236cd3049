using System.Globalization;
using SeverityEngine.Dicom.Writing;
using static SeverityEngine.Dicom.Report.ContentItem;

namespace SeverityEngine.Dicom.Report;

/// <summary>
/// The tree of a report: TID 1500, Measurement Report, with one group of TID 1410, Planar ROI Measurements (PS3.16): both scores of the
/// center square, which is the part of the image that the network sees. Viewers show the square with the scores.
/// </summary>
static class ReportTree
{
    static readonly Code s_comment = Code.Dcm("121106", "Comment");

    /// <summary>Makes the root.</summary>
    /// <param name="file">The result that it stands in.</param>
    /// <param name="source">The image.</param>
    /// <param name="prediction">What is said of it.</param>
    /// <param name="modelSha256">The hash of the model's file.</param>
    public static DataSet Root(ResultObject file, DicomSource source, Prediction prediction, string modelSha256) =>
        Container(null, Code.Dcm("126000", "Imaging Measurement Report"), "1500",
        [
            Coded(HasModifier, Code.Dcm("121049", "Language of Content Item and Descendants"),
                new Code("en-US", "RFC5646", "English (United States)")),
            Coded(HasContext, Code.Dcm("121005", "Observer Type"), Code.Dcm("121007", "Device")),
            Uid(HasContext, Code.Dcm("121012", "Device Observer UID"), ResultUid.Implementation),
            Text(HasContext, Code.Dcm("121013", "Device Observer Name"), ResultObject.Product),
            Text(HasContext, Code.Dcm("121014", "Device Observer Manufacturer"), ResultObject.Manufacturer),
            Text(HasContext, Code.Dcm("121015", "Device Observer Model Name"),
                $"{ResultObject.Product} {SeverityRuntime.EngineVersion}"),
            Coded(HasModifier, Code.Dcm("121058", "Procedure reported"), Code.Snomed("363679005", "Imaging procedure")),
            Container(Contains, Code.Dcm("111028", "Image Library"), "1600",
                Container(Contains, Code.Dcm("126200", "Image Library Group"), null,
                [
                    .. Code.Modality(source.Modality) is { } modality
                        ? [Coded(HasAcquisition, Code.Dcm("121139", "Modality"), modality)] : Array.Empty<DataSet>(),
                    Image(Contains, null, file.Reference()),
                ])),
            Container(Contains, Code.Dcm("126010", "Imaging Measurements"), null, Measurements(file, source, prediction, modelSha256)),
            Text(Contains, s_comment,
                "Research only, not for medical use. Scores of pneumonia severity by an automatic method; no diagnosis."),
            .. Comments(prediction).Select(comment => Text(Contains, s_comment, comment)),
        ]);

    static DataSet Measurements(ResultObject file, DicomSource source, Prediction prediction, string modelSha256)
    {
        int side = Math.Min(prediction.Width, prediction.Height);
        int left = prediction.Width / 2 - side / 2, top = prediction.Height / 2 - side / 2;
        return Container(Contains, Code.Dcm("125007", "Measurement Group"), "1410",
            Text(HasContext, Code.Dcm("112039", "Tracking Identifier"), "Pneumonia severity"),
            Uid(HasContext, Code.Dcm("112040", "Tracking Unique Identifier"), file.Uid("tracking")),
            Coded(Contains, Code.Dcm("121071", "Finding"), Code.Snomed("233604007", "Pneumonia")),
            Coded(HasModifier, Code.Snomed("363698007", "Finding Site"), Code.Snomed("39607008", "Lung"),
                Coded(HasModifier, Code.Snomed("272741003", "Laterality"), Code.Snomed("51440002", "Bilateral"))),
            Rectangle(Contains, Code.Dcm("111030", "Image Region"), left, top, left + side, top + side,
                Image(SelectedFrom, Code.Snomed("260753009", "Source"), file.Reference())),
            Score(Code.Own("GEOEXTENT", "Geographic extent (0-8)"), prediction.GeographicExtent, prediction.Interval?.GeographicExtent),
            Score(Code.Own("OPACITY", "Opacity (0-6)"), prediction.Opacity, prediction.Interval?.Opacity));

        DataSet Score(Code name, double value, ScoreInterval? interval) => Number(Contains, name, value,
        [
            Text(HasModifier, Code.Dcm("111001", "Algorithm Name"), prediction.Model.Name),
            Text(HasModifier, Code.Dcm("111003", "Algorithm Version"), prediction.Model.Version),
            Text(HasModifier, Code.Dcm("122405", "Algorithm Manufacturer"), ResultObject.Manufacturer),
            Text(HasModifier, Code.Dcm("111002", "Algorithm Parameters"), Parameters(source, prediction, modelSha256)),
            Coded(HasModifier, Code.Dcm("111000", "Algorithm Family"), Code.Dcm("123110", "Artificial Intelligence")),
            .. interval is { } found ? Uncertainty(value, found) : [],
        ]);
    }

    /// <summary>How far the interval's ends are from the score (TID 310).</summary>
    static DataSet[] Uncertainty(double value, ScoreInterval interval) =>
    [
        Number(HasProperties, Code.Snomed("371885007", "-, range of lower measurement uncertainty"), Math.Max(0, value - interval.Lowest)),
        Number(HasProperties, Code.Snomed("371886008", "+, range of upper measurement uncertainty"), Math.Max(0, interval.Highest - value)),
    ];

    static string Parameters(DicomSource source, Prediction prediction, string modelSha256)
    {
        string level = prediction.Interval is { } interval
            ? string.Create(CultureInfo.InvariantCulture, $"; uncertainty: {interval.Level:0.##} of experts' scores") : "";
        string voi = source.Voi.ToString().ToLowerInvariant();
        return $"model sha256 {modelSha256}; engine {SeverityRuntime.EngineVersion}; display settings: {voi}{level}";
    }

    /// <summary>What is odd about the image, without the file's name, which may be the patient's.</summary>
    static IEnumerable<string> Comments(Prediction prediction)
    {
        string start = $"{prediction.Name}: ";
        return prediction.Warnings.Select(warning =>
            warning.StartsWith(start, StringComparison.Ordinal) ? warning[start.Length..] : "the image has a warning");
    }
}
