using SeverityEngine.Onnx.Passes.Functions;
using SeverityEngine.Onnx.Passes.Layers;

namespace SeverityEngine.Onnx.Passes;

/// <summary>The engine's own operators in standard ones, as models carry them.</summary>
public static class EngineFunctions
{
    /// <summary>The oldest version of the standard operators that they are written in.</summary>
    public const long OldestOpset = 13;

    static readonly Dictionary<string, Func<long, OnnxFunction>> s_byName = new()
    {
        [WinogradOperator.OpType] = Winograd,
        [DenseRoomOperator.OpType] = DenseRoom,
        [DenseLayerOperator.OpType] = DenseLayer,
        [DenseClampOperator.OpType] = DenseClamp,
        [DensePoolOperator.OpType] = DensePool,
    };

    /// <summary>Whether a model can use the operators: it is new enough, and means nothing else by their names.</summary>
    internal static bool MayBeAddedTo(OnnxModel model) =>
        model.Opset() is >= OldestOpset && (model.Opset(WinogradOperator.Domain) ?? WinogradOperator.Version) == WinogradOperator.Version
        && KeepMeaning(model);

    /// <summary>
    /// Whether a model means by the operators what this engine does: it does not say what they are, or defines them as here, whatever the
    /// names are. Otherwise a kernel for an operator would give other results than the file's own definition.
    /// </summary>
    public static bool KeepMeaning(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Functions.All(f => !IsNamedSo(f) || Keeps(f));
    }

    /// <summary>Whether a function is one of the engine's operators, as it is here.</summary>
    internal static bool Keeps(OnnxFunction function) => IsNamedSo(function) && function.Opset() is >= OldestOpset and { } opset
        && FunctionComparison.HaveOneMeaning(function, s_byName[function.Name](opset));

    /// <summary>A runtime that has the operators takes them for every overload.</summary>
    static bool IsNamedSo(OnnxFunction function) =>
        function.Domain == WinogradOperator.Domain && s_byName.ContainsKey(function.Name);

    /// <summary>Adds a function that a model lacks, and the domain.</summary>
    internal static void Add(OnnxModel model, OnnxFunction function)
    {
        model.SetOpset(WinogradOperator.Domain, WinogradOperator.Version);
        if (!model.Functions.Any(f => f.Name == function.Name && f.Domain == function.Domain))
            model.AddFunction(function);
    }

    /// <summary>
    /// States the shapes of what a runtime cannot infer of an operator that it knows by its name alone: it gives memory ahead to what it
    /// knows the size of, and lets results take the place of what is read where the sizes are one.
    /// </summary>
    internal static void DeclareResults(OnnxGraph graph)
    {
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        string[] declared = [.. graph.DeclaredValues.Select(v => v.Name)];
        foreach (string result in graph.Nodes.Where(n => n.Domain == WinogradOperator.Domain).SelectMany(n => n.Outputs)
            .Where(r => r.Length > 0 && !graph.IsOutput(r)).Except(declared))
            graph.Declare(values[result]);
    }

    /// <summary><see cref="WinogradOperator"/>.</summary>
    internal static OnnxFunction Winograd(long opset) => new(WinogradOperator.Domain, WinogradOperator.OpType, ["X", "W"], ["Y"],
        [ChannelsLast.Transpose("to_channels_first", "X", "x", ChannelsLast.To), Convolution("convolution", ["x", "W"], "y"),
        ChannelsLast.Transpose("to_channels_last", "y", "Y", ChannelsLast.From)], ("", opset));

    /// <summary><see cref="DenseLayerOperator"/>.</summary>
    internal static OnnxFunction DenseLayer(long opset) =>
        new(WinogradOperator.Domain, DenseLayerOperator.OpType, ["X", "scale", "shift", "W1", "B1", "W2"], ["Y"],
            [Number("zero", 0), Number("axis", 3), Number("end", long.MaxValue),
            new("Shape", "channels_read", ["scale"], ["channels"]), new("Shape", "weights", ["W2"], ["shape"]),
            new("Gather", "channels_made", ["shape", "zero"], ["more"]), new("Add", "behind", ["channels", "more"], ["after"]),
            new("Slice", "read", ["X", "zero", "channels", "axis"], ["read"]),
            new("Slice", "rest", ["X", "after", "end", "axis"], ["rest"]),
            new("Mul", "scaled", ["read", "scale"], ["scaled"]), new("Add", "normalized", ["scaled", "shift"], ["normalized"]),
            new("Relu", "relu1", ["normalized"], ["active"]),
            ChannelsLast.Transpose("to_channels_first", "active", "x", ChannelsLast.To),
            new("Conv", "conv1", ["x", "W1", "B1"], ["narrow"]), new("Relu", "relu2", ["narrow"], ["middle"]),
            Convolution("conv2", ["middle", "W2"], "y"),
            ChannelsLast.Transpose("to_channels_last", "y", "made", ChannelsLast.From), Concat("concat", ["read", "made", "rest"], "Y")],
            ("", opset));

