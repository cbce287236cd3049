using SeverityEngine.Onnx.Graphs;

namespace SeverityEngine.Onnx.Passes.Identities;

/// <summary>Transposes in a row of which the second undoes the first.</summary>
static class TransposePairs
{
    /// <returns>How many there were.</returns>
    public static int Remove(OnnxGraph graph)
    {
        ValueNames names = new(graph);
        int removed = 0;
        foreach (OnnxNode second in TopologicalOrder.Of(graph).Where(IsTranspose))
        {
            if (graph.Producer(names.Of(second.Inputs[0])) is { } first && IsTranspose(first) && Cancel(first, second)
                && names.TryDrop(second, second.Outputs[0], first.Inputs[0]))
            {
                removed++;
            }
        }
        if (removed > 0)
            names.Apply();
        return removed;

        static bool IsTranspose(OnnxNode node) =>
            node.Is("Transpose") && node.Inputs is [{ Length: > 0 }] && node.Outputs is [{ Length: > 0 }];
    }

    static bool Cancel(OnnxNode first, OnnxNode second)
    {
        long[]? before = first.Attributes.GetInts("perm"), after = second.Attributes.GetInts("perm");
        if (before is null && after is null)
            return true; // each turns the axes round
        int rank = (before ?? after)!.Length;
        before ??= Reversed(rank);
        after ??= Reversed(rank);
        return before.Length == after.Length && Enumerable.Range(0, rank)
            .All(i => after[i] >= 0 && after[i] < rank && before[after[i]] == i);
    }

    static long[] Reversed(int rank) => [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
}

/// <summary>1 x 1 convolutions of each channel by itself with a weight of one: nothing but what their bias adds.</summary>
static class OnesConvolutions
{
    /// <returns>How many were removed, or took over the convolution before them.</returns>
    public static int Remove(OnnxGraph graph)
    {
        ValueNames names = new(graph);
        Dictionary<OnnxNode, OnnxNode> merged = [];
        int removed = 0;
        foreach (OnnxNode ones in TopologicalOrder.Of(graph).Where(n => IsOnes(n, graph)))
        {
            string input = names.Of(ones.Inputs[0]);
            if (graph.Producer(input) is { } before && IsConv(before) && !merged.ContainsKey(before)
                && graph.TryGetOnlyConsumer(input, out OnnxNode? consumer) && consumer == ones
                && (before.Input(2) is null || AddsNothing(ones, graph)))
            {
                names.Drop(before);
                merged.Add(ones, before);
                removed++;
            }
            else if (AddsNothing(ones, graph) && names.TryDrop(ones, ones.Outputs[0], input))
            {
                removed++;
            }
        }
        foreach ((OnnxNode ones, OnnxNode convolution) in merged)
            TakeOver(ones, convolution);
        if (removed > 0)
            names.Apply();
        return removed;
    }

    static bool IsConv(OnnxNode node) =>
        node.Is("Conv") && node.Inputs is [{ Length: > 0 }, { Length: > 0 }, ..] && node.Outputs is [{ Length: > 0 }];

    static bool IsOnes(OnnxNode node, OnnxGraph graph) =>
        IsConv(node) && node.IsPointwiseConv(graph)
        && graph.Constant(node.Inputs[1]) is { Dimensions: [var channels, 1, _, _] } weight
            && node.Attributes.GetInt("group", 1) == channels
        && !weight.Values<float>().ContainsAnyExcept(1f);

    static bool AddsNothing(OnnxNode node, OnnxGraph graph) =>
        node.Input(2) is not { } bias
        || (graph.Constant(bias) is { ElementType: OnnxElementType.Float32 } added && !added.Values<float>().ContainsAnyExcept(0f));

    /// <summary>The later node stays, since others know it and its value by name.</summary>
    static void TakeOver(OnnxNode ones, OnnxNode convolution)
    {
        string? bias = convolution.Input(2) ?? ones.Input(2);
        ones.SetInputs(convolution.Inputs[0], convolution.Inputs[1]);
        if (bias is not null)
            ones.SetInput(2, bias);
        ones.Proto.Attribute.Clear();
        ones.Proto.Attribute.AddRange(convolution.Proto.Attribute);
    }
}

/// <summary>
/// Values that turned out to be others, gathered while the graph stays as it is and applied at once: a graph of many such values would
/// otherwise be indexed anew for each. Nodes are to be dropped in an order in which each stands after those whose values it reads.
/// </summary>
sealed class ValueNames(OnnxGraph graph)
{
    readonly Dictionary<string, string> _same = [];
    readonly Dictionary<string, string> _outputs = [];
    readonly HashSet<OnnxNode> _dropped = [];

    /// <summary>The value that a name has come to stand for.</summary>
    public string Of(string value) => _same.GetValueOrDefault(value, value);

    /// <summary>Drops the node that makes a value, which is the same as another before it; whether the graph allows that.</summary>
    public bool TryDrop(OnnxNode node, string value, string same)
    {
        same = Of(same);
        if (same == value)
            return false;
        if (graph.IsOutput(value))
        {
            // An output is made under its own name, which is possible once, and not for what the graph is given.
            if (graph.Producer(same) is null || graph.IsOutput(same) || !_outputs.TryAdd(same, value))
                return false;
        }
        _same.Add(value, same);
        _dropped.Add(node);
        return true;
    }

    /// <summary>Drops a node of whose values none is needed any more.</summary>
    public void Drop(OnnxNode node) => _dropped.Add(node);

    /// <summary>Brings the graph up to date.</summary>
    public void Apply()
    {
        graph.SetNodes([.. graph.Nodes.Where(n => !_dropped.Contains(n))]);
        foreach (OnnxNode node in graph.Nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (Final(node.Inputs[i]) is var name && name != node.Inputs[i])
                    node.SetInput(i, name);
            }
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                if (_outputs.TryGetValue(node.Outputs[i], out string? output))
                    node.SetOutput(i, output);
            }
        }
        graph.RemoveUnused();
    }

    string Final(string value) => Of(value) is var same && _outputs.TryGetValue(same, out string? output) ? output : same;
}
