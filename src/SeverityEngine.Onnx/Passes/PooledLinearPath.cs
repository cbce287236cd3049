using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Passes.Gradients;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Follows a score back through linear operators to the averages it is made of, and finds the weight of each averaged channel.
/// </summary>
sealed class PooledLinearPath(OnnxGraph graph, IReadOnlyDictionary<string, OnnxValue> values, HashSet<string> active)
{
    readonly Dictionary<string, double[]> _weights = [];

    /// <summary>The values <c>[N, C, h, w]</c> that are averaged, with the weight of each channel's average.</summary>
    public OrderedDictionary<string, double[]> Pooled { get; } = [];

    public static OnnxException NotLinear(string fault) => new(OnnxFault.Unsupported,
        $"the model has no class activation map, which needs a score that is linear in globally averaged features: "
            + $"{fault}; use the gradient");

    public void Walk(string output)
    {
        Add(output, [1], null);
        foreach (OnnxNode node in Enumerable.Reverse(TopologicalOrder.Of(graph)))
        {
            if (node.Outputs.Count > 0 && _weights.TryGetValue(node.Outputs[0], out double[]? weights))
                Pass(node, weights);
        }
        if (_weights.Keys.FirstOrDefault(v => graph.Producer(v) is null) is { } input)
            throw NotLinear($"it reads '{input}' itself");
    }

    void Pass(OnnxNode node, double[] weights)
    {
        switch (node.Domain.Length == 0 ? node.OpType : "")
        {
            case "Identity" or "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze":
                Add(Only(node), weights, node);
                break;
            case "Gemm" when node.Attributes.GetInt("transA", 0) == 0 && !IsActive(node, 1):
                bool transposed = node.Attributes.GetInt("transB", 0) != 0;
                if (IsActive(node, 0))
                    Add(node.Inputs[0], Product(node, weights, transposed, node.Attributes.GetFloat("alpha", 1)), node);
                if (IsActive(node, 2))
                    Add(node.Inputs[2], [.. weights.Select(w => w * node.Attributes.GetFloat("beta", 1))], node);
                break;
            case "MatMul" when IsActive(node, 0) && !IsActive(node, 1):
                Add(node.Inputs[0], Product(node, weights, transposed: false, 1), node);
                break;
            case "Add" or "Sub":
                for (int i = 0; i < 2; i++)
                {
                    if (IsActive(node, i))
                        Add(node.Inputs[i], node.Is("Sub") && i == 1 ? [.. weights.Select(w => -w)] : weights, node);
                }
                break;
            case "Mul" when IsActive(node, 0) != IsActive(node, 1):
                int factor = IsActive(node, 0) ? 1 : 0;
                Add(node.Inputs[1 - factor], [.. weights.Zip(Numbers(node, factor, weights.Length), (w, f) => w * f)], node);
                break;
            case "Div" when IsActive(node, 0) && !IsActive(node, 1):
                Add(node.Inputs[0], [.. weights.Zip(Numbers(node, 1, weights.Length), (w, f) => w / f)], node);
                break;
            case "Concat" when node.Attributes.GetInt("axis") == 1:
                int start = 0;
                foreach (string part in node.Inputs)
                {
                    int length = ChannelsOf(part, node);
                    if (active.Contains(part))
                        Add(part, weights[start..(start + length)], node);
                    start += length;
                }
                break;
            case "Gather" when node.Attributes.GetInt("axis", 0) == 1:
                double[] picked = new double[ChannelsOf(node.Inputs[0], node)];
                long[] places = Constant(node, 1).ToIndices();
                for (int i = 0; i < places.Length; i++)
                    picked[places[i] < 0 ? places[i] + picked.Length : places[i]] += weights[i];
                Add(node.Inputs[0], picked, node);
                break;
            case "GlobalAveragePool":
            case "ReduceMean" when IsOverImage(node):
                AddPooled(node, weights);
                break;
            default:
                throw NotLinear($"{node} stands between");
        }
    }

