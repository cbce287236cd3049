using System.Diagnostics.CodeAnalysis;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Stores the weights of floating-point convolutions as int8 with a scale for each output channel, a quarter of their size; the runtime
/// dequantizes them once, when it loads the model. Rounding moves a weight by at most half of its channel's scale, 1/254 of the
/// channel's largest weight, so this is no exact pass.
/// </summary>
public static class ByteStorage
{
    /// <summary>Smaller weights are not worth two nodes.</summary>
    const int Fewest = 4096;

    /// <summary>Applies the pass.</summary>
    /// <returns>How many weights were stored anew.</returns>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        GraphBuilder builder = new(model);
        int stored = 0;
        foreach (OnnxNode conv in graph.Nodes.Where(n => n.Is("Conv")).ToArray())
        {
            if (!graph.Initializers.TryGetValue(conv.Inputs[1], out OnnxTensor? weight) || weight.ElementType != OnnxElementType.Float32
                || weight.Count < Fewest)
                continue;
            long[] shape = [.. weight.Dimensions], stepShape = [shape[0], .. shape.Skip(1).Select(_ => 1L)];
            (sbyte[] bytes, float[] steps) = Round(weight.Values<float>(), (int)shape[0]);
            string stepsName = builder.Constant<float>($"{weight.Name}.steps", stepShape, steps);
            string value = builder.Cast(
                builder.Constant<sbyte>($"{weight.Name}.bytes", shape, bytes), OnnxElementType.Float32, $"{weight.Name}.whole");
            conv.SetInput(1, builder.Mul(value, stepsName, $"{weight.Name}.float"));
            stored++;
        }
        if (stored > 0)
        {
            graph.SortTopologically();
            graph.RemoveUnused();
        }
        return stored;
    }

    /// <summary>Finds what a weight is computed from that this pass has stored.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="weight">The weight as a convolution reads it.</param>
    /// <param name="bytes">Its numbers in steps.</param>
    /// <param name="steps">The step of each output channel.</param>
    internal static bool TryFind(
        OnnxGraph graph, string? weight, [NotNullWhen(true)] out OnnxTensor? bytes, [NotNullWhen(true)] out OnnxTensor? steps)
    {
        bytes = steps = null;
        if (weight is null || graph.Producer(weight) is not { Inputs: [var whole, var named] } product || !product.Is("Mul")
            || graph.Producer(whole) is not { } cast || !cast.Is("Cast")
            || graph.Constant(cast.Inputs[0]) is not { ElementType: OnnxElementType.Int8 } kept
            || graph.Constant(named) is not { ElementType: OnnxElementType.Float32 } factors
            || factors.Dimensions.Count != kept.Dimensions.Count || factors.Count != kept.Dimensions[0]
            || factors.Dimensions[0] != factors.Count)
        {
            return false;
        }
        bytes = kept;
        steps = factors;
        return true;
    }

    static (sbyte[] Bytes, float[] Steps) Round(ReadOnlySpan<float> weights, int channels)
    {
        sbyte[] bytes = new sbyte[weights.Length];
        float[] steps = new float[channels];
        int length = weights.Length / channels;
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<float> row = weights.Slice(channel * length, length);
            float largest = 0;
            foreach (float weight in row)
                largest = Math.Max(largest, Math.Abs(weight));
            steps[channel] = largest / sbyte.MaxValue;
            for (int i = 0; i < length && largest > 0; i++)
                bytes[channel * length + i] = (sbyte)MathF.Round(row[i] / steps[channel]);
        }
        return (bytes, steps);
    }
}
