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