    void Add(string value, double[] weights, OnnxNode? reader)
    {
        if (ChannelsOf(value, reader) != weights.Length)
        {
            string role = reader is null ? "the score" : $"{reader}'s input";
            throw NotLinear($"{role} is {values.GetValueOrDefault(value)}, where {weights.Length} numbers a sample are needed");
        }
        _weights[value] = _weights.TryGetValue(value, out double[]? before) ? [.. before.Zip(weights, (a, b) => a + b)] : weights;
    }

    void AddPooled(OnnxNode node, double[] weights)
    {
        string feature = node.Inputs[0];
        OnnxShape? shape = values.GetValueOrDefault(feature)?.Shape;
        if (shape is not [_, { IsFixed: true } channels, { IsFixed: true }, { IsFixed: true }] || channels.Length != weights.Length)
            throw NotLinear($"{node} averages '{feature}', whose shape is not fixed");
        Pooled[feature] = Pooled.TryGetValue(feature, out double[]? before) ? [.. before.Zip(weights, (a, b) => a + b)] : weights;
    }

    bool IsOverImage(OnnxNode node)
    {
        long[]? axes = node.Attributes.GetInts("axes") ?? graph.Constant(node.Input(1))?.ToIndices();
        return axes is not null && axes.Select(a => a < 0 ? a + 4 : a).Order().SequenceEqual([2L, 3L]);
    }

    bool IsActive(OnnxNode node, int index) => node.Input(index) is { } name && active.Contains(name);

    string Only(OnnxNode node) => node.Inputs.Skip(1).Any(active.Contains) ? throw NotLinear($"{node} stands between") : node.Inputs[0];

    /// <summary>
    /// Numbers a sample: <c>[N, C]</c> or <c>[N, C, 1, 1]</c> have C. They can be weighed as a vector whatever their arrangement.
    /// </summary>
    int ChannelsOf(string value, OnnxNode? reader)
    {
        if (values.GetValueOrDefault(value)?.Shape is not { Rank: > 1 } shape || !shape.Skip(1).All(d => d.IsFixed))
            throw NotLinear($"{reader?.ToString() ?? "the score"} has to do with '{value}', whose shape is not known");
        return checked((int)shape.Skip(1).Aggregate(1L, (product, d) => product * d.Length));
    }

    OnnxTensor Constant(OnnxNode node, int index) =>
        graph.Constant(node.Input(index)) ?? throw NotLinear($"{node} reads '{node.Input(index)}', which is not constant");

    /// <summary>A constant's numbers, one for each channel.</summary>
    double[] Numbers(OnnxNode node, int index, int channels)
    {
        double[] numbers = GradientGraph.Numbers(Constant(node, index));
        return numbers.Length == channels ? numbers
            : numbers.Length == 1 ? [.. Enumerable.Repeat(numbers[0], channels)]
            : throw NotLinear($"{node} has {numbers.Length} factors for {channels} channels");
    }

    /// <summary>The weights before a matrix <c>[in, out]</c>, or transposed <c>[out, in]</c>.</summary>
    double[] Product(OnnxNode node, double[] weights, bool transposed, float alpha)
    {
        OnnxTensor matrix = Constant(node, 1);
        int outputs = weights.Length;
        if (matrix.Dimensions.Count != 2 || matrix.Dimensions[transposed ? 0 : 1] != outputs)
            throw NotLinear($"{node} has a weight of {matrix.Shape} for {outputs} outputs");
        double[] numbers = GradientGraph.Numbers(matrix);
        double[] before = new double[numbers.Length / outputs];
        for (int i = 0; i < before.Length; i++)
        {
            for (int o = 0; o < outputs; o++)
                before[i] += alpha * weights[o] * numbers[transposed ? (o * before.Length) + i : (i * outputs) + o];
        }
        return before;
    }
}
