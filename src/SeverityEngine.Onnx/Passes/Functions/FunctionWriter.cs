using SeverityEngine.Onnx.Schema;
using static SeverityEngine.Onnx.Schema.AttributeProto.Types;

namespace SeverityEngine.Onnx.Passes.Functions;

/// <summary>Writes a graph anew, with bodies in place of calls.</summary>
/// <param name="model">The model.</param>
/// <param name="stays">Which functions stay functions.</param>
sealed class FunctionWriter(OnnxModel model, Func<OnnxFunction, bool> stays)
{
    const int Deepest = 64;

    /// <summary>Names and attributes of the bodies; constants, which are shared, do not count.</summary>
    const long MostBytes = 64 << 20;

    readonly List<OnnxNode> _nodes = [];
    readonly HashSet<OnnxFunction> _open = [];
    readonly OrderedDictionary<string, long> _opsets = model.Opsets();
    int _steps;
    long _bytes;

    /// <returns>How many calls of the graph were written out.</returns>
    public int Run()
    {
        int calls = 0;
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            if (Called(node) is not { } function)
            {
                _nodes.Add(node);
                continue;
            }
            Write(node, function, node.Name.Length > 0 ? node.Name : node.OpType);
            calls++;
        }
        model.Graph.SetNodes(_nodes);
        HashSet<string> unused = [.. model.Functions.Select(f => f.Domain)];
        unused.ExceptWith(_nodes.Select(n => n.Domain));
        model.SetOpsets(_opsets.Where(o => !unused.Contains(o.Key)));
        model.RemoveUnusedFunctions();
        return calls;
    }

    void Write(OnnxNode call, OnnxFunction function, string prefix)
    {
        if (!_open.Add(function))
            Fault.Invalid($"{function} calls itself, directly or through others: it has no end");
        if (_open.Count > Deepest)
            Fault.Invalid($"{function} is called by functions that call each other more than {Deepest} deep");
        FunctionCall bound = new(call, function, hint => model.Graph.FreshName($"{prefix}.{hint}"));
        Spend(function, function.Inputs.Count + function.Outputs.Count);
        foreach (NodeProto body in function.Proto.Node)
        {
            if (++_steps > InlineFunctions.MostNodes)
                Fault.Invalid(
                    $"{function} brings the nodes that stand for calls to more than {InlineFunctions.MostNodes}, which no network needs");
            OnnxNode node = bound.NodeOf(body);
            Spend(function, body.Input.Count + body.Attribute.Count + SizeOf(node.Proto));
            if (Called(node) is { } inner)
            {
                Write(node, inner, prefix);
                continue;
            }
            Import(function, node);
            _nodes.Add(node);
        }
        _nodes.AddRange(bound.PassedOn());
        _open.Remove(function);
    }

    OnnxFunction? Called(OnnxNode node) => model.FunctionOf(node) is { } function && !stays(function) ? function : null;

    void Import(OnnxFunction function, OnnxNode node)
    {
        long wanted = function.Opset(node.Domain)!.Value;
        if (!_opsets.TryAdd(node.Domain, wanted) && _opsets[node.Domain] is var present && present != wanted)
            Fault.Invalid(
                $"{function} is written in version {wanted} of the operators of domain '{node.Domain}', and the model uses {present}");
    }

    void Spend(OnnxFunction function, long bytes)
    {
        if ((_bytes += bytes) > MostBytes)
            Fault.Invalid($"{function} brings what stands for calls to more than {MostBytes} bytes, which no network needs");
    }

    static long SizeOf(NodeProto node) =>
        node.Name.Length + node.Input.Concat(node.Output).Sum(n => n.Length + 2L)
        + node.Attribute.Sum(a => a.CalculateSize() - (long)(a.T?.RawData.Length ?? 0));
}

/// <summary>One call of a function: what the names and attributes of the body are there.</summary>
sealed class FunctionCall
{
    readonly OnnxNode _call;
    readonly OnnxFunction _function;
    readonly Func<string, string> _freshName;
    readonly Dictionary<string, string> _values = [];
    readonly Dictionary<string, AttributeProto> _attributes = [];
    readonly List<(string From, string To)> _passedOn = [];

    public FunctionCall(OnnxNode call, OnnxFunction function, Func<string, string> freshName)
    {
        _call = call;
        _function = function;
        _freshName = freshName;
        if (call.Inputs.Count > function.Inputs.Count || call.Outputs.Count > function.Outputs.Count)
        {
            Fault.Invalid($"{call} reads {call.Inputs.Count} values and makes {call.Outputs.Count}, "
                + $"where {function} has {function.Inputs.Count} inputs and {function.Outputs.Count} outputs");
        }
        for (int i = 0; i < function.Inputs.Count; i++)
            _values.Add(function.Inputs[i], call.Input(i) ?? "");
        for (int i = 0; i < call.Outputs.Count; i++)
        {
            // An output that is an input has its name already, and needs a node that makes it.
            if (call.Outputs[i].Length > 0 && !_values.TryAdd(function.Outputs[i], call.Outputs[i]))
                PassOn(function.Outputs[i], call.Outputs[i]);
        }
        foreach (AttributeProto attribute in call.Proto.Attribute)
        {
            if (!function.HasAttribute(attribute.Name))
                Fault.Invalid($"{call} has the attribute '{attribute.Name}', which {function} does not");
            _attributes.Add(attribute.Name, attribute);
        }
    }

    /// <summary>A node of the body as it is for this call.</summary>
    public OnnxNode NodeOf(NodeProto body)
    {
        NodeProto node = new() { OpType = body.OpType, Name = _freshName(body.Name.Length > 0 ? body.Name : body.OpType) };
        if (body.HasDomain)
            node.Domain = body.Domain;
        if (body.HasOverload)
            node.Overload = body.Overload;
        node.Input.AddRange(body.Input.Select(ValueOf));
        while (node.Input.Count > 0 && node.Input[^1].Length == 0)
            node.Input.RemoveAt(node.Input.Count - 1);
        node.Output.AddRange(body.Output.Select(ValueOf));
        // Attributes are replaced and never changed, so that calls can share them.
        foreach (AttributeProto attribute in body.Attribute)
        {
            if (!attribute.HasRefAttrName)
                node.Attribute.Add(attribute);
            else if (Resolve(attribute) is { } resolved)
                node.Attribute.Add(resolved);
        }
        return new OnnxNode(node);
    }

    /// <summary>Nodes for the outputs of the function that are inputs of it.</summary>
    public IEnumerable<OnnxNode> PassedOn() => _passedOn.Select(p => new OnnxNode("Identity", _freshName("Identity"), [p.From], [p.To]));

    void PassOn(string output, string to)
    {
        if (_values[output].Length == 0)
            Fault.Invalid($"{_call} leaves '{output}' out, which is an output of {_function}");
        _passedOn.Add((_values[output], to));
    }

    string ValueOf(string name)
    {
        if (name.Length == 0)
            return "";
        if (!_values.TryGetValue(name, out string? value))
            _values.Add(name, value = _freshName(name));
        return value;
    }

    AttributeProto? Resolve(AttributeProto reference)
    {
        if ((_attributes.GetValueOrDefault(reference.RefAttrName) ?? _function.DefaultOf(reference.RefAttrName)) is not { } given)
            return null;
        if (reference.Type != AttributeType.Undefined && reference.Type != given.Type)
            Fault.Invalid($"{_call}: attribute '{given.Name}' is of type {given.Type}, where {_function} needs {reference.Type}");
        AttributeProto resolved = given.Clone();
        resolved.Name = reference.Name;
        return resolved;
    }
}
