using SeverityEngine.Onnx.Graphs;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Class activation maps (Zhou et al. 2016, arXiv 1512.04150): where a score is linear in globally averaged features, the same weights on
/// the features before they were averaged say how much each place adds to the score. Exact there, and not defined elsewhere.
/// </summary>
public static class ClassActivation
{
    /// <summary>The output that is added: float32 <c>[N, 1, S, S]</c>, the size of the input.</summary>
    public const string ActivationOutput = "class_activation";

    /// <summary>
    /// A copy of a model with the further output <see cref="ActivationOutput"/>: the features weighed by the linear head, at the size of
    /// the input (bilinear, edges replicated). Before it is enlarged, its mean and a constant make up the score. Where several stages of
    /// the network are pooled side by side, their maps are added.
    /// </summary>
    /// <param name="model">The model; it stays as it is.</param>
    /// <param name="output">The score, <c>[N, 1]</c>; null for the first output.</param>
    /// <param name="input">The image, <c>[N, 1, S, S]</c>; null for the first input.</param>
    /// <exception cref="OnnxException">
    /// <see cref="OnnxFault.Unsupported"/>: the score is not linear in globally averaged features; names the node that stands between.
    /// <see cref="OnnxFault.Invalid"/>: the graph is not sound, or lacks the input or the output.
    /// </exception>
    public static OnnxModel Of(OnnxModel model, string? output = null, string? input = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        output ??= model.Graph.Outputs[0].Name;
        input ??= model.Graph.Inputs[0].Name;
        OnnxModel derived = Derivation.Start(model, output, input, ActivationOutput);
        OnnxGraph graph = derived.Graph;

        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        if (values[input].Shape is not [_, _, { IsFixed: true } height, { IsFixed: true } width])
            throw PooledLinearPath.NotLinear($"the input is {values[input]}, whose size is not fixed");
        PooledLinearPath head = new(graph, values, ActivePath.Values(TopologicalOrder.Of(graph), values, input, output));
        head.Walk(output);
        if (head.Pooled.Count == 0)
            throw PooledLinearPath.NotLinear($"'{output}' depends on no average over the whole image");

        GraphBuilder builder = new(derived);
        string? sum = null;
        foreach ((string feature, double[] weights) in head.Pooled)
        {
            OnnxShape shape = values[feature].Shape!;
            string weight =
                builder.Constant<float>($"{ActivationOutput}.weight", [1, weights.Length, 1, 1], [.. weights.Select(w => (float)w)]);
            string map = builder.Conv(feature, weight, name: $"{ActivationOutput}.map");
            map = Enlarged(builder, map, shape[2].Length, shape[3].Length, height.Length, width.Length);
            sum = sum is null ? map : builder.Add(sum, map, $"{ActivationOutput}.sum");
        }
        builder.Output(builder.Identity(sum!, ActivationOutput), OnnxElementType.Float32, values[input].Shape!.With(1, 1));
        GraphChecker.Check(derived, allowUnknownOperators: true);
        return derived;
    }

    /// <summary>
    /// Bilinear enlargement as two products with constant matrices: it is separable, and any version of the operators has it.
    /// </summary>
    static string Enlarged(GraphBuilder builder, string map, long height, long width, long toHeight, long toWidth)
    {
        const string rows = $"{ActivationOutput}.rows", columns = $"{ActivationOutput}.columns";
        if (height != toHeight)
            map = builder.MatMul(builder.Constant<float>(rows, [toHeight, height], Weights(height, toHeight, false)), map, rows);
        if (width != toWidth)
            map = builder.MatMul(map, builder.Constant<float>(columns, [width, toWidth], Weights(width, toWidth, true)), columns);
        return map;
    }

    /// <summary>
    /// How much each place of the larger axis takes from each of the smaller, <c>[to, from]</c>; transposed <c>[from, to]</c>.
    /// </summary>
    static float[] Weights(long from, long to, bool transposed)
    {
        float[] weights = new float[from * to];
        for (long place = 0; place < to; place++)
        {
            // Pixels are areas: their centers are matched.
            double source = Math.Clamp(((place + 0.5) * from / to) - 0.5, 0, from - 1);
            long first = (long)source, second = Math.Min(first + 1, from - 1);
            weights[At(place, first)] += (float)(1 - (source - first));
            weights[At(place, second)] += (float)(source - first);
        }
        return weights;

        long At(long place, long source) => transposed ? (source * to) + place : (place * from) + source;
    }
}
