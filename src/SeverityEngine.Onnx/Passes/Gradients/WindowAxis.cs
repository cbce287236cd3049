namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>One spatial axis of a convolution or pooling.</summary>
/// <param name="Length">The length of the image.</param>
/// <param name="Positions">The places of the window: the length of the result.</param>
/// <param name="Kernel">Elements of the window.</param>
/// <param name="Stride">From one place of the window to the next.</param>
/// <param name="Dilation">From one element of the window to the next.</param>
/// <param name="Before">Zeros put before the image.</param>
/// <param name="After">Zeros put after the image.</param>
readonly record struct WindowAxis(long Length, long Positions, long Kernel, long Stride, long Dilation, long Before, long After)
{
    /// <summary>From the window's first element to its last, both counted.</summary>
    public long Extent => ((Kernel - 1) * Dilation) + 1;

    /// <summary>The two spatial axes of a node.</summary>
    public static WindowAxis[] Of(GradientNode node, ReadOnlySpan<long> kernel)
    {
        OnnxShape input = node.InputShape(0), output = node.OutputShape;
        if (input.Rank != 4)
            node.Fail($"works on {input}, where two spatial axes are supported");
        long[] strides = node.Attributes.GetInts("strides") ?? [1, 1], dilations = node.Attributes.GetInts("dilations") ?? [1, 1];
        long[] pads = node.Attributes.GetInts("pads") ?? [0, 0, 0, 0];
        string automatic = node.Attributes.GetText("auto_pad") ?? "NOTSET";
        WindowAxis[] axes = new WindowAxis[2];
        for (int i = 0; i < axes.Length; i++)
        {
            long length = node.Length(input, i + 2), positions = node.Length(output, i + 2);
            WindowAxis axis = new(length, positions, kernel[i], strides[i], dilations[i], pads[i], pads[i + 2]);
            long needed = Math.Max(0, ((positions - 1) * axis.Stride) + axis.Extent - length);
            axes[i] = automatic switch
            {
                "SAME_UPPER" => axis with { Before = needed / 2, After = needed - (needed / 2) },
                "SAME_LOWER" => axis with { Before = needed - (needed / 2), After = needed / 2 },
                "VALID" => axis with { Before = 0, After = 0 },
                _ => axis,
            };
        }
        return axes;
    }
}
