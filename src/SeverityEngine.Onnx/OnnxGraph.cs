using System.Diagnostics.CodeAnalysis;
using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>
/// A graph: nodes that make values from inputs and constants. It may be changed freely; <see cref="Producer"/> and
/// <see cref="Consumers"/> always answer for the graph as it stands.
/// </summary>
public sealed class OnnxGraph
{
    readonly GraphProto _proto;
    readonly List<OnnxNode> _nodes;
    readonly OrderedDictionary<string, OnnxTensor> _initializers = [];
    readonly List<OnnxValue> _inputs;
    readonly List<OnnxValue> _outputs;
    GraphIndex? _index;
    FreshNames? _freshNames;

    internal OnnxGraph(GraphProto proto, string source)
    {
        _proto = proto;
        foreach (NodeProto node in proto.Node)
            GraphFeatures.RefuseUnsupported(node, source);
        _nodes = [.. proto.Node.Select(n => new OnnxNode(n) { Graph = this })];
        foreach (TensorProto tensor in proto.Initializer)
        {
            if (tensor.Name.Length == 0)
                Fault.Invalid($"{source}: an initializer has no name");
            if (!_initializers.TryAdd(tensor.Name, new OnnxTensor(tensor, source)))
                Fault.Invalid($"{source}: two initializers are named '{tensor.Name}'");
        }
        _inputs = [.. proto.Input.Select(ValueInfos.Read)];
        _outputs = [.. proto.Output.Select(ValueInfos.Read)];
        DeclaredValues = [.. proto.ValueInfo.Select(ValueInfos.Read)];
    }

    /// <summary>Its name.</summary>
    public string Name
    {
        get => _proto.Name;
        set => _proto.Name = value;
    }

    /// <summary>Its nodes; in a sound graph each stands after those whose values it reads.</summary>
    public IReadOnlyList<OnnxNode> Nodes => _nodes;

    /// <summary>Its constants by name.</summary>
    public IReadOnlyDictionary<string, OnnxTensor> Initializers => _initializers;

    /// <summary>Its inputs. In files of IR version 3 and older they list the constants too.</summary>
    public IReadOnlyList<OnnxValue> Inputs => _inputs;

    /// <summary>Its outputs.</summary>
    public IReadOnlyList<OnnxValue> Outputs => _outputs;

    /// <summary>What the file says of values within the graph. Those that exist no longer are left out on writing.</summary>
    public IReadOnlyList<OnnxValue> DeclaredValues { get; private set; }

    /// <summary>The node that makes a value; null for an input, a constant, or a name that is unknown.</summary>
    public OnnxNode? Producer(string value) => Index.Producer(value);

    /// <summary>The nodes that read a value, in the graph's order, each once.</summary>
    public IReadOnlyList<OnnxNode> Consumers(string value) => Index.Consumers(value);

    /// <summary>Whether a value is one of the graph's outputs.</summary>
    public bool IsOutput(string value) => _outputs.Exists(o => o.Name == value);

    /// <summary>Whether a value is one of the graph's inputs.</summary>
    public bool IsInput(string value) => _inputs.Exists(i => i.Name == value);

    /// <summary>The node that reads a value, where it is the only reader and the value is no output: the two can be made one.</summary>
    public bool TryGetOnlyConsumer(string value, [NotNullWhen(true)] out OnnxNode? consumer)
    {
        consumer = Consumers(value) is [OnnxNode only] && !IsOutput(value) ? only : null;
        return consumer is not null;
    }

    /// <summary>The value as a constant, whether an initializer or what a Constant node makes; null where it is none.</summary>
    /// <param name="value">The value's name; null, for an input left out, is no constant.</param>
    public OnnxTensor? Constant(string? value)
    {
        if (value is null)
            return null;
        if (_initializers.TryGetValue(value, out OnnxTensor? tensor))
            return IsInput(value) ? null : tensor; // an initializer that is an input is a default, which a caller may replace
        return Producer(value) is { } node && node.Is("Constant") ? node.ConstantValue() : null;
    }

    /// <summary>A name that nothing in the graph has or has had: the hint itself where it is free, else with a number.</summary>
    public string FreshName(string hint) => (_freshNames ??= new FreshNames(this)).Next(hint);

    /// <summary>Adds an input.</summary>
    public void AddInput(OnnxValue input)
    {
        _inputs.Add(input);
        _proto.Input.Add(ValueInfos.Write(input));
        Changed(input.Name);
    }

    /// <summary>These inputs in place of all that there were.</summary>
    internal void SetInputs(IReadOnlyList<OnnxValue> inputs)
    {
        _inputs.Clear();
        _proto.Input.Clear();
        foreach (OnnxValue input in inputs)
            AddInput(input);
    }

    /// <summary>Adds an output.</summary>
    public void AddOutput(OnnxValue output)
    {
        _outputs.Add(output);
        _proto.Output.Add(ValueInfos.Write(output));
    }

    /// <summary>Drops an output; whether there was one of that name.</summary>
    public bool RemoveOutput(string name)
    {
        int at = _outputs.FindIndex(o => o.Name == name);
        if (at < 0)
            return false;
        _outputs.RemoveAt(at);
        _proto.Output.RemoveAt(at);
        return true;
    }

    /// <summary>Says a value's type and shape, which nothing says yet, for runtimes that cannot infer them.</summary>
    public void Declare(OnnxValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        DeclaredValues = [.. DeclaredValues, value];
        _proto.ValueInfo.Add(ValueInfos.Write(value));
    }

