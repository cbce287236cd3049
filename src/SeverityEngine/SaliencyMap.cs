using System.Numerics.Tensors;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.IO;
using SeverityEngine.Saliency;

namespace SeverityEngine;

/// <summary>
/// Where a model looked for one score: a value for each pixel of the network's input, which is the image's center square. Research only,
/// not for medical use.
/// </summary>
public sealed class SaliencyMap
{
    /// <summary>What its pictures say that they are, so that no other picture is replaced by one.</summary>
    internal const string Software = "Severity Engine saliency map";

    /// <summary>What its panels say that they are.</summary>
    internal const string PanelSoftware = "Severity Engine saliency panel";

    readonly float[] _values;
    readonly float[] _input;

    internal SaliencyMap(SeverityScore score, SaliencyOptions options, int size, float[] values, float[] input)
    {
        Score = score;
        Options = options;
        Width = Height = size;
        _values = values;
        _input = input;
        int peak = TensorPrimitives.IndexOfMax<float>(values);
        Peak = new SaliencyPeak(peak % size, peak / size, values[peak]);
        (LeftHalfShare, RightHalfShare) = Halves(values, size);
    }

    /// <summary>The scores of the image.</summary>
    public SeverityScore Score { get; }

    /// <summary>What the map explains, and how it was made.</summary>
    public SaliencyOptions Options { get; }

    /// <summary>Columns, as many as the network's input has.</summary>
    public int Width { get; }

    /// <summary>Rows, as many as the network's input has.</summary>
    public int Height { get; }

    /// <summary>
    /// The values, row after row, top row first. A gradient map is 0 or larger, in squared units of the score for a unit of the input; a
    /// class activation map also has negative values, where a place speaks against the score.
    /// </summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>The largest value and its place.</summary>
    public SaliencyPeak Peak { get; }

    /// <summary>
    /// The share of the positive values that lies in the left half of the picture, 0 to 1; on a frontal X-ray as usually shown that is the
    /// patient's right lung. A middle column counts half for each side. 0 where nothing is positive.
    /// </summary>
    public double LeftHalfShare { get; }

    /// <summary>The share of the positive values that lies in the right half of the picture, as <see cref="LeftHalfShare"/>.</summary>
    public double RightHalfShare { get; }

    /// <summary>The network's input, row after row, -1024 to 1024.</summary>
    internal ReadOnlySpan<float> Input => _input;

    /// <summary>
    /// Draws the map in viridis over the network's input in gray, from its least to its largest value. As published the map goes from its
    /// own least to its own largest value, half transparent. With an end it goes from 0 to there, so that maps can be compared, and what
    /// is near 0 lets the X-ray through: the color's part is 0 at 0, grows evenly to 70 % at half of the end, and stays there.
    /// </summary>
    /// <param name="rgb">Takes red, green and blue of <see cref="Width"/> x <see cref="Height"/> pixels.</param>
    /// <param name="end">The value of the last color, above 0, as <see cref="SaliencyOptions.AbsoluteEnd"/>; null for the published look.
    /// </param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a span of another length, or an end that is not above 0.
    /// </exception>
    public void Draw(Span<byte> rgb, float? end = null)
    {
        CheckLength(rgb.Length, Width, Height);
        SaliencyPicture.Draw(_values, _input, Colors(end), rgb);
    }

    /// <summary>
    /// Draws the map over the image that it is of, at its own size. Outside the center square that the network sees there is gray alone.
    /// </summary>
    /// <param name="original">The image that the map was made of.</param>
    /// <param name="rgb">Takes red, green and blue of as many pixels as the image has.</param>
    /// <param name="end">As for <see cref="Draw(Span{byte}, float?)"/>.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a span of another length, an empty view, or an end that is not above 0.
    /// </exception>
    public void Draw(in XRayPixels original, Span<byte> rgb, float? end = null)
    {
        CheckImage(original);
        CheckLength(rgb.Length, original.Width, original.Height);
        SaliencyPicture.Draw(_values, Width, original, Colors(end), rgb);
    }

    /// <summary>Writes the map over the network's input as a picture; see <see cref="Draw(Span{byte}, float?)"/>.</summary>
    /// <param name="path">A PNG or JPEG file, by its ending.</param>
    /// <param name="end">As for <see cref="Draw(Span{byte}, float?)"/>.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for another ending, or an end that is not above 0,
    /// <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void Save(string path, float? end = null)
    {
        PictureFormat format = ImageWriter.FormatOf(path);
        using AtomicFile file = AtomicFile.Create(path);
        Write(file, format, end);
        file.Complete();
    }

    /// <summary>Writes what <see cref="Save(string, float?)"/> does to a stream, which stays open.</summary>
    internal void Write(Stream stream, PictureFormat format, float? end = null)
    {
        byte[] rgb = new byte[3 * Width * Height];
        Draw(rgb, end);
        ImageWriter.Write(stream, new PixelBlock(rgb, Width, Height, channels: 3, bytesPerSample: 1), format, Software);
    }

