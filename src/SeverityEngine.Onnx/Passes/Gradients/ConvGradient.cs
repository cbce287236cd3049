namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>Convolution: its gradient is a convolution with the weights turned around and their two channel axes exchanged.</summary>
static class ConvGradient
{
    public static void Conv(GradientNode node)
    {
        if (node.IsActive(1) || node.IsActive(2))
            node.Fail("has weights that depend on the image");
        OnnxTensor weight = node.Constant(1);
        WindowAxis[] axes = WindowAxis.Of(node, [.. weight.Dimensions.Skip(2)]);
        long group = node.Attributes.GetInt("group", 1);
        string gradient = node.Graph.Dense(node.Gradient, node.OutputShape);
        node.Pass(
            0, Transposed(node, gradient, GradientGraph.Numbers(weight), weight.Dimensions[0], weight.Dimensions[1] * group, group, axes));
    }

    /// <summary>The transpose of a convolution.</summary>
    /// <param name="node">The node whose gradient it is.</param>
    /// <param name="gradient">The gradient of what the convolution made.</param>
    /// <param name="weight">The weight of the convolution, <c>[outputs, inputs / group, h, w]</c>.</param>
    /// <param name="outputs">Channels that the convolution makes.</param>
    /// <param name="inputs">Channels that the convolution reads.</param>
    /// <param name="group">Groups of channels that do not mix.</param>
    /// <param name="axes">The window along both axes.</param>
    public static string Transposed(
        GradientNode node, string gradient, double[] weight, long outputs, long inputs, long group, WindowAxis[] axes)
    {
        GradientGraph graph = node.Graph;
        WindowTranspose h = new(axes[0]), w = new(axes[1]);
        string turned =
            graph.Constant([inputs * h.Phases * w.Phases, outputs / group, h.Taps, w.Taps], Turned(weight, outputs, inputs, group, h, w));
        gradient = graph.Pad(
            gradient, [0, 0, Math.Min(0, h.PadBefore), Math.Min(0, w.PadBefore), 0, 0, Math.Min(0, h.PadAfter), Math.Min(0, w.PadAfter)]);
        long[] pads = [Math.Max(0, h.PadBefore), Math.Max(0, w.PadBefore), Math.Max(0, h.PadAfter), Math.Max(0, w.PadAfter)];
        string convolved = graph.Conv(gradient, turned, pads, [h.Spacing, w.Spacing], group);
        return Interleaved(graph, convolved, inputs, h, w);
    }

    /// <summary>From a channel for each phase to an image, by the same shuffle as DepthToSpace, but for strides that may differ.</summary>
    static string Interleaved(GradientGraph graph, string x, long channels, WindowTranspose h, WindowTranspose w)
    {
        long strideH = h.Axis.Stride, strideW = w.Axis.Stride;
        if (strideH == 1 && strideW == 1)
            return x;
        if (h.Phases == 1 && w.Phases == 1)
        {
            x = graph.Reshape(x, [0, channels, h.Length, 1, w.Length, 1]);
        }
        else
        {
            x = graph.Reshape(x, [0, channels, h.Phases, w.Phases, h.Length, w.Length]);
            x = graph.Transpose(x, [0, 1, 4, 2, 5, 3]);
        }
        x = graph.Pad(x,
            [0, 0, 0, h.FirstPhase, 0, w.FirstPhase, 0, 0, 0, strideH - h.FirstPhase - h.Phases, 0, strideW - w.FirstPhase - w.Phases]);
        x = graph.Reshape(x, [0, channels, h.Length * strideH, w.Length * strideW]);
        return graph.Pad(x, [0, 0, 0, 0, 0, 0, h.Axis.Length - (h.Length * strideH), w.Axis.Length - (w.Length * strideW)]);
    }

    static double[] Turned(double[] weight, long outputs, long inputs, long group, WindowTranspose h, WindowTranspose w)
    {
        long inputsEach = inputs / group, outputsEach = outputs / group;
        long kernelH = h.Axis.Kernel, kernelW = w.Axis.Kernel;
        double[] turned = new double[inputs * h.Phases * w.Phases * outputsEach * h.Taps * w.Taps];
        long at = 0;
        for (long input = 0; input < inputs; input++)
        {
            long firstOutput = input / inputsEach * outputsEach;
            for (long phaseH = 0; phaseH < h.Phases; phaseH++)
            {
                for (long phaseW = 0; phaseW < w.Phases; phaseW++)
                {
                    for (long output = firstOutput; output < firstOutput + outputsEach; output++)
                    {
                        long kernel = ((output * inputsEach) + (input % inputsEach)) * kernelH * kernelW;
                        for (long tapH = 0; tapH < h.Taps; tapH++)
                        {
                            for (long tapW = 0; tapW < w.Taps; tapW++, at++)
                            {
                                long y = h.Elements[phaseH, tapH], x = w.Elements[phaseW, tapW];
                                if (y >= 0 && x >= 0)
                                    turned[at] = weight[kernel + (y * kernelW) + x];
                            }
                        }
                    }
                }
            }
        }
        return turned;
    }
}
