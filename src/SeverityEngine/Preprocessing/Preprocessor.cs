using System.Numerics.Tensors;
using SeverityEngine.Interop;

namespace SeverityEngine.Preprocessing;

/// <summary>
/// Pixels to the network's input: normalize, center crop to a square, anti-aliased resize. One pass over the pixels, straight into the
/// caller's memory. An instance owns its scratch memory and serves one caller at a time.
/// </summary>
/// <remarks>
/// The normalization <c>(2 v / max - 1) 1024</c> is affine, so the resize works on the pixels' own values and the affine part is applied
/// to the few outputs; the outside is 0 after normalization, so the weights' sums say how much of the -1024 each output has.
/// </remarks>
sealed class Preprocessor
{
    /// <summary>
    /// The network's input runs from -1024 to 1024 (torchxrayvision's convention, which the published weights were trained with).
    /// </summary>
    public const float Amplitude = 1024;

    readonly int _size;
    readonly PixelRow _pixels = PixelRow.For(Cpu.Kernels);
    float[] _scratch = [];

    /// <param name="size">Width and height of the network's input, S.</param>
    public Preprocessor(int size) => _size = size;

    /// <summary>Writes the network's input for an image, S x S values from about -1024 to 1024.</summary>
    public void Run(in XRayPixels pixels, Span<float> destination)
    {
        int side = Math.Min(pixels.Width, pixels.Height);
        int left = pixels.Width / 2 - side / 2;
        int top = pixels.Height / 2 - side / 2;
        ResampleWeights weights = ResampleWeights.For(side, _size);

        int scratchLength = (1 + weights.MaxOverlap) * side;
        if (_scratch.Length < scratchLength)
            _scratch = GC.AllocateUninitializedArray<float>(scratchLength);
        Span<float> row = _scratch.AsSpan(0, side);
        Span<float> sums = _scratch.AsSpan(side, weights.MaxOverlap * side);
        destination = destination[..(_size * _size)];

        float lowest = float.PositiveInfinity, highest = float.NegativeInfinity;
        int first = 0, next = 0; // outputs first..next-1 have begun and are not finished
        for (int y = 0; y < side; y++)
        {
            int offset = checked((int)((top + y) * (long)pixels.Stride + (long)left * pixels.BytesPerPixel));
            ReadOnlySpan<byte> source = pixels.Data[offset..];
            _pixels.ToSingle(source, pixels.Format, row);
            (float low, float high) = PixelRow.Range(source, pixels.Format, row);
            lowest = Math.Min(lowest, low);
            highest = Math.Max(highest, high);

            for (int i = first; i < next; i++)
            {
                Span<float> sum = SumOf(i, sums, side, weights);
                TensorPrimitives.MultiplyAdd(row, weights.Weights(i)[y - weights.Start(i)], sum, sum);
            }
            for (; next < _size && weights.Start(next) == y; next++)
                TensorPrimitives.Multiply(row, weights.Weights(next)[0], SumOf(next, sums, side, weights));
            for (; first < next && weights.End(first) == y + 1; first++)
                FinishRow(first, SumOf(first, sums, side, weights), weights, pixels.MaxValue, destination.Slice(first * _size, _size));
        }
        Clip(destination, Normalize(lowest, pixels.MaxValue), Normalize(highest, pixels.MaxValue));
    }

    /// <summary>The second axis: a filtered row of the crop becomes a row of the output.</summary>
    void FinishRow(int y, ReadOnlySpan<float> row, ResampleWeights weights, int maxValue, Span<float> destination)
    {
        float scale = 2 * Amplitude / maxValue;
        float offset = Amplitude * weights.Sum(y);
        for (int x = 0; x < _size; x++)
        {
            ReadOnlySpan<float> run = weights.Weights(x);
            destination[x] = scale * TensorPrimitives.Dot(row.Slice(weights.Start(x), run.Length), run) - offset * weights.Sum(x);
        }
    }

    /// <summary>
    /// scikit-image's clip: to the picture's own range, extended to hold 0 where padding brought 0 into the result's range.
    /// </summary>
    static void Clip(Span<float> values, float lowest, float highest)
    {
        bool zeroOutside = !(lowest <= 0 && 0 <= highest);
        if (zeroOutside && TensorPrimitives.Min<float>(values) <= 0 && 0 <= TensorPrimitives.Max<float>(values))
        {
            lowest = Math.Min(lowest, 0);
            highest = Math.Max(highest, 0);
        }
        TensorPrimitives.Clamp(values, lowest, highest, values);
    }

    /// <summary>The running sum of an output row; unfinished rows are neighbors, so a ring of the largest overlap holds them all.</summary>
    static Span<float> SumOf(int output, Span<float> sums, int side, ResampleWeights weights) =>
        sums.Slice(output % weights.MaxOverlap * side, side);

    static float Normalize(float value, int maxValue) => (2 * (value / maxValue) - 1) * Amplitude;
}