    /// <summary><see cref="DenseRoomOperator"/>.</summary>
    internal static OnnxFunction DenseRoom(long opset) =>
        new(WinogradOperator.Domain, DenseRoomOperator.OpType, ["X", "R"], ["Y"],
            [Number("none", 0, 0, 0, 0, 0, 0, 0), Concat("pads", ["none", "R"], "pads", axis: 0),
            new("Pad", "pad", ["X", "pads"], ["Y"])], ("", opset));

    /// <summary><see cref="DenseClampOperator"/>.</summary>
    internal static OnnxFunction DenseClamp(long opset) =>
        new(WinogradOperator.Domain, DenseClampOperator.OpType, ["X", "M", "floor", "ceiling"], ["Y", "Z"],
            [.. Grown(Number("end", long.MaxValue)), new("Slice", "rest", ["X", "after", "end", "axis"], ["rest"]),
            Concat("join", ["grown", "rest"], "Y"), .. Bounded("Z")], ("", opset));

    /// <summary><see cref="DensePoolOperator"/>.</summary>
    internal static OnnxFunction DensePool(long opset)
    {
        OnnxNode toFloat = new("Cast", "to_float", ["bounded"], ["real"]), toBytes = new("Cast", "to_bytes", ["rounded"], ["bytes"]);
        toFloat.Attributes.Set("to", (long)OnnxElementType.Float32);
        toBytes.Attributes.Set("to", (long)OnnxElementType.UInt8);
        OnnxNode pool = new("AveragePool", "average", ["image"], ["averages"]);
        pool.Attributes.Set("kernel_shape", [2, 2]);
        pool.Attributes.Set("strides", [2, 2]);
        return new(WinogradOperator.Domain, DensePoolOperator.OpType, ["X", "M", "floor", "ceiling"], ["Y"],
            [.. Grown(), .. Bounded("bounded"), toFloat,
            ChannelsLast.Transpose("to_channels_first", "real", "image", ChannelsLast.To), pool,
            new("Round", "round", ["averages"], ["rounded"]), toBytes,
            ChannelsLast.Transpose("to_channels_last", "bytes", "Y", ChannelsLast.From)], ("", opset));
    }

    /// <summary>X's first channels and M's behind them, as many as floor has, are <c>grown</c>.</summary>
    static OnnxNode[] Grown(params OnnxNode[] constants) =>
        [Number("zero", 0), Number("axis", 3), .. constants, new("Shape", "channels_after", ["floor"], ["after"]),
        new("Shape", "shape_made", ["M"], ["shape"]), new("Gather", "channels_made", ["shape", "axis"], ["more"]),
        new("Sub", "channels_before", ["after", "more"], ["before"]),
        new("Slice", "read", ["X", "zero", "before", "axis"], ["read"]), Concat("grow", ["read", "M"], "grown")];

    static OnnxNode[] Bounded(string output) =>
        [new("Max", "raise", ["grown", "floor"], ["raised"]), new("Min", "lower", ["raised", "ceiling"], [output])];

    static OnnxNode Concat(string name, string[] inputs, string output, long axis = 3)
    {
        OnnxNode node = new("Concat", name, inputs, [output]);
        node.Attributes.Set("axis", axis);
        return node;
    }

    static OnnxNode Convolution(string name, string[] inputs, string output)
    {
        OnnxNode node = new("Conv", name, inputs, [output]);
        node.Attributes.Set("pads", [1, 1, 1, 1]);
        return node;
    }

    static OnnxNode Number(string name, params long[] values)
    {
        OnnxNode node = new("Constant", name, [], [name]);
        node.Attributes.Set("value_ints", values);
        return node;
    }
}
