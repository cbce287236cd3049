using System.Numerics.Tensors;

namespace SeverityEngine.Saliency;

/// <summary>
/// The published system's blur: a Gaussian with sigma 5, cut off at 3.5 sigma (radius 18), the edges replicated; scikit-image's
/// <c>filters.gaussian(map, sigma=(5, 5), truncate=3.5)</c>.
/// </summary>
static class GaussianBlur
{
    const double Sigma = 5;

    /// <summary><c>int(3.5 sigma + 0.5)</c>.</summary>
    public const int Radius = 18;

    static readonly float[] s_weights = Weights();

    /// <summary>Floats of scratch memory that a blur needs.</summary>
    public static int ScratchLength(int size) => (size * size) + size + (2 * Radius);

    /// <summary>Blurs a square map in place.</summary>
    /// <param name="map">The map, size x size.</param>
    /// <param name="size">Its width and height.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public static void Run(Span<float> map, int size, Span<float> scratch)
    {
        Span<float> rows = scratch[..(size * size)], padded = scratch.Slice(size * size, size + (2 * Radius));
        for (int y = 0; y < size; y++)
        {
            ReadOnlySpan<float> source = map.Slice(y * size, size);
            padded[..Radius].Fill(source[0]);
            source.CopyTo(padded[Radius..]);
            padded[(Radius + size)..].Fill(source[^1]);
            Span<float> row = rows.Slice(y * size, size);
            TensorPrimitives.Multiply(source, s_weights[0], row);
            for (int distance = 1; distance <= Radius; distance++)
                AddPair(padded.Slice(Radius - distance, size), padded.Slice(Radius + distance, size), s_weights[distance], row,
                    map.Slice(y * size, size));
        }
        Span<float> sum = padded[..size];
        for (int y = 0; y < size; y++)
        {
            Span<float> row = map.Slice(y * size, size);
            TensorPrimitives.Multiply(rows.Slice(y * size, size), s_weights[0], row);
            for (int distance = 1; distance <= Radius; distance++)
                AddPair(RowOf(rows, y - distance, size), RowOf(rows, y + distance, size), s_weights[distance], row, sum);
        }
    }

    /// <summary>Both sides of the kernel have the same weight: one product for the two.</summary>
    static void AddPair(ReadOnlySpan<float> before, ReadOnlySpan<float> after, float weight, Span<float> row, Span<float> sum)
    {
        TensorPrimitives.Add(before, after, sum);
        TensorPrimitives.MultiplyAdd(sum, weight, row, row);
    }

    static ReadOnlySpan<float> RowOf(ReadOnlySpan<float> rows, int y, int size) => rows.Slice(Math.Clamp(y, 0, size - 1) * size, size);

    /// <summary>The weight at each distance from the center; all of a row's sum to 1.</summary>
    static float[] Weights()
    {
        double[] weights = [.. Enumerable.Range(0, Radius + 1).Select(d => Math.Exp(-d * d / (2 * Sigma * Sigma)))];
        double sum = (2 * weights.Sum()) - weights[0];
        return [.. weights.Select(w => (float)(w / sum))];
    }
}
