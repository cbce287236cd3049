using System.Diagnostics;
using System.Globalization;

namespace SeverityEngine.Saliency;

/// <summary>
/// A picture that explains itself: the X-ray, the X-ray under the map, a bar of the map's colors with its ends, and below them what was
/// found, by which model, and that it is for research alone. It tells nothing of a DICOM header.
/// </summary>
static class SaliencyPanel
{
    /// <summary>The longest side of the X-ray in a panel; a larger one is shown smaller by a whole factor.</summary>
    public const int MostPixels = 2048;

    const byte Ground = 24;

    static ReadOnlySpan<byte> Ink => [230, 230, 230];

    /// <summary>Draws a panel.</summary>
    /// <param name="map">The map.</param>
    /// <param name="model">The model that it explains.</param>
    /// <param name="name">What the image is called, without its folders.</param>
    /// <param name="original">The image, to show it whole; an empty view for the network's input.</param>
    /// <param name="end">The value of the last color; null for the map's largest.</param>
    public static RgbCanvas Draw(SaliencyMap map, ModelInfo model, string name, in XRayPixels original, float? end)
    {
        PicturePair pair = PicturePair.Draw(map, original, MostPixels, end);
        return Compose(pair, Texts(map, model, name, end));
    }

    /// <summary>How many lines of text stand below a panel's pictures.</summary>
    /// <param name="isOutside">Whether the image is outside the model's domain, which takes a line.</param>
    public static int LinesBelow(bool isOutside) => isOutside ? 6 : 5;

    static RgbCanvas Compose(PicturePair pair, PanelTexts texts)
    {
        (int width, int height) = (pair.Width, pair.Height);
        PanelLayout layout = new(width, height);
        int dot = layout.Dot, gap = layout.Gap, top = layout.Top;
        RgbCanvas canvas = new(layout.CanvasWidth, layout.CanvasHeight(texts.Below.Count), Ground);
        canvas.Write(texts.Name, gap, gap, dot, Ink);
        canvas.Put(pair.Plain, gap, top, width, height);
        canvas.Put(pair.Overlay, layout.MapX, top, width, height);
        // The last color is on top, at the end's value, and the first at the bottom, at 0.
        for (int y = 0; y < layout.BarHeight; y++)
        {
            int step = (int)Math.Min(255, 256L * (layout.BarHeight - 1 - y) / (layout.BarHeight - 1));
            canvas.Fill(layout.BarX, top + y, PanelLayout.BarWidth * dot, 1, Viridis.Colors.Slice(3 * step, 3));
        }
        canvas.Write(texts.End, layout.LabelX, top, dot, Ink);
        canvas.Write("0", layout.LabelX, top + layout.BarHeight - (BitmapFont.Rows * dot), dot, Ink);
        for (int i = 0; i < texts.Below.Count; i++)
            canvas.Write(texts.Below[i], gap, layout.Below + (i * layout.Line), dot, Ink);
        return canvas;
    }

    static PanelTexts Texts(SaliencyMap map, ModelInfo model, string name, float? end)
    {
        SeverityScore score = map.Score;
        string of = map.Options.Target == SaliencyTarget.Opacity ? "opacity" : "geographic extent";
        string what = map.Options.Method == SaliencyMethod.ClassActivation
            ? $"class activation: what each place adds to {of}" : $"squared gradient: where pixels move {of}";
        string scale = end is not null ? "the same scale for every image; they fade out towards 0"
            : map.Peak.Value > 0 ? "up to this map's largest value; they fade out towards 0" : "none, for this map has nothing above 0";
        List<string> below =
        [
            string.Create(CultureInfo.InvariantCulture,
                $"geographic extent {score.GeographicExtent:F2} ({Range(model.GeographicExtentRange)})   "
                + $"opacity {score.Opacity:F2} ({Range(model.OpacityRange)})"),
            $"model: {model.Name} {model.Version}",
            what,
            $"colors: {scale}",
            "research only, not for medical use",
        ];
        if (score.Domain.Verdict == DomainVerdict.Outside)
            below.Insert(1, "outside the model's domain: the scores mean nothing");
        Debug.Assert(below.Count == LinesBelow(score.Domain.Verdict == DomainVerdict.Outside));
        return new PanelTexts(name, (end ?? Math.Max(0, map.Peak.Value)).ToString("G3", CultureInfo.InvariantCulture), below);
    }

    static string Range(ScoreRange range) =>
        string.Create(CultureInfo.InvariantCulture, $"{range.Lowest:G4}-{range.Highest:G4}");

    /// <summary>What a panel says: above the pictures, at the bar's upper end, and below.</summary>
    readonly record struct PanelTexts(string Name, string End, List<string> Below);
}
