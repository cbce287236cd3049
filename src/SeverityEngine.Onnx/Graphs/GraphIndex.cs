using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Graphs;

/// <summary>Who makes and who reads each value, for one state of a graph.</summary>
sealed class GraphIndex
{
    readonly Dictionary<string, OnnxNode> _producers = [];
    readonly Dictionary<string, List<OnnxNode>> _consumers = [];

    public GraphIndex(OnnxGraph graph)
    {
        foreach (OnnxNode node in graph.Nodes)
        {
            foreach (string output in node.Outputs)
            {
                // Of two makers the first counts; the checker refuses the second.
                if (output.Length > 0)
                    _producers.TryAdd(output, node);
            }
            foreach (string input in node.Inputs)
            {
                if (input.Length == 0)
                    continue;
                if (!_consumers.TryGetValue(input, out List<OnnxNode>? consumers))
                    _consumers.Add(input, consumers = []);
                if (consumers.Count == 0 || consumers[^1] != node)
                    consumers.Add(node);
            }
        }
    }

    public OnnxNode? Producer(string value) => _producers.GetValueOrDefault(value);

    public IReadOnlyList<OnnxNode> Consumers(string value) => _consumers.TryGetValue(value, out List<OnnxNode>? consumers) ? consumers : [];
}

/// <summary>Kahn's algorithm; of the nodes that could come next, the one that stood first comes first.</summary>
static class TopologicalOrder
{
    public static List<OnnxNode> Of(OnnxGraph graph)
    {
        Dictionary<OnnxNode, int> position = [];
        foreach (OnnxNode node in graph.Nodes)
            position.Add(node, position.Count);
        Dictionary<OnnxNode, int> waitsFor = [];
        PriorityQueue<OnnxNode, int> ready = new();
        foreach (OnnxNode node in graph.Nodes)
        {
            int producers = node.Inputs.Distinct().Count(i => graph.Producer(i) is not null);
            waitsFor.Add(node, producers);
            if (producers == 0)
                ready.Enqueue(node, position[node]);
        }
        List<OnnxNode> sorted = [];
        while (ready.TryDequeue(out OnnxNode? node, out _))
        {
            sorted.Add(node);
            foreach (string output in node.Outputs.Where(o => graph.Producer(o) == node))
            {
                foreach (OnnxNode consumer in graph.Consumers(output))
                {
                    if (--waitsFor[consumer] == 0)
                        ready.Enqueue(consumer, position[consumer]);
                }
            }
        }
        if (sorted.Count < graph.Nodes.Count)
            Fault.Invalid($"{graph.Nodes.First(n => waitsFor[n] > 0)} stands in, or behind, a cycle");
        return sorted;
    }
}

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
