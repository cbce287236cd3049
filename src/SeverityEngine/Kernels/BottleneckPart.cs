namespace SeverityEngine.Kernels;

/// <summary>
/// A part of a dense layer's first half: some pixels, of which all channels are read. Plain memory, as it goes from one library to another.
/// </summary>
unsafe struct BottleneckPart
{
    /// <summary>The part's first pixel.</summary>
    public float* Input;

    /// <summary>Floats from one pixel to the next.</summary>
    public nint InputStride;

    /// <summary>Takes the results, <c>[pixels, outputs]</c>.</summary>
    public float* Output;

    /// <summary>The normalization: a factor for each channel that is read.</summary>
    public float* Scale;

    /// <summary>The normalization: what is added to each.</summary>
    public float* Shift;

    /// <summary><c>[outputs / columns][inputs][columns]</c>: a product reads a panel from front to back.</summary>
    public float* Weights;

    /// <summary>What is added to each channel that is made.</summary>
    public float* Bias;

    /// <summary><see cref="BottleneckArithmetic.ScratchLength"/> floats, aligned to a cache line.</summary>
    public float* Scratch;

    /// <summary>Channels that are read.</summary>
    public int Inputs;

    /// <summary>Channels that are made.</summary>
    public int Outputs;

    /// <summary>How many pixels.</summary>
    public int Pixels;
}
