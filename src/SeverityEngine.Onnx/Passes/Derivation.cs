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

    /// <summary>
    /// Gives a model an output of another that reads the same inputs, with all that makes it, under names of its own, and the other's
    /// version of the standard operators.
    /// </summary>
    public static void AddOutput(OnnxModel model, OnnxModel other, string output)
    {
        OnnxGraph source = other.Graph;
        model.SetOpset("", other.Opset()!.Value);
        foreach (string name in source.Outputs.Select(o => o.Name).Where(n => n != output).ToArray())
            source.RemoveOutput(name);
        source.RemoveUnused();
        Dictionary<string, string> names = new() { [""] = "", [output] = output };
        foreach (OnnxValue input in source.Inputs)
            names.TryAdd(input.Name, input.Name);
        foreach (OnnxTensor constant in source.Initializers.Values)
            names.Add(constant.Name, model.Graph.SetInitializer(constant.Named(model.Graph.FreshName($"{output}.{constant.Name}"))));
        foreach (OnnxNode node in source.Nodes)
        {
            foreach (string made in node.Outputs)
            {
                if (!names.ContainsKey(made))
                    names.Add(made, model.Graph.FreshName($"{output}.{made}"));
            }
            OnnxNode copy = new(node.OpType, model.Graph.FreshName($"{output}.{node.Name}"), node.Inputs.Select(i => names[i]),
                node.Outputs.Select(o => names[o]), node.Domain);
            copy.Proto.Attribute.AddRange(node.Proto.Attribute);
            model.Graph.Add(copy);
        }
        model.Graph.AddOutput(source.Outputs.Single());
        GraphChecker.Check(model, allowUnknownOperators: true);
    }
}

/// <summary>The part of a graph that lies between its input and one of its outputs.</summary>
static class ActivePath
{
    /// <summary>
    /// The numbers that depend on the input and on which the output depends. Whole numbers, such as shapes, have no gradient;
    /// those of 8 bits stand for real ones.
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
            is OnnxElementType.Undefined or OnnxElementType.Float32 or OnnxElementType.Float64 or OnnxElementType.Float16
            or OnnxElementType.UInt8 or OnnxElementType.Int8;
    }
}
