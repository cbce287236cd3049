namespace SeverityEngine.Kernels;

/// <summary>A 3 x 3 convolution: stride 1, one pixel of zeros around the image; pixels <c>[N, H, W, channels]</c>.</summary>
abstract unsafe class ConvolutionKernel : IDisposable
{
    /// <param name="weights"><c>[outputs, inputs, 3, 3]</c>.</param>
    /// <param name="outputs">Channels that are made, a multiple of the arithmetic's columns.</param>
    /// <param name="inputs">Channels that are read, a multiple of its lanes.</param>
    /// <param name="arithmetic">What computes.</param>
    protected ConvolutionKernel(ReadOnlySpan<float> weights, int outputs, int inputs, Arithmetic arithmetic)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs % arithmetic.Columns, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs % arithmetic.Lanes, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, checked(outputs * inputs * 9));
        Arithmetic = arithmetic;
        Outputs = outputs;
        Inputs = inputs;
    }

    /// <summary>Channels that are read.</summary>
    public int Inputs { get; }

    /// <summary>Channels that are made.</summary>
    public int Outputs { get; }

    /// <summary>Floats that one part of the work needs beside its input and output.</summary>
    public abstract int ScratchLength { get; }

    /// <summary>What computes.</summary>
    protected Arithmetic Arithmetic { get; }

    /// <summary>How many parts the work is done in, one or an even number for two threads; they are independent of each other.</summary>
    public abstract int PartsOf(int images, int height, int width);

    /// <summary>Does one part of the work.</summary>
    /// <param name="input">The images, <c>[images, height, width, inputs]</c>.</param>
    /// <param name="output">Takes the results, <c>[images, height, width, outputs]</c>.</param>
    /// <param name="outputStride">Floats from one pixel of results to the next.</param>
    /// <param name="images">How many images.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="part">Which part, from 0 on.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, aligned to a cache line.</param>
    public abstract void Run(
        float* input, float* output, nint outputStride, int images, int height, int width, int part, float* scratch);

    public abstract void Dispose();
}
