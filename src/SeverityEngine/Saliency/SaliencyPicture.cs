using System.Numerics.Tensors;
using SeverityEngine.Interop;
using SeverityEngine.Preprocessing;

namespace SeverityEngine.Saliency;

/// <summary>Draws a map in viridis over an image in gray, which goes from the image's least value, black, to its largest, white.</summary>
static class SaliencyPicture
{
    /// <summary>Draws over the network's input.</summary>
    public static void Draw(ReadOnlySpan<float> map, ReadOnlySpan<float> input, MapColors colors, Span<byte> rgb)
    {
        ColorSteps gray = ColorSteps.Of(input);
        for (int i = 0; i < map.Length; i++)
            colors.Blend(gray.Of(input[i]), map[i], rgb.Slice(3 * i, 3));
    }

    /// <summary>Draws over the whole image: back through the resize (bilinear, pixels as areas) and the center crop.</summary>
    public static void Draw(ReadOnlySpan<float> map, int size, in XRayPixels pixels, MapColors colors, Span<byte> rgb)
    {
        int width = pixels.Width, height = pixels.Height, side = Math.Min(width, height);
        int left = width / 2 - side / 2, top = height / 2 - side / 2;
        float[] memory = new float[width + size + side];
        Span<float> row = memory.AsSpan(0, width), mapRow = memory.AsSpan(width, size), fractions = memory.AsSpan(width + size, side);
        int[] columns = new int[side];
        for (int x = 0; x < side; x++)
            (columns[x], fractions[x]) = Source(x, side, size);
        ColorSteps gray = GrayOf(pixels, row);
        for (int y = 0; y < height; y++)
        {
            ReadRow(pixels, y, row);
            Span<byte> line = rgb.Slice(checked(3 * width * y), 3 * width);
            for (int x = 0; x < width; x++)
                line.Slice(3 * x, 3).Fill((byte)gray.Of(row[x]));
            if (y < top || y >= top + side)
                continue;
            (int first, float fraction) = Source(y - top, side, size);
            int second = Math.Min(first + 1, size - 1);
            TensorPrimitives.Lerp(map.Slice(first * size, size), map.Slice(second * size, size), fraction, mapRow);
            for (int x = 0; x < side; x++)
            {
                int column = columns[x];
                float value = mapRow[column] + ((mapRow[Math.Min(column + 1, size - 1)] - mapRow[column]) * fractions[x]);
                Span<byte> pixel = line.Slice(3 * (left + x), 3);
                colors.Blend(pixel[0], value, pixel);
            }
        }
    }

    /// <summary>The place of the map that a pixel of the crop reads, and how far it lies towards the next.</summary>
    static (int First, float Fraction) Source(int pixel, int side, int size)
    {
        double place = Math.Clamp(((pixel + 0.5) * size / side) - 0.5, 0, size - 1);
        return ((int)place, (float)(place - (int)place));
    }

    static ColorSteps GrayOf(in XRayPixels pixels, Span<float> row)
    {
        float least = float.PositiveInfinity, largest = float.NegativeInfinity;
        for (int y = 0; y < pixels.Height; y++)
        {
            ReadRow(pixels, y, row);
            least = Math.Min(least, TensorPrimitives.Min<float>(row));
            largest = Math.Max(largest, TensorPrimitives.Max<float>(row));
        }
        return new ColorSteps(least, largest);
    }

    /// <summary>A row's values, channel 0.</summary>
    public static void ReadRow(in XRayPixels pixels, int y, Span<float> row) =>
        PixelRow.For(Cpu.Kernels).ToSingle(pixels.Data[checked((int)((long)y * pixels.Stride))..], pixels.Format, row);
}