    /// <summary>Drops what the file says of values within the graph, as a pass must that changes their types or shapes.</summary>
    public void ForgetDeclaredValues()
    {
        DeclaredValues = [];
        _proto.ValueInfo.Clear();
    }

    /// <summary>Adds a constant, or replaces the one of its name.</summary>
    /// <returns>Its name.</returns>
    public string SetInitializer(OnnxTensor tensor)
    {
        ArgumentException.ThrowIfNullOrEmpty(tensor.Name);
        _initializers[tensor.Name] = tensor;
        Changed(tensor.Name);
        return tensor.Name;
    }

    /// <summary>Removes a constant; whether there was one of that name.</summary>
    public bool RemoveInitializer(string name) => _initializers.Remove(name);

    /// <summary>Adds a node at the end.</summary>
    public OnnxNode Add(OnnxNode node) => Insert(_nodes.Count, node);

    /// <summary>Adds a node before another.</summary>
    public OnnxNode InsertBefore(OnnxNode anchor, OnnxNode node) => Insert(PositionOf(anchor), node);

    /// <summary>Adds a node after another.</summary>
    public OnnxNode InsertAfter(OnnxNode anchor, OnnxNode node) => Insert(PositionOf(anchor) + 1, node);

    /// <summary>Takes a node out. Who reads its values is the caller's to settle.</summary>
    public void Remove(OnnxNode node)
    {
        _nodes.RemoveAt(PositionOf(node));
        node.Graph = null;
        Changed();
    }

    /// <summary>Lets every node that reads one value read another. The graph's outputs keep their names, and so their makers.</summary>
    public void ReplaceUses(string value, string replacement)
    {
        foreach (OnnxNode node in Consumers(value))
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i] == value)
                    node.SetInput(i, replacement);
            }
        }
    }

    /// <summary>
    /// Puts the nodes into an order in which each stands after those whose values it reads, disturbing the present one little.
    /// </summary>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the graph has a cycle.</exception>
    public void SortTopologically()
    {
        List<OnnxNode> sorted = TopologicalOrder.Of(this);
        _nodes.Clear();
        _nodes.AddRange(sorted);
        Changed();
    }

    /// <summary>Removes the nodes and constants on which no output depends.</summary>
    public void RemoveUnused()
    {
        HashSet<string> used = [.. _outputs.Select(o => o.Name)];
        Stack<string> open = new(used);
        HashSet<OnnxNode> kept = [];
        while (open.TryPop(out string? value))
        {
            if (Producer(value) is { } node && kept.Add(node))
            {
                foreach (string input in node.Inputs)
                {
                    if (used.Add(input))
                        open.Push(input);
                }
            }
        }
        foreach (OnnxNode node in _nodes.Where(n => !kept.Contains(n)))
            node.Graph = null;
        _nodes.RemoveAll(n => !kept.Contains(n));
        foreach (string name in _initializers.Keys.Where(n => !used.Contains(n) && !IsInput(n)).ToArray())
            _initializers.Remove(name);
        Changed();
    }

    /// <summary>These nodes in place of all that there were, some of which may be among them.</summary>
    internal void SetNodes(IReadOnlyList<OnnxNode> nodes)
    {
        foreach (OnnxNode node in _nodes)
            node.Graph = null;
        _nodes.Clear();
        _nodes.AddRange(nodes);
        foreach (OnnxNode node in nodes)
        {
            node.Graph = this;
            _freshNames?.Take(node);
        }
        Changed();
    }

    internal void Changed() => _index = null;

    internal void Changed(string newName)
    {
        _freshNames?.Take(newName);
        Changed();
    }

    /// <summary>The message, brought up to date.</summary>
    internal GraphProto ToProto()
    {
        _proto.Node.Clear();
        _proto.Node.AddRange(_nodes.Select(n => n.Proto));
        _proto.Initializer.Clear();
        _proto.Initializer.AddRange(_initializers.Values.Select(t => t.Proto));
        for (int i = _proto.ValueInfo.Count - 1; i >= 0; i--)
        {
            if (Producer(_proto.ValueInfo[i].Name) is null && !_initializers.ContainsKey(_proto.ValueInfo[i].Name))
                _proto.ValueInfo.RemoveAt(i);
        }
        return _proto;
    }

    GraphIndex Index => _index ??= new GraphIndex(this);

    OnnxNode Insert(int position, OnnxNode node)
    {
        if (node.Graph is not null)
            throw new InvalidOperationException($"{node} stands in a graph already");
        node.Graph = this;
        _nodes.Insert(position, node);
        _freshNames?.Take(node);
        Changed();
        return node;
    }

    int PositionOf(OnnxNode node)
    {
        int position = _nodes.IndexOf(node);
        return position >= 0 ? position : throw new InvalidOperationException($"{node} does not stand in this graph");
    }
}

/// <summary>A value that flows through a graph: its name and what is known of its type.</summary>
/// <param name="Name">Its name, unique in its graph.</param>
/// <param name="ElementType">
/// The type of its elements; <see cref="OnnxElementType.Undefined"/> where unknown, or where it is no tensor.
/// </param>
/// <param name="Shape">Its dimensions; null where not even their number is known.</param>
public sealed record OnnxValue(string Name, OnnxElementType ElementType = OnnxElementType.Undefined, OnnxShape? Shape = null)
{
    /// <summary>For example <c>image: Float32 [N, 1, 224, 224]</c>.</summary>
    public override string ToString() => $"{Name}: {ElementType} {Shape?.ToString() ?? "of unknown rank"}";
}
