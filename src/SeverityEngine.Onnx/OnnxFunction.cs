using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>
/// An operator that a model defines by others: a model-local function. A node of its domain and name calls it. Once made it does not
/// change.
/// </summary>
public sealed class OnnxFunction
{
    readonly Dictionary<string, AttributeProto?> _attributes = [];
    readonly Dictionary<string, long> _opsets = [];

    /// <summary>A function without attributes.</summary>
    /// <param name="domain">The domain of the operator that it defines; not that of the standard operators.</param>
    /// <param name="name">The operator.</param>
    /// <param name="inputs">The names that its nodes have for what a call reads.</param>
    /// <param name="outputs">The names that its nodes have for what a call makes.</param>
    /// <param name="nodes">Its body, each node after those whose values it reads; the nodes are copied.</param>
    /// <param name="opsets">The version of each operator domain that the body uses, the standard operators' being empty.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the body is not sound.</exception>
    public OnnxFunction(
        string domain, string name, IEnumerable<string> inputs, IEnumerable<string> outputs, IEnumerable<OnnxNode> nodes,
        params ReadOnlySpan<(string Domain, long Version)> opsets)
        : this(Write(domain, name, inputs, outputs, nodes, opsets), "the model")
    {
    }

    internal OnnxFunction(FunctionProto proto, string source)
    {
        Proto = proto;
        GraphFeatures.RefuseUnsupported(proto, source);
        foreach (string attribute in proto.Attribute)
            _attributes.Add(attribute, null);
        foreach (AttributeProto attribute in proto.AttributeProto)
            _attributes.Add(attribute.Name, attribute);
        foreach (OperatorSetIdProto opset in proto.OpsetImport)
            _opsets.TryAdd(GraphFeatures.DomainOf(opset.Domain), opset.Version);
    }

    internal FunctionProto Proto { get; }

    /// <summary>The operator that it defines.</summary>
    public string Name => Proto.Name;

    /// <summary>The domain of the operator that it defines.</summary>
    public string Domain => Proto.Domain;

    /// <summary>Tells functions of one domain and name apart; mostly empty.</summary>
    public string Overload => Proto.Overload;

    /// <summary>The names that its nodes have for what a call reads. A call may leave some out.</summary>
    public IReadOnlyList<string> Inputs => Proto.Input;

    /// <summary>The names that its nodes have for what a call makes.</summary>
    public IReadOnlyList<string> Outputs => Proto.Output;

    /// <summary>The attributes that a call may have.</summary>
    public IReadOnlyCollection<string> Attributes => _attributes.Keys;

    /// <summary>The version of an operator domain that its nodes are of; null where it does not name that domain.</summary>
    /// <param name="domain">The domain; empty for the standard operators.</param>
    public long? Opset(string domain = "") => _opsets.TryGetValue(domain, out long version) ? version : null;

    /// <summary>Copies of its nodes, which stand in no graph.</summary>
    public IReadOnlyList<OnnxNode> CopyNodes() => [.. Proto.Node.Select(n => new OnnxNode(n.Clone()))];

    /// <summary>For example <c>function 'severity.WinogradConv'</c>.</summary>
    public override string ToString() => GraphFeatures.NameOf(Proto);

    internal (string Domain, string Name, string Overload) Key => (Domain, Name, Overload);

    /// <summary>What an attribute is where a call does not have it; null for nothing.</summary>
    internal AttributeProto? DefaultOf(string attribute) => _attributes[attribute];

    internal bool HasAttribute(string name) => _attributes.ContainsKey(name);

    static FunctionProto Write(
        string domain, string name, IEnumerable<string> inputs, IEnumerable<string> outputs, IEnumerable<OnnxNode> nodes,
        ReadOnlySpan<(string Domain, long Version)> opsets)
    {
        FunctionProto proto = new() { Domain = domain, Name = name };
        proto.Input.AddRange(inputs);
        proto.Output.AddRange(outputs);
        proto.Node.AddRange(nodes.Select(n => n.Proto.Clone()));
        foreach ((string used, long version) in opsets)
            proto.OpsetImport.Add(new OperatorSetIdProto { Domain = used, Version = version });
        return proto;
    }
}
