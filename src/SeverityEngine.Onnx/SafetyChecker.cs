using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Safety;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>
/// Tells a model that is data from one that is code. Data computes one result of a size and in a time that can be told beforehand, and
/// cannot end the process that runs it: it uses only operators whose shapes are known here, has no loops, branches or other files, and
/// divides whole numbers only by constants. Everything else may be sound too, but is to be trusted as a program is.
/// </summary>
public static class SafetyChecker
{
    /// <summary>The most nodes, those of functions counted wherever they are called; a DenseNet-121 has some 430.</summary>
    public const int MostNodes = 20_000;

    /// <summary>
    /// The most bytes that the values between the nodes may take at once for one sample, each from where it is made to where it is read
    /// last; those of a DenseNet-121 take some 10 MB.
    /// </summary>
    public const long MostBytes = 2L << 30;

    /// <summary>The most multiplications and additions, or other steps, for one sample; a DenseNet-121 takes 3 billion.</summary>
    public const double MostSteps = 1e12;

    /// <summary>The standard operators that data may use, and those of other domains with their domain.</summary>
    public static IReadOnlyCollection<string> Operators => Shapes.OperatorShapes.Names;

    /// <summary>Reads a file that is data.</summary>
    /// <param name="bytes">All of the file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Untrusted"/>: it is code; the message names the node.
    /// <see cref="OnnxFault.Invalid"/>: it is damaged, not sound, or not one file.</exception>
    public static OnnxModel Read(ReadOnlySpan<byte> bytes, string source = "the model")
    {
        ModelProto proto = OnnxModel.ParseProto(bytes, source);
        // First of all, so that a loop is called one and not a node with an attribute that is not supported.
        HashSet<(string, string, string)> functions = [.. proto.Functions.Select(f => (f.Domain, f.Name, f.Overload))];
        foreach (NodeProto node in (proto.Graph?.Node ?? []).Concat(proto.Functions.SelectMany(f => f.Node)))
            RequireKnown(new OnnxNode(node), functions);
        OnnxModel model = new(proto, source);
        Check(model);
        return model;
    }

    /// <summary>Checks that a model is data.</summary>
    /// <exception cref="OnnxException">As for <see cref="Read"/>.</exception>
    public static void Check(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (OnnxFunction function in model.Functions.Where(f => IsOfTheRuntime(f.Domain)))
            Fault.Untrusted($"{function} is in a domain of the runtime's own, which would run its operator in place of the function");
        if (model.Opset() is not >= GraphChecker.OldestOpset)
            Fault.Untrusted($"the model uses version {model.Opset()} of the standard operators, "
                + $"which mean other things before version {GraphChecker.OldestOpset}");
        OnnxModel flat = model.Clone();
        // The engine's own operators are known as they are.
        HashSet<OnnxFunction> own = [.. flat.Functions.Where(EngineFunctions.Keeps)];
        InlineFunctions.ApplyBut(flat, own.Contains);
        OnnxGraph graph = flat.Graph;
        if (graph.Nodes.Count > MostNodes)
            Fault.Untrusted($"the model has {graph.Nodes.Count} nodes, and data at most {MostNodes}");
        GraphChecker.CheckValues(graph);
        // What a caller may replace is a constant here: nobody replaces it. One sample is computed.
        graph.SetInputs([.. graph.Inputs.Where(i => !graph.Initializers.ContainsKey(i.Name)).Select(OfOneSample)]);
        GraphChecker.CheckConstants(flat);
        Workload.Check(graph);
    }

    static void RequireKnown(OnnxNode node, HashSet<(string, string, string)> functions)
    {
        if (!ShapeInference.Knows(node) && !functions.Contains((node.Domain, node.OpType, node.Overload)))
            Fault.Untrusted($"{node}: the operator is none of those that data may use");
    }

    /// <summary>Domains in which ONNX Runtime has operators beside the standard ones.</summary>
    static bool IsOfTheRuntime(string domain) =>
        ((string[])["com.microsoft", "com.ms", "ai.onnx", "org.pytorch"]).Any(
            d => domain == d || domain.StartsWith(d + ".", StringComparison.Ordinal));

    static OnnxValue OfOneSample(OnnxValue input) =>
        input with { Shape = input.Shape is { } shape ? new OnnxShape(shape.Select(d => d.IsFixed ? d : new OnnxDimension(1))) : null };
}
