using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// A DenseNet's layer: normalization, ReLU, a 1 x 1 convolution, ReLU and a 3 x 3 convolution, whose results
/// go behind the channels that they are made of. Pixels <c>[H, W, channels]</c>.
/// </summary>
sealed unsafe class DenseLayerKernel : IDisposable
{
    /// <summary>
    /// Pixels that one part of the first half takes together, whole products of every arithmetic: enough that weights are read from memory
    /// seldom, and few enough that the pixels stay in a core's own cache.
    /// </summary>
    const int PixelsOfPart = 48;

    readonly AlignedBuffer _first;
    readonly Arithmetic _arithmetic;
    readonly ConvolutionKernel _second;

    /// <summary>Arranges the weights.</summary>
    /// <param name="scale">The normalization's factors, one for each channel that is read.</param>
    /// <param name="shift">What it adds to each.</param>
    /// <param name="weights">The 1 x 1 convolution's, <c>[middle, inputs]</c>.</param>
    /// <param name="bias">What is added to each of its results.</param>
    /// <param name="second">The 3 x 3 convolution.</param>
    /// <param name="kernels">Whose arithmetic computes.</param>
    public DenseLayerKernel(ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias,
        ConvolutionKernel second, KernelSet kernels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(shift.Length, scale.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bias.Length, second.Inputs);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, checked(scale.Length * second.Inputs));
        _arithmetic = Arithmetics.For(kernels, scale.Length, second.Inputs)
            ?? throw new ArgumentException($"no vectors divide {scale.Length} and {second.Inputs} channels", nameof(kernels));
        _second = second;
        Inputs = scale.Length;
        int columns = _arithmetic.Columns;
        _first = new AlignedBuffer(checked(weights.Length + (2 * Inputs) + Middle), zeroed: false);
        for (int o = 0; o < Middle; o++)
        {
            float* panel = Weights + ((nint)(o / columns) * Inputs * columns) + (o % columns);
            for (int i = 0; i < Inputs; i++)
                panel[i * columns] = weights[(o * Inputs) + i];
        }
        scale.CopyTo(new Span<float>(Scale, Inputs));
        shift.CopyTo(new Span<float>(Shift, Inputs));
        bias.CopyTo(new Span<float>(Bias, Middle));
    }

    /// <summary>Channels that are read.</summary>
    public int Inputs { get; }

    /// <summary>Channels between the convolutions.</summary>
    public int Middle => _second.Inputs;

    /// <summary>Channels that are made.</summary>
    public int Outputs => _second.Outputs;

    /// <summary>Floats that one part of the work needs beside its input and output.</summary>
    public int ScratchLength => Math.Max(BottleneckArithmetic.ScratchLength(PixelsOfPart, Inputs), _second.ScratchLength);

    float* Weights => (float*)_first.Address;

    float* Scale => Weights + ((nint)Inputs * Middle);

    float* Shift => Scale + Inputs;

    float* Bias => Shift + Inputs;

    /// <summary>How many parts the first half is done in, an even number for two threads; they are independent of each other.</summary>
    public static int FirstPartsOf(int pixels) => 2 * ((pixels + (2 * PixelsOfPart) - 1) / (2 * PixelsOfPart));

    /// <summary>How many parts the second half is done in, once the first is done.</summary>
    public int SecondPartsOf(int height, int width) => _second.PartsOf(1, height, width);

    /// <summary>Does one part of the first half.</summary>
    /// <param name="image">The image.</param>
    /// <param name="stride">Channels of a pixel, of which the first <see cref="Inputs"/> are read.</param>
    /// <param name="middle">Takes the results, <c>[pixels, Middle]</c>.</param>
    /// <param name="pixels">Pixels of the image.</param>
    /// <param name="part">Which part, from 0 on.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, aligned to a cache line.</param>
    public void RunFirst(float* image, nint stride, float* middle, int pixels, int part, float* scratch)
    {
        int parts = FirstPartsOf(pixels);
        nint first = (nint)((long)pixels * part / parts);
        _arithmetic.Convolve(new BottleneckPart
        {
            Input = image + (first * stride),
            InputStride = stride,
            Output = middle + (first * Middle),
            Scale = Scale,
            Shift = Shift,
            Weights = Weights,
            Bias = Bias,
            Scratch = scratch,
            Inputs = Inputs,
            Outputs = Middle,
            Pixels = (int)(((long)pixels * (part + 1) / parts) - first),
        });
    }

    /// <summary>Does one part of the second half.</summary>
    /// <param name="middle">What the first half made.</param>
    /// <param name="image">The image: its channels behind <see cref="Inputs"/> take the results.</param>
    /// <param name="stride">Channels of a pixel.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="part">Which part, from 0 on.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, aligned to a cache line.</param>
    public void RunSecond(float* middle, float* image, nint stride, int height, int width, int part, float* scratch) =>
        _second.Run(middle, image + Inputs, stride, 1, height, width, part, scratch);

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
