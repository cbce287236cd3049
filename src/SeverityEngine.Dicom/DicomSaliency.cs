using System.Globalization;
using SeverityEngine.Dicom.Report;
using SeverityEngine.Dicom.Source;
using SeverityEngine.Dicom.Writing;
using SeverityEngine.IO;
using SeverityEngine.Saliency;

namespace SeverityEngine.Dicom;

/// <summary>
/// A saliency map as a picture (Secondary Capture) in the study of its X-ray: the X-ray, the map over it, the colors' scale, both scores
/// and the model, and that it is for research alone, burnt in. Research only, not for medical use.
/// </summary>
/// <remarks>UIDs and dates are as those of <see cref="DicomReport"/>. Nothing of the source but its pixels shows in the picture.</remarks>
public static class DicomSaliency
{
    const string Banner = "RESEARCH ONLY - NOT FOR MEDICAL USE";

    static ReadOnlySpan<byte> White => [255, 255, 255];

    /// <summary>Writes a map over the network's input to a file, which takes the place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The DICOM file that was scored.</param>
    /// <param name="prediction">Its scores, with a map.</param>
    /// <param name="modelSha256">The SHA-256 of the model's file, as <see cref="ModelFile.Sha256"/>.</param>
    /// <param name="end">The value of the last color, as for <see cref="SaliencyMap.SavePanel(string, ModelInfo, string, float?)"/>.
    /// </param>
    /// <exception cref="SeverityException">As for <see cref="Encode(DicomSource, Prediction, string, float?)"/>, and
    /// <see cref="SeverityError.FileUnwritable"/>.</exception>
    public static void Write(string path, DicomSource source, Prediction prediction, string modelSha256, float? end = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, Encode(source, prediction, modelSha256, end));
    }

    /// <summary>The bytes of the file of a map over the network's input.</summary>
    /// <param name="source">The DICOM file that was scored.</param>
    /// <param name="prediction">Its scores, with a map.</param>
    /// <param name="modelSha256">The SHA-256 of the model's file, as <see cref="ModelFile.Sha256"/>.</param>
    /// <param name="end">The value of the last color; null for the map's largest.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: the prediction has no map, an end that is not above 0, or SOURCE_DATE_EPOCH is no time.
    /// </exception>
    public static byte[] Encode(DicomSource source, Prediction prediction, string modelSha256, float? end = null) =>
        Encode(source, prediction, modelSha256, default, end);

    /// <summary>The bytes of the file of a map over the whole image.</summary>
    /// <param name="source">The DICOM file that was scored.</param>
    /// <param name="prediction">Its scores, with a map.</param>
    /// <param name="modelSha256">The SHA-256 of the model's file, as <see cref="ModelFile.Sha256"/>.</param>
    /// <param name="original">The image's pixels; an empty view for the network's input.</param>
    /// <param name="end">The value of the last color; null for the map's largest.</param>
    /// <exception cref="SeverityException">As for <see cref="Encode(DicomSource, Prediction, string, float?)"/>.</exception>
    public static byte[] Encode(
        DicomSource source, Prediction prediction, string modelSha256, in XRayPixels original, float? end = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(modelSha256);
        SaliencyMap map = prediction.Saliency ?? throw new SeverityException(SeverityError.InvalidArgument,
            "the prediction has no saliency map; ask for one in PredictionOptions.Saliency");
        RgbCanvas picture = Burn(map.Panel(prediction.Model, $"{ResultObject.Product} {SeverityRuntime.EngineVersion}", original, end));

        string settings = string.Create(CultureInfo.InvariantCulture,
            $"{map.Options.Target} {map.Options.Method} {(original.Width > 0 ? "original" : "network")} end {end}");
        ResultObject file = new(ResultKind.Capture, source, prediction.Model, modelSha256, settings);
        ResultTime now = ResultObject.Now();
        string of = map.Options.Target == SaliencyTarget.Opacity ? "opacity" : "geographic extent";
        DataSet capture = file.Begin(
            $"Saliency of {of} (research only)", [.. SourceTags.Identity, .. source.IsLossy ? SourceTags.Picture : SourceTags.Picture[..1]],
            now);
        capture
            .Text(ResultTags.ImageType, "CS", @"DERIVED\SECONDARY\OTHER")
            .Text(ResultTags.ConversionType, "CS", "WSD")
            .Text(ResultTags.CaptureDate, "DA", now.Date)
            .Text(ResultTags.CaptureTime, "TM", now.Time)
            .Text(ResultTags.BodyPart, "CS", "CHEST")
            .Text(ResultTags.BurnedIn, "CS", "YES")
            .Text(ResultTags.RecognizableFeatures, "CS", "NO")
            .Text(ResultTags.LossyCompression, "CS", source.IsLossy ? "01" : "00")
            .Text(ResultTags.DerivationDescription, "ST", Describe(map, of))
            .Sequence(ResultTags.DerivationCodes, Code.Dcm("113085", "Spatial resampling").Item())
            .Sequence(ResultTags.SourceImages, file.Reference()
                .Text(ResultTags.SpatialLocationsPreserved, "CS", "NO")
                .Sequence(ResultTags.PurposeOfReference, Code.Dcm("121322", "Source image for image processing operation").Item()))
            .Short(ResultTags.SamplesPerPixel, 3)
            .Text(ResultTags.Photometric, "CS", "RGB")
            .Short(ResultTags.PlanarConfiguration, 0)
            .Short(ResultTags.Rows, picture.Height)
            .Short(ResultTags.Columns, picture.Width)
            .Short(ResultTags.BitsAllocated, 8)
            .Short(ResultTags.BitsStored, 8)
            .Short(ResultTags.HighBit, 7)
            .Short(ResultTags.PixelRepresentation, 0)
            .Bytes(ResultTags.PixelData, "OB", picture.Rgb);
        return file.Encode(capture);
    }

    /// <summary>Puts a black band with the banner beneath a panel.</summary>
    static RgbCanvas Burn(RgbCanvas panel)
    {
        // As large as the width lets it be, with a letter's room at each side.
        int dot = Math.Max(1, panel.Width / ((Banner.Length + 2) * BitmapFont.Advance)), band = (BitmapFont.Rows + 6) * dot;
        RgbCanvas picture = new(panel.Width, panel.Height + Math.Max(24, band), ground: 0);
        picture.Put(panel.Rgb, 0, 0, panel.Width, panel.Height);
        picture.Write(Banner, BitmapFont.Advance * dot, panel.Height + 3 * dot, dot, White);
        return picture;
    }

    static string Describe(SaliencyMap map, string of)
    {
        string how = map.Options.Method == SaliencyMethod.ClassActivation
            ? $"the class activation map of {of}" : $"the squared gradient of {of}, blurred";
        return $"Saliency: {how}, in viridis over the X-ray's center square. Research only, not for medical use.";
    }
}
