namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Batch normalization behind a convolution becomes part of the convolution's weight and bias. Normalization of anything else stays, as
/// that in front of a DenseNet's layers must: the runtime has nothing cheaper for a concatenation's channels.
/// </summary>
public static class FoldBatchNormalization
{
    /// <summary>Applies the pass.</summary>
    /// <returns>How many normalizations were folded.</returns>
    public static int Apply(OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        int folded = 0;
        foreach (OnnxNode norm in graph.Nodes.Where(n => n.Is("BatchNormalization")).ToArray())
        {
            if (graph.Producer(norm.Inputs[0]) is not { } conv || !conv.Is("Conv") || !graph.TryGetOnlyConsumer(conv.Outputs[0], out _)
                || ChannelMap.OfNormalization(norm, graph) is not { } map
                || graph.Constant(conv.Input(1)) is not { ElementType: OnnxElementType.Float32 } weight || weight.Dimensions[0] != map.Count
                || (conv.Input(2) is { } bias && graph.Constant(bias) is null))
            {
                continue;
            }
            Fold(graph, conv, weight, map);
            string result = norm.Outputs[0];
            graph.Remove(norm);
            conv.SetOutput(0, result);
            folded++;
        }
        if (folded > 0)
            graph.RemoveUnused();
        return folded;
    }

    static void Fold(OnnxGraph graph, OnnxNode conv, OnnxTensor weight, ChannelMap map)
    {
        float[] scaled = weight.Values<float>().ToArray(), shifted = new float[map.Count];
        ReadOnlySpan<float> bias = conv.Input(2) is { } given ? graph.Constant(given)!.Values<float>() : [];
        int size = scaled.Length / map.Count;
        for (int channel = 0; channel < map.Count; channel++)
        {
            foreach (ref float value in scaled.AsSpan(channel * size, size))
                value = (float)(value * map.Factor[channel]);
            shifted[channel] = (float)((bias.IsEmpty ? 0 : bias[channel] * map.Factor[channel]) + map.Shift[channel]);
        }
        // New names: another node may read the old constants.
        conv.SetInput(
            1, graph.SetInitializer(OnnxTensor.Create<float>(graph.FreshName($"{weight.Name}.folded"), [.. weight.Dimensions], scaled)));
        conv.SetInput(2, graph.SetInitializer(OnnxTensor.Vector<float>(graph.FreshName($"{weight.Name}.bias"), shifted)));
    }
}

/// <summary>A factor and a shift for each channel, as batch normalization comes down to: <c>y = factor x + shift</c>.</summary>
/// <param name="Factor">The factors.</param>
/// <param name="Shift">What is added.</param>
sealed record ChannelMap(double[] Factor, double[] Shift)
{
    public int Count => Factor.Length;

    /// <summary>
    /// The map that a normalization with constant parameters makes; null where they are not constant, or it is in training.
    /// </summary>
    public static ChannelMap? OfNormalization(OnnxNode norm, OnnxGraph graph)
    {
        if (norm.Outputs.Count(o => o.Length > 0) > 1 || norm.Attributes.GetInt("training_mode", 0) != 0
            || norm.Attributes.GetInt("spatial", 1) != 1)
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
