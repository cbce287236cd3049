using SeverityEngine.Onnx.Schema;
using static SeverityEngine.Onnx.Schema.AttributeProto.Types;

namespace SeverityEngine.Onnx.Graphs;

/// <summary>Refuses what this library would misread: a pass that knows nothing of a subgraph would cut the values it uses.</summary>
static class GraphFeatures
{
    /// <summary>The first version of the file format that has functions.</summary>
    public const long FunctionsIrVersion = 8;

    /// <summary>The standard operators have two names.</summary>
    public static string DomainOf(string domain) => domain == "ai.onnx" ? "" : domain;

    public static string NameOf(FunctionProto function) =>
        $"function '{function.Domain}.{function.Name}{(function.Overload.Length > 0 ? ":" : "")}{function.Overload}'";

    public static void RefuseUnsupported(ModelProto model, string source)
    {
        if (model.Functions.Count > 0 && model.IrVersion < FunctionsIrVersion)
            Fault.Invalid($"{source}: the model defines functions, but is of IR version {model.IrVersion}, which has none");
        if (model.TrainingInfo.Count > 0)
            Fault.Invalid($"{source}: the model carries a training graph, which is not supported");
        if (model.Graph.SparseInitializer.Count > 0)
            Fault.Invalid($"{source}: the model has sparse initializers, which are not supported");
    }

    public static void RefuseUnsupported(NodeProto node, string source) =>
        RefuseUnsupported(node.Attribute, $"{source}: {new OnnxNode(node)}", null);

    /// <summary>Refuses a function whose body could not stand in a graph: so whoever writes it out need not look again.</summary>
    public static void RefuseUnsupported(FunctionProto function, string source)
    {
        string name = $"{source}: {NameOf(function)}";
        if (function.Name.Length == 0)
            Fault.Invalid($"{name} has no name");
        if (DomainOf(function.Domain).Length == 0)
            Fault.Invalid($"{name} takes the place of a standard operator, which is not supported");
        HashSet<string> attributes = [];
        foreach (string attribute in function.Attribute.Concat(function.AttributeProto.Select(a => a.Name)))
        {
            if (!attributes.Add(attribute))
                Fault.Invalid($"{name} has the attribute '{attribute}' twice");
        }
        RefuseUnsupported(function.AttributeProto, name, null);
        HashSet<string> domains = [.. function.OpsetImport.Select(o => DomainOf(o.Domain))];
        HashSet<string> made = [];
        foreach (string input in function.Input)
        {
            if (input.Length == 0 || !made.Add(input))
                Fault.Invalid($"{name} has two inputs named '{input}', or one without a name");
        }
        foreach (NodeProto proto in function.Node)
        {
            OnnxNode node = new(proto);
            if (node.OpType.Length == 0)
                Fault.Invalid($"{name}: {node} has no operator");
            if (!domains.Contains(node.Domain))
                Fault.Invalid($"{name}: {node} is of domain '{node.Domain}', which the function does not import");
            RefuseUnsupported(proto.Attribute, $"{name}: {node}", attributes);
            foreach (string input in node.Inputs.Where(i => i.Length > 0 && !made.Contains(i)))
                Fault.Invalid($"{name}: {node} reads '{input}', which nothing before it makes");
            foreach (string output in node.Outputs.Where(o => o.Length > 0 && !made.Add(o)))
                Fault.Invalid($"{name}: {node} makes '{output}', which is made already");
        }
        HashSet<string> outputs = [];
        foreach (string output in function.Output)
        {
            if (!made.Contains(output) || !outputs.Add(output))
                Fault.Invalid($"{name}: its output '{output}' is made by no node, or is listed twice");
        }
    }

    /// <param name="attributes">A node's, or the defaults of a function's.</param>
    /// <param name="name">What they are of.</param>
    /// <param name="referable">The attributes of the function that the node is part of; null for a node of a graph.</param>
    static void RefuseUnsupported(IEnumerable<AttributeProto> attributes, string name, HashSet<string>? referable)
    {
        HashSet<string> seen = [];
        foreach (AttributeProto attribute in attributes)
        {
            if (!seen.Add(attribute.Name))
                Fault.Invalid($"{name}: attribute '{attribute.Name}' is given twice");
            if (attribute.HasG || attribute.Graphs.Count > 0)
                Fault.Invalid($"{name}: attribute '{attribute.Name}' is a subgraph, which is not supported");
            if (attribute.HasSparseTensor || attribute.SparseTensors.Count > 0)
                Fault.Invalid($"{name}: attribute '{attribute.Name}' is a sparse tensor, which is not supported");
            if (attribute.Tensors.Count > 0)
                Fault.Invalid($"{name}: attribute '{attribute.Name}' is a list of tensors, which is not supported");
            if (attribute.T is not null && attribute.Type != AttributeType.Tensor)
                Fault.Invalid($"{name}: attribute '{attribute.Name}' holds a tensor, but is of type {attribute.Type}");
            if (attribute.HasRefAttrName)
            {
                if (referable is null)
                    Fault.Invalid($"{name}: attribute '{attribute.Name}' refers to a function's, but there is no function");
                if (!referable.Contains(attribute.RefAttrName))
                    Fault.Invalid(
                        $"{name}: attribute '{attribute.Name}' refers to '{attribute.RefAttrName}', which the function does not have");
            }
            else if (attribute.Type == AttributeType.Tensor)
            {
                if (attribute.T is null)
                    Fault.Invalid($"{name}: attribute '{attribute.Name}' holds no tensor");
                TensorData.Normalize(attribute.T, name);
            }
        }
    }
}
