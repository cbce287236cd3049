using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Schema;
using SeverityEngine.Onnx.Shapes;

namespace SeverityEngine.Onnx;

/// <summary>Finds the element type and shape of every value of a graph, without running it.</summary>
public static class ShapeInference
{
    /// <summary>Whether the operator's shape rule is known here.</summary>
    public static bool Knows(OnnxNode node) => OperatorShapes.RuleOf(node) is not null;

    /// <summary>What is known of each value, by name: inputs, constants and what the nodes make.</summary>
    /// <remarks>
    /// The batch and other lengths that no file states stay symbols. What an operator that is not <see cref="Knows">known</see>
    /// makes is what the file declares of it, and unknown otherwise.
    /// </remarks>
    /// <exception cref="OnnxException">
    /// <see cref="OnnxFault.Invalid"/>: a cycle, or a node whose inputs or attributes contradict each other; the message names it.
    /// </exception>
    public static IReadOnlyDictionary<string, OnnxValue> Infer(OnnxGraph graph)
    {
        Dictionary<string, OnnxValue> values = [];
        foreach (OnnxValue declared in graph.DeclaredValues)
            values[declared.Name] = declared;
        foreach (OnnxTensor tensor in graph.Initializers.Values)
            values[tensor.Name] = new OnnxValue(tensor.Name, tensor.ElementType, tensor.Shape);
        foreach (OnnxValue input in graph.Inputs)
            values[input.Name] = input;
        Dictionary<string, long[]> known = [];
        foreach (OnnxNode node in TopologicalOrder.Of(graph))
        {
            if (OperatorShapes.RuleOf(node) is not { } rule)
                continue;
            try
            {
                OperatorContext context = new(node, graph, values, known);
                rule(context);
                KnownIndices.Follow(context);
            }
            catch (OverflowException e)
            {
                throw Fault.Of($"{node} makes a tensor larger than any memory", e);
            }
        }
        return values;
    }
}
