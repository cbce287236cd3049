using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// A 3 x 3 convolution by Winograd's F(4x4, 3x3): a quarter of the multiplications. Stride 1, one pixel of zeros around the image; pixels
/// <c>[N, H, W, channels]</c>. Its numbers differ from a plain convolution's in rounding: by some 1e-6 of the largest.
/// </summary>
sealed unsafe class WinogradKernel : ConvolutionKernel
{
    /// <summary>
    /// Tiles that one part of the work takes together, with operands that stay in a core's own cache: one product of the widest arithmetic,
    /// two of the others.
    /// </summary>
    const int TilesOfPart = 12;

    readonly AlignedBuffer _weights;

    /// <summary>Transforms the weights.</summary>
    /// <param name="weights"><c>[outputs, inputs, 3, 3]</c>.</param>
    /// <param name="outputs">Channels that are made, a multiple of the arithmetic's columns.</param>
    /// <param name="inputs">Channels that are read, a multiple of its lanes.</param>
    /// <param name="arithmetic">What computes.</param>
    public WinogradKernel(ReadOnlySpan<float> weights, int outputs, int inputs, Arithmetic arithmetic)
        : base(weights, outputs, inputs, arithmetic)
    {
        _weights = new AlignedBuffer(checked(WinogradArithmetic.Products * inputs * outputs), zeroed: false);
        float* transformed = (float*)_weights.Address;
        fixed (float* given = weights)
        {
            for (int o = 0; o < outputs; o += arithmetic.Columns)
            {
                for (int i = 0; i < inputs; i++)
                {
                    WinogradWeights.Transform(given + (((nint)o * inputs) + i) * 9, (nint)inputs * 9, arithmetic.Columns,
                        transformed + (((nint)o * inputs) + (i * arithmetic.Columns)), (nint)inputs * outputs);
                }
            }
        }
    }

    public override int ScratchLength => WinogradArithmetic.ScratchLength(TilesOfPart, Inputs, Outputs);

    public override int PartsOf(int images, int height, int width)
    {
        int parts = (TilesOf(images, height, width) + TilesOfPart - 1) / TilesOfPart;
        return parts == 1 ? 1 : parts + (parts % 2);
    }

    public override void Run(float* input, float* output, nint outputStride, int images, int height, int width, int part, float* scratch)
    {
        int tiles = TilesOf(images, height, width), parts = PartsOf(images, height, width);
        // Parts of equal size, rather than full ones and a rest.
        int first = (int)((long)tiles * part / parts);
        Arithmetic.Convolve(new WinogradPart
        {
            Input = input,
            Output = output,
            OutputStride = outputStride,
            Weights = (float*)_weights.Address,
            Scratch = scratch,
            Inputs = Inputs,
            Outputs = Outputs,
            Height = height,
            Width = width,
            First = first,
            Tiles = (int)((long)tiles * (part + 1) / parts) - first,
        });
    }

    public override void Dispose() => _weights.Dispose();

    static int TilesOf(int images, int height, int width) =>
        checked(images * WinogradArithmetic.Along(height) * WinogradArithmetic.Along(width));
}
