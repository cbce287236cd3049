using System.Numerics.Tensors;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.Imaging.Png;
using SeverityEngine.Saliency;

namespace SeverityEngine.Evaluation.Report;

/// <summary>A part of a picture, in pixels.</summary>
readonly record struct PictureArea(int X, int Y, int Width, int Height);

/// <summary>A picture as a page shows it: at most <see cref="MostPixels"/> a side, as a JPEG without anything about its source.</summary>
/// <param name="Jpeg">The file.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
sealed record SmallPicture(byte[] Jpeg, int Width, int Height)
{
    /// <summary>The longest side.</summary>
    public const int MostPixels = 96;

    /// <summary>
    /// JPEG quality. An X-ray at 60 and a map at 50 take some 3 KB together, so that 10,000 of them stay below 60 MB in base64; the colors
    /// of a map need less than an X-ray's edges.
    /// </summary>
    const int XRayQuality = 60, MapQuality = 50;

    /// <summary>Makes an X-ray small, in gray from its darkest to its brightest place: 12 bits in 16 would be black else.</summary>
    public static SmallPicture OfXRay(in XRayPixels pixels)
    {
        AreaMeans means = new(new PictureArea(0, 0, pixels.Width, pixels.Height), channels: 1);
        float[] row = new float[pixels.Width];
        for (int y = 0; y < pixels.Height; y++)
        {
            SaliencyPicture.ReadRow(pixels, y, row);
            means.Add(y, row);
        }
        float[] values = means.Values;
        float least = TensorPrimitives.Min<float>(values), largest = TensorPrimitives.Max<float>(values);
        // A picture of one value is shown as bright as it is.
        (float black, float white) = largest > least ? (least, largest) : (0, Math.Max(1, pixels.MaxValue));
        byte[] gray = [.. values.Select(v => (byte)Math.Clamp((255 * (v - black) / (white - black)) + 0.5f, 0, 255))];
        return Encode(gray, means, 1, XRayQuality);
    }

    /// <summary>Makes a saliency map small.</summary>
    /// <param name="file">A PNG that <see cref="PngColorPicture.SizeOf"/> knows.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What is refused.</param>
    /// <param name="area">The part of it that is the map.</param>
    /// <exception cref="SeverityException">It is truncated or corrupt.</exception>
    public static SmallPicture OfMap(ReadOnlySpan<byte> file, string name, ImageLimits limits, PictureArea area)
    {
        AreaMeans means = new(area, channels: 3);
        float[] row = new float[3 * area.Width];
        PngColorPicture.Decode(file, name, limits, (y, rgb) =>
        {
            if (y < area.Y || y >= area.Y + area.Height)
                return;
            TensorPrimitives.ConvertChecked<byte, float>(rgb.Slice(3 * area.X, row.Length), row);
            means.Add(y - area.Y, row);
        });
        return Encode([.. means.Values.Select(v => (byte)(v + 0.5f))], means, 3, MapQuality);
    }

    static SmallPicture Encode(byte[] pixels, AreaMeans means, int channels, int quality)
    {
        using MemoryStream jpeg = new();
        ImageWriter.Write(jpeg, new PixelBlock(pixels, means.Width, means.Height, channels, bytesPerSample: 1), PictureFormat.Jpeg,
            software: null, quality);
        return new SmallPicture(jpeg.ToArray(), means.Width, means.Height);
    }
}

/// <summary>Means over the areas of a picture that become the pixels of a smaller one; the picture comes row by row.</summary>
sealed class AreaMeans
{
    readonly int _sourceWidth, _sourceHeight, _channels;
    readonly double[] _sums;

    public AreaMeans(PictureArea source, int channels)
    {
        (_sourceWidth, _sourceHeight, _channels) = (source.Width, source.Height, channels);
        double scale = Math.Min(1, (double)SmallPicture.MostPixels / Math.Max(source.Width, source.Height));
        Width = Math.Max(1, (int)Math.Round(scale * source.Width));
        Height = Math.Max(1, (int)Math.Round(scale * source.Height));
        _sums = new double[channels * Width * Height];
    }

    /// <summary>Pixels in a row of the smaller picture.</summary>
    public int Width { get; }

    /// <summary>Its rows.</summary>
    public int Height { get; }

    /// <summary>The means, once every row has come: row after row, a pixel's channels beside each other.</summary>
    public float[] Values
    {
        get
        {
            float[] values = new float[_sums.Length];
            for (int i = 0; i < values.Length; i++)
            {
                int x = i / _channels % Width, y = i / _channels / Width;
                values[i] = (float)(_sums[i] / (Length(x, Width, _sourceWidth) * Length(y, Height, _sourceHeight)));
            }
            return values;
        }
    }

    /// <summary>Takes a row.</summary>
    public void Add(int y, ReadOnlySpan<float> row)
    {
        // The one row of the smaller picture whose part of the source, from its Start to the next one's, holds y.
        int target = (int)(((((long)y + 1) * Height) - 1) / _sourceHeight);
        Span<double> sums = _sums.AsSpan(target * Width * _channels, Width * _channels);
        for (int x = 0; x < Width; x++)
        {
            int from = Start(x, Width, _sourceWidth), to = Start(x + 1, Width, _sourceWidth);
            for (int channel = 0; channel < _channels; channel++)
            {
                double sum = 0;
                for (int i = from; i < to; i++)
                    sum += row[(i * _channels) + channel];
                sums[(x * _channels) + channel] += sum;
            }
        }
    }

    static int Start(int pixel, int size, int sourceSize) => (int)((long)pixel * sourceSize / size);

    static int Length(int pixel, int size, int sourceSize) => Start(pixel + 1, size, sourceSize) - Start(pixel, size, sourceSize);
}
