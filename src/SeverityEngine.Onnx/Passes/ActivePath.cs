namespace SeverityEngine.Onnx.Passes;

/// <summary>The part of a graph that lies between its input and one of its outputs.</summary>
static class ActivePath
{
    /// <summary>The numbers that depend on the input and on which the output depends. Whole numbers, such as shapes, have no gradient.</summary>
    public static HashSet<string> Values(List<OnnxNode> order, IReadOnlyDictionary<string, OnnxValue> values, string input, string output)
    {
        HashSet<string> reached = [input], needed = [output];
        foreach (OnnxNode node in order)
        {
            if (node.Inputs.Any(reached.Contains))
                reached.UnionWith(node.Outputs.Where(IsReal));
        }
        foreach (OnnxNode node in Enumerable.Reverse(order))
        {
            if (node.Outputs.Any(needed.Contains))
                needed.UnionWith(node.Inputs);
        }
        reached.IntersectWith(needed);
        return reached;

        bool IsReal(string name) => name.Length > 0 && (values.GetValueOrDefault(name)?.ElementType ?? OnnxElementType.Undefined)
            is OnnxElementType.Undefined or OnnxElementType.Float32 or OnnxElementType.Float64 or OnnxElementType.Float16;
    }
}
