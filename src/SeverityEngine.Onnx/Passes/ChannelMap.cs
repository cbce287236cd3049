namespace SeverityEngine.Onnx.Passes;

/// <summary>A factor and a shift for each channel, as batch normalization comes down to: <c>y = factor x + shift</c>.</summary>
/// <param name="Factor">The factors.</param>
/// <param name="Shift">What is added.</param>
sealed record ChannelMap(double[] Factor, double[] Shift)
{
    public int Count => Factor.Length;

    /// <summary>The map that a normalization with constant parameters makes; null where they are not constant, or it is in training.</summary>
    public static ChannelMap? OfNormalization(OnnxNode norm, OnnxGraph graph)
    {
        if (norm.Outputs.Count(o => o.Length > 0) > 1 || norm.Attributes.GetInt("training_mode", 0) != 0 || norm.Attributes.GetInt("spatial", 1) != 1)
            return null;
        OnnxTensor?[] parameters = [.. Enumerable.Range(1, 4).Select(i => graph.Constant(norm.Input(i)))];
        if (parameters.Any(p => p is not { ElementType: OnnxElementType.Float32, Dimensions.Count: 1 } || p.Count != parameters[0]!.Count))
            return null;
        ReadOnlySpan<float> scale = parameters[0]!.Values<float>(), bias = parameters[1]!.Values<float>();
        ReadOnlySpan<float> mean = parameters[2]!.Values<float>(), variance = parameters[3]!.Values<float>();
        double epsilon = norm.Attributes.GetFloat("epsilon", 1e-5f);
        double[] factor = new double[scale.Length], shift = new double[scale.Length];
        for (int i = 0; i < factor.Length; i++)
        {
            factor[i] = scale[i] / Math.Sqrt(variance[i] + epsilon);
            shift[i] = bias[i] - (mean[i] * factor[i]);
        }
        return new ChannelMap(factor, shift);
    }
}
