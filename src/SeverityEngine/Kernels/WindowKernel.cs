using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// A 3 x 3 convolution of a small image by its definition. It takes four times the multiplications of Winograd's algorithm, which makes so
/// few tiles of the image that one thread does them all, and which reads four times the weights: with few pixels they take longer to come
/// from memory than to be multiplied.
/// </summary>
sealed unsafe class WindowKernel : ConvolutionKernel
{
    const int Taps = 9;

    /// <summary>
    /// Tiles of Winograd's algorithm up to which this is used. For 4 of them, 128 channels to 32, it took 18 microseconds on one thread of
    /// a Zen 5 where that took 14; but two threads share it.
    /// </summary>
    const int MostTiles = 4;

    /// <summary>Rows and columns of such images at most, whatever their shape.</summary>
    const int MostPixels = 16;

    /// <summary>
    /// Pixels of a part with those around them, at most: half of an image of 4 rows of 16, and a pixel on each side.
    /// </summary>
    const int MostSurrounded = ((4 / 2) + 2) * (MostPixels + 2);

    readonly AlignedBuffer _weights;

    /// <summary>Arranges the weights.</summary>
    /// <param name="weights"><c>[outputs, inputs, 3, 3]</c>.</param>
    /// <param name="outputs">Channels that are made, a multiple of the arithmetic's columns.</param>
    /// <param name="inputs">Channels that are read, a multiple of its lanes.</param>
    /// <param name="arithmetic">What computes.</param>
    public WindowKernel(ReadOnlySpan<float> weights, int outputs, int inputs, Arithmetic arithmetic)
        : base(weights, outputs, inputs, arithmetic)
    {
        int columns = arithmetic.Columns;
        _weights = new AlignedBuffer(weights.Length, zeroed: false);
        float* arranged = (float*)_weights.Address;
        for (int o = 0; o < outputs; o++)
        {
            float* panel = arranged + ((nint)(o / columns) * Taps * inputs * columns) + (o % columns);
            for (int i = 0; i < inputs; i++)
            {
                for (int tap = 0; tap < Taps; tap++)
                    panel[(((nint)tap * inputs) + i) * columns] = weights[(((o * inputs) + i) * Taps) + tap];
            }
        }
    }

    /// <summary>The rows of a part with what is around them.</summary>
    public override int ScratchLength => MostSurrounded * Inputs;

    /// <summary>Whether images of this size are small.</summary>
    public static bool Suits(long height, long width) =>
        height is > 0 and <= MostPixels && width is > 0 and <= MostPixels
        && WinogradArithmetic.Along((int)height) * WinogradArithmetic.Along((int)width) <= MostTiles;

    public override int PartsOf(int images, int height, int width) => height == 1 ? images : checked(2 * images);

    /// <summary>
    /// With zeros around it, an image's window is three runs of numbers: three pixels of each of three rows. So a row of the image is a
    /// matrix of windows that overlap, and needs not be written out.
    /// </summary>
    public override void Run(float* input, float* output, nint outputStride, int images, int height, int width, int part, float* scratch)
    {
        if (!Suits(height, width))
            throw new ArgumentOutOfRangeException(nameof(height), $"an image of {width} x {height} pixels is none of the small ones");
        int partsOfImage = PartsOf(1, height, width);
        (int image, int half) = Math.DivRem(part, partsOfImage);
        int first = height * half / partsOfImage, end = height * (half + 1) / partsOfImage, stride = (width + 2) * Inputs;
        Surround(input + ((nint)image * height * width * Inputs), first, end, height, width, scratch);
        for (int row = first; row < end; row++)
        {
            Arithmetic.Multiply(new ProductPart
            {
                A = scratch + ((row - first) * stride),
                AStride = Inputs,
                Runs = new Runs(3 * Inputs, 3, stride - (3 * Inputs)),
                Panels = (float*)_weights.Address,
                C = output + ((((nint)image * height) + row) * width * outputStride),
                CStride = outputStride,
                Rows = width,
                Columns = Outputs,
            });
        }
    }

    public override void Dispose() => _weights.Dispose();

    /// <summary>Copies rows and what is around them: rows of the image, or zeros.</summary>
    void Surround(float* image, int first, int end, int height, int width, float* to)
    {
        int length = width * Inputs;
        for (int row = first - 1; row <= end; row++, to += length + (2 * Inputs))
        {
            Span<float> line = new(to, length + (2 * Inputs));
            if (row < 0 || row >= height)
            {
                line.Clear();
                continue;
            }
            line[..Inputs].Clear();
            new ReadOnlySpan<float>(image + ((nint)row * length), length).CopyTo(line[Inputs..]);
            line[^Inputs..].Clear();
        }
    }
}
