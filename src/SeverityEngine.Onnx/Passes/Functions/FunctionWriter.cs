using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Passes.Functions;

/// <summary>Writes a graph anew, with bodies in place of calls.</summary>
sealed class FunctionWriter(OnnxModel model)
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
            if (model.FunctionOf(node) is not { } function)
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
                Fault.Invalid($"{function} brings the nodes that stand for calls to more than {InlineFunctions.MostNodes}, which no network needs");
            OnnxNode node = bound.NodeOf(body);
            Spend(function, body.Input.Count + body.Attribute.Count + SizeOf(node.Proto));
            if (model.FunctionOf(node) is { } inner)
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

    void Import(OnnxFunction function, OnnxNode node)
    {
        long wanted = function.Opset(node.Domain)!.Value;
        if (!_opsets.TryAdd(node.Domain, wanted) && _opsets[node.Domain] is var present && present != wanted)
            Fault.Invalid($"{function} is written in version {wanted} of the operators of domain '{node.Domain}', and the model uses {present}");
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
