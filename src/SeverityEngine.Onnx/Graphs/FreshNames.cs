namespace SeverityEngine.Onnx.Graphs;

/// <summary>Names that are free in a graph. A name once taken is never given again, even when its owner has gone.</summary>
sealed class FreshNames
{
    readonly HashSet<string> _taken = [];
    readonly Dictionary<string, int> _last = [];

    public FreshNames(OnnxGraph graph)
    {
        _taken.UnionWith(graph.Inputs.Concat(graph.Outputs).Concat(graph.DeclaredValues).Select(v => v.Name));
        _taken.UnionWith(graph.Initializers.Keys);
        foreach (OnnxNode node in graph.Nodes)
            Take(node);
    }

    public void Take(string name) => _taken.Add(name);

    public void Take(OnnxNode node)
    {
        _taken.Add(node.Name);
        _taken.UnionWith(node.Outputs);
    }

    public string Next(string hint)
    {
        int number = _last.GetValueOrDefault(hint, 1);
        string name = hint;
        while (!_taken.Add(name))
            name = $"{hint}_{++number}";
        _last[hint] = number;
        return name;
    }
}