    /// <summary>Writes the map over the whole image as a picture; see <see cref="Draw(in XRayPixels, Span{byte}, float?)"/>.</summary>
    /// <param name="path">A PNG or JPEG file, by its ending.</param>
    /// <param name="original">The image that the map was made of.</param>
    /// <param name="end">As for <see cref="Draw(Span{byte}, float?)"/>.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for another ending, an image too large to be drawn, or an end that is not above 0,
    /// <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void Save(string path, in XRayPixels original, float? end = null)
    {
        ImageWriter.FormatOf(path);
        long bytes = 3L * original.Width * original.Height;
        if (bytes > Array.MaxLength)
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{path}: an image of {original.Width} x {original.Height} is too large for a picture in color");
        byte[] rgb = GC.AllocateUninitializedArray<byte>((int)bytes);
        Draw(original, rgb, end);
        ImageWriter.SaveRgb(path, rgb, original.Width, original.Height, Software);
    }

    /// <summary>
    /// Writes a panel: the network's input and the map over it side by side, a bar of the colors with its ends, the image's name, both
    /// scores, the model, and what the map explains. The map's values become colors from 0 on; see <see cref="Draw(Span{byte}, float?)"/>.
    /// </summary>
    /// <param name="path">A PNG or JPEG file, by its ending.</param>
    /// <param name="model">The model that made the map.</param>
    /// <param name="name">What the panel calls the image.</param>
    /// <param name="end">The value of the last color, above 0; null for the map's largest.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for another ending, or an end that is not above 0,
    /// <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void SavePanel(string path, ModelInfo model, string name, float? end = null) => SavePanelOf(path, model, name, default, end);

    /// <summary>
    /// Writes a panel of the whole image; see <see cref="SavePanel(string, ModelInfo, string, float?)"/>. An image of more than 2048
    /// pixels a side is shown smaller by the least whole factor that is enough.
    /// </summary>
    /// <param name="path">A PNG or JPEG file, by its ending.</param>
    /// <param name="original">The image that the map was made of.</param>
    /// <param name="model">The model that made the map.</param>
    /// <param name="name">What the panel calls the image.</param>
    /// <param name="end">The value of the last color, above 0; null for the map's largest.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for another ending, an empty view, or an end that is not above 0,
    /// <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void SavePanel(string path, in XRayPixels original, ModelInfo model, string name, float? end = null)
    {
        CheckImage(original);
        SavePanelOf(path, model, name, original, end);
    }

    /// <summary>Draws a panel, over the network's input where the view of the image is empty.</summary>
    internal RgbCanvas Panel(ModelInfo model, string name, in XRayPixels original, float? end)
    {
        CheckEnd(end);
        return SaliencyPanel.Draw(this, model, name, original, end);
    }

    void SavePanelOf(string path, ModelInfo model, string name, in XRayPixels original, float? end)
    {
        ImageWriter.FormatOf(path);
        RgbCanvas panel = Panel(model, name, original, end);
        ImageWriter.SaveRgb(path, panel.Rgb, panel.Width, panel.Height, PanelSoftware);
    }

    MapColors Colors(float? end)
    {
        CheckEnd(end);
        return end is null ? MapColors.Even(_values) : MapColors.ByValue(end.Value);
    }

    static (double Left, double Right) Halves(ReadOnlySpan<float> values, int size)
    {
        double left = 0, right = 0;
        for (int y = 0; y < size; y++)
        {
            ReadOnlySpan<float> row = values.Slice(y * size, size);
            for (int x = 0; x < size; x++)
            {
                double positive = Math.Max(0, row[x]);
                double share = 2 * x + 1 == size ? 0.5 : 2 * x + 1 < size ? 1 : 0;
                left += share * positive;
                right += (1 - share) * positive;
            }
        }
        double all = left + right;
        return all > 0 ? (left / all, right / all) : (0, 0);
    }

    static void CheckImage(in XRayPixels original)
    {
        if (original.Width == 0)
            throw new SeverityException(SeverityError.InvalidArgument, "the view of pixels is empty; make it with its constructor");
    }

    static void CheckEnd(float? end)
    {
        if (end is { } value && !(value > 0 && float.IsFinite(value)))
            throw new SeverityException(SeverityError.InvalidArgument, $"colors that end at {value}: the end must be a number above 0");
    }

    static void CheckLength(int given, int width, int height)
    {
        long needed = 3L * width * height;
        if (given != needed)
            throw new SeverityException(SeverityError.InvalidArgument,
                $"a picture of {width} x {height} pixels takes {needed} bytes, but there is room for {given}");
    }
}

/// <summary>The place of a saliency map with the largest value; of equal ones the first.</summary>
/// <param name="X">Its column, from the left.</param>
/// <param name="Y">Its row, from the top.</param>
/// <param name="Value">The value there.</param>
public readonly record struct SaliencyPeak(int X, int Y, float Value);
