namespace SeverityEngine.Kernels;

/// <summary>
/// A 1 x 1 convolution between normalization and ReLU on its one side and bias and ReLU on the other: of each pixel's channels x,
/// <c>max(0, W max(0, scale x + shift) + bias)</c>.
/// </summary>
static class BottleneckArithmetic
{
    /// <summary>
    /// Floats from one normalized pixel to the next. Pixels of 1024 channels would all fall into one set of a core's first cache: a cache
    /// line more spreads them.
    /// </summary>
    public static int StrideOf(int inputs) => inputs + 16;

    /// <summary>Floats that a part needs to work in.</summary>
    public static int ScratchLength(int pixels, int inputs) => pixels * StrideOf(inputs);
}

/// <summary>
/// The arithmetic with a channel in each lane of a vector. Channels are whole vectors, those that are made whole panels, so there is no
/// remainder.
/// </summary>
static unsafe class BottleneckArithmetic<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <summary>Computes one part.</summary>
    public static void Run(in BottleneckPart part)
    {
        int inputs = part.Inputs, outputs = part.Outputs, pixels = part.Pixels;
        nint inputStride = part.InputStride, stride = BottleneckArithmetic.StrideOf(inputs);
        // Fields would be read again after each store, which might have changed them for all that the compiler knows.
        float* scale = part.Scale, shift = part.Shift, bias = part.Bias, from = part.Input, to = part.Scratch;
        for (int pixel = 0; pixel < pixels; pixel++, from += inputStride, to += stride)
        {
            for (int c = 0; c < inputs; c += TLanes.Count)
            {
                TLanes.Store(
                    TLanes.Positive(TLanes.MultiplyAdd(TLanes.Load(scale + c), TLanes.Load(from + c), TLanes.Load(shift + c))), to + c);
            }
        }
        TileProduct<TVector, TLanes>.MultiplyAll(new ProductPart
        {
            A = part.Scratch,
            AStride = stride,
            Runs = new Runs(inputs),
            Panels = part.Weights,
            C = part.Output,
            CStride = outputs,
            Rows = pixels,
            Columns = outputs,
        });
        float* made = part.Output;
        for (int pixel = 0; pixel < pixels; pixel++, made += outputs)
        {
            for (int o = 0; o < outputs; o += TLanes.Count)
                TLanes.Store(TLanes.Positive(TLanes.Add(TLanes.Load(made + o), TLanes.Load(bias + o))), made + o);
        }
    }
}
