namespace SeverityEngine.Kernels;

/// <summary>A part of a convolution: some of its tiles. Plain memory, as it goes from one library to another.</summary>
unsafe struct WinogradPart
{
    /// <summary>The images, <c>[images, height, width, inputs]</c>.</summary>
    public float* Input;

    /// <summary>Takes the results, <c>[images, height, width, outputs]</c>, pixels <see cref="OutputStride"/> apart.</summary>
    public float* Output;

    /// <summary>Floats from one pixel of results to the next.</summary>
    public nint OutputStride;

    /// <summary>
    /// <c>[36][outputs / columns][inputs][columns]</c>, two vectors of them in a panel: a product reads one from front to
    /// back.
    /// </summary>
    public float* Weights;

    /// <summary><see cref="WinogradArithmetic.ScratchLength"/> floats, aligned to a cache line.</summary>
    public float* Scratch;

    /// <summary>Channels that are read.</summary>
    public int Inputs;

    /// <summary>Channels that are made.</summary>
    public int Outputs;

    /// <summary>Pixels.</summary>
    public int Height;

    /// <summary>Pixels.</summary>
    public int Width;

    /// <summary>The first tile, from 0 on: images one behind the other, each by rows.</summary>
    public int First;

    /// <summary>How many tiles.</summary>
    public int Tiles;
}
