namespace SeverityEngine.Onnx.Passes.Identities;

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
