using System.Numerics.Tensors;
using SeverityEngine.Interop;
using SeverityEngine.Preprocessing;

namespace SeverityEngine.Saliency;

/// <summary>
/// Draws a map in viridis, half transparent, over an image in gray. Values become one of 256 steps from the least to the largest, as
/// matplotlib draws them; where all are equal, the first.
/// </summary>
static class SaliencyPicture
{
    /// <summary>Draws over the network's input.</summary>
    public static void Draw(ReadOnlySpan<float> map, ReadOnlySpan<float> input, Span<byte> rgb)
    {
        Scale color = Scale.Of(map), gray = Scale.Of(input);
        for (int i = 0; i < map.Length; i++)
            Blend(gray.Step(input[i]), color.Step(map[i]), rgb.Slice(3 * i, 3));
    }

    /// <summary>Draws over the whole image: back through the resize (bilinear, pixels as areas) and the center crop.</summary>
    public static void Draw(ReadOnlySpan<float> map, int size, in XRayPixels pixels, Span<byte> rgb)
    {
        int width = pixels.Width, height = pixels.Height, side = Math.Min(width, height);
        int left = width / 2 - side / 2, top = height / 2 - side / 2;
        float[] memory = new float[width + size + side];
        Span<float> row = memory.AsSpan(0, width), mapRow = memory.AsSpan(width, size), fractions = memory.AsSpan(width + size, side);
        int[] columns = new int[side];
        for (int x = 0; x < side; x++)
            (columns[x], fractions[x]) = Source(x, side, size);
        Scale color = Scale.Of(map), gray = GrayOf(pixels, row);
        for (int y = 0; y < height; y++)
        {
            ReadRow(pixels, y, row);
            Span<byte> line = rgb.Slice(checked(3 * width * y), 3 * width);
            for (int x = 0; x < width; x++)
                line.Slice(3 * x, 3).Fill((byte)gray.Step(row[x]));
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
                Blend(pixel[0], color.Step(value), pixel);
            }
        }
    }

    /// <summary>The place of the map that a pixel of the crop reads, and how far it lies towards the next.</summary>
    static (int First, float Fraction) Source(int pixel, int side, int size)
    {
        double place = Math.Clamp(((pixel + 0.5) * size / side) - 0.5, 0, size - 1);
        return ((int)place, (float)(place - (int)place));
    }

    static Scale GrayOf(in XRayPixels pixels, Span<float> row)
    {
        float least = float.PositiveInfinity, largest = float.NegativeInfinity;
        for (int y = 0; y < pixels.Height; y++)
        {
            ReadRow(pixels, y, row);
            least = Math.Min(least, TensorPrimitives.Min<float>(row));
            largest = Math.Max(largest, TensorPrimitives.Max<float>(row));
        }
        return new Scale(least, largest);
    }

    static void ReadRow(in XRayPixels pixels, int y, Span<float> row) =>
        PixelRow.For(Cpu.Kernels).ToSingle(pixels.Data[checked((int)((long)y * pixels.Stride))..], pixels.Format, row);

    /// <summary>Half of the one and half of the other.</summary>
    static void Blend(int gray, int step, Span<byte> pixel)
    {
        ReadOnlySpan<byte> color = Viridis.Colors.Slice(3 * step, 3);
        for (int i = 0; i < 3; i++)
            pixel[i] = (byte)((gray + color[i] + 1) / 2);
    }

    readonly struct Scale(float least, float largest)
    {
        readonly float _least = least;
        readonly float _factor = largest > least ? 256 / (largest - least) : 0;

        public static Scale Of(ReadOnlySpan<float> values) => new(TensorPrimitives.Min(values), TensorPrimitives.Max(values));

        public int Step(float value) => Math.Clamp((int)((value - _least) * _factor), 0, 255);
    }
}
