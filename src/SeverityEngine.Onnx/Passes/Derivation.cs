namespace SeverityEngine.Onnx.Passes;

/// <summary>What passes begin with that add an output to a copy of a model.</summary>
static class Derivation
{
    /// <summary>The copy, in standard operators as far as the model says what its own are.</summary>
    /// <param name="model">The model; it stays as it is.</param>
    /// <param name="output">An output that it must have.</param>
    /// <param name="input">An input that it must have.</param>
    /// <param name="added">The output that will be added, which it must not have.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>, <see cref="OnnxFault.Unsupported"/>.</exception>
    public static OnnxModel Start(OnnxModel model, string output, string input, string added)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        if (!graph.IsInput(input) || !graph.IsOutput(output))
            throw new OnnxException(OnnxFault.Invalid, $"the model has no input '{input}' or no output '{output}'");
        if (graph.IsOutput(added) || graph.Producer(added) is not null)
            throw new OnnxException(OnnxFault.Unsupported, $"the model has a value '{added}' already; use the original model");
        OnnxModel derived = model.Clone();
        StandardOperators.Restore(derived);
        return derived;
    }
}

/// <summary>The part of a graph that lies between its input and one of its outputs.</summary>
static class ActivePath
{
    /// <summary>
    /// The numbers that depend on the input and on which the output depends. Whole numbers, such as shapes, have no gradient.
    /// </summary>
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
