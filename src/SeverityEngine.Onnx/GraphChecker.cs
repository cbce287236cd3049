using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>Refuses a graph that a runtime could not run: to be asked before a graph is written.</summary>
public static class GraphChecker
{
    /// <summary>The oldest version of the standard operators whose graphs are checked.</summary>
    public const long OldestOpset = 7;

    /// <summary>The newest version of the standard operators whose graphs are checked.</summary>
    public const long NewestOpset = 21;

    /// <summary>
    /// Checks that the operator sets are known, that each value is made once and before it is read, that the outputs are made,
    /// and that types and shapes agree throughout.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="allowUnknownOperators">Accept operators whose shape rule is not known here, as a model from elsewhere may use.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: names the node and the fault.</exception>
    public static void Check(OnnxModel model, bool allowUnknownOperators = false)
    {
        CheckOpsets(model, allowUnknownOperators);
        CheckValues(model.Graph);
        CheckTypes(model.Graph);
    }

    /// <summary>
    /// Checks that the numbers that a graph holds are finite. Infinities that Clip, Pad, Max, Min and Where alone read are bounds, and
    /// stay.
    /// </summary>
    /// <remarks>What functions hold is not looked at; <see cref="Passes.InlineFunctions"/> writes them out.</remarks>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: names the tensor.</exception>
    public static void CheckConstants(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        foreach ((string name, OnnxTensor tensor) in graph.Initializers)
            CheckConstant(graph, name, tensor);
        foreach (OnnxNode node in graph.Nodes)
        {
            if (node.Is("Constant") && node.Outputs.Count > 0 && node.ConstantValue() is { } value)
                CheckConstant(graph, node.Outputs[0], value);
            else if (node.Attributes.Names.FirstOrDefault(a => node.Attributes.IsNaN(a)) is { } attribute)
                Fault.Invalid($"{node}: attribute '{attribute}' is not a number; train or export the network again");
        }
    }

    static void CheckConstant(OnnxGraph graph, string name, OnnxTensor tensor)
    {
        if (FiniteNumbers.All(tensor))
            return;
        bool isBound = FiniteNumbers.AreNumbers(tensor) && graph.Consumers(name) is { Count: > 0 } readers && !graph.IsOutput(name)
            && readers.All(r => r.Domain.Length == 0 && r.OpType is "Clip" or "Pad" or "Max" or "Min" or "Where");
        if (!isBound)
        {
            Fault.Invalid(
                $"tensor '{name}' holds numbers that are not finite, and every weight must be; train or export the network again");
        }
    }

    static void CheckOpsets(OnnxModel model, bool allowUnknownOperators)
    {
        if (model.Opset() is not { } opset)
            throw Fault.Of("the model does not say which version of the standard operators it uses");
        if (opset is < OldestOpset or > NewestOpset)
            Fault.Invalid($"the model uses version {opset} of the standard operators; {OldestOpset} to {NewestOpset} are known");
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            if (node.OpType.Length == 0)
                Fault.Invalid($"{node} has no operator");
            if (model.Opset(node.Domain) is null)
                Fault.Invalid($"{node} is of domain '{node.Domain}', which the model does not import");
            if (!allowUnknownOperators && !ShapeInference.Knows(node) && model.FunctionOf(node) is null)
                Fault.Invalid($"{node}: the operator is not known here");
        }
    }

    /// <summary>Each value is made once and before it is read, and the outputs are made.</summary>
    internal static void CheckValues(OnnxGraph graph)
    {
        HashSet<string> made = [.. graph.Initializers.Keys];
        HashSet<string> inputs = [];
        foreach (OnnxValue input in graph.Inputs)
        {
            if (input.Name.Length == 0 || !inputs.Add(input.Name))
                Fault.Invalid($"two inputs of the graph are named '{input.Name}', or one has no name");
        }
        made.UnionWith(inputs);
        TopologicalOrder.Of(graph);
        foreach (OnnxNode node in graph.Nodes)
        {
            foreach (string input in node.Inputs.Where(i => i.Length > 0 && !made.Contains(i)))
            {
                Fault.Invalid(graph.Producer(input) is { } later
                    ? $"{node} reads '{input}', but stands before the {later} that makes it"
                    : $"{node} reads '{input}', which nothing makes");
            }
            foreach (string output in node.Outputs.Where(o => o.Length > 0))
            {
                if (!made.Add(output))
                    Fault.Invalid($"{node} makes '{output}', which is made already");
            }
        }
        if (graph.Outputs.Count == 0)
            Fault.Invalid("the graph has no output");
        HashSet<string> outputs = [];
        foreach (OnnxValue output in graph.Outputs)
        {
            if (!made.Contains(output.Name))
                Fault.Invalid($"the graph's output '{output.Name}' is made by no node");
            if (!outputs.Add(output.Name))
                Fault.Invalid($"the graph's output '{output.Name}' is listed twice");
        }
    }

    static void CheckTypes(OnnxGraph graph)
    {
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        foreach (OnnxValue declared in graph.Outputs.Concat(graph.DeclaredValues.Where(d => graph.Producer(d.Name) is not null)))
        {
            OnnxValue found = values.GetValueOrDefault(declared.Name) ?? new OnnxValue(declared.Name);
            bool sameType = found.ElementType == declared.ElementType
                || found.ElementType == OnnxElementType.Undefined || declared.ElementType == OnnxElementType.Undefined;
            if (!sameType || (found.Shape is not null && declared.Shape is not null && !found.Shape.Agrees(declared.Shape)))
            {
                Fault.Invalid($"the graph declares {declared}, but {graph.Producer(declared.Name)?.ToString() ?? "it"} makes "
                    + $"{found.ElementType} {found.Shape?.ToString() ?? "of unknown rank"}");
            }
        }
    }
}
