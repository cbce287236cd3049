using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Graphs;

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
