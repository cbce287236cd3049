using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests;

/// <summary>The judge of shapes is ONNX Runtime: what it makes of a batch of 3 must be what was inferred with N = 3.</summary>
public class ShapeInferenceTests
{
    const int Batch = 3;

    static string Bytes(GraphBuilder builder, string x, string opType) =>
        builder.Node(opType, [x, builder.Scalar("scale", 0.5f), builder.Scalar("zero", (byte)3)]).Outputs[0];

    static string Sum(GraphBuilder builder, string x, long[] shape)
    {
        builder.Model.SetOpset("com.microsoft", 1);
        string one = builder.Scalar("one", 1f), zero = builder.Scalar("none", (byte)0);
        string more = builder.Constant<byte>("more", shape, new byte[shape.Aggregate(1L, (product, length) => product * length)]);
        return builder.Node("QLinearAdd", [x, one, zero, more, one, zero, one, zero], domain: "com.microsoft").Outputs[0];
    }

    public static IEnumerable<TheoryDataRow<string>> Cases() => s_cases.Keys.Select(k => new TheoryDataRow<string>(k));

    static readonly Dictionary<string, Func<GraphBuilder, string, string>> s_cases = new()
    {
        // x is [N, 4, 9, 8]
        ["Conv"] = (b, x) =>
            b.Conv(x, b.Constant<float>("w", [6, 4, 3, 2], new float[144]), b.Vector<float>("b", new float[6]), [2, 1], [1, 0, 2, 1]),
        ["Conv in groups"] = (b, x) => b.Conv(x, b.Constant<float>("w", [8, 2, 1, 1], new float[16]), group: 2),
        ["Conv dilated"] = (b, x) =>
            b.Node("Conv", [x, b.Constant<float>("w", [2, 4, 3, 3], new float[72])]).With("dilations", [2, 3]).Outputs[0],
        ["Conv same"] = (b, x) => b.Node("Conv", [x, b.Constant<float>("w", [2, 4, 3, 3], new float[72])]).With(
        "auto_pad", "SAME_UPPER").With("strides", [2, 2]).Outputs[0],
        ["Conv valid"] = (b, x) =>
        b.Node("Conv", [x, b.Constant<float>("w", [2, 4, 3, 3], new float[72])]).With("auto_pad", "VALID").Outputs[0],
        ["ConvTranspose"] = (b, x) => b.Node("ConvTranspose", [x, b.Constant<float>("w", [4, 3, 3, 2], new float[72])]).With(
        "strides", [2, 3]).With("pads", [1, 0, 1, 1]).With("output_padding", [1, 0]).Outputs[0],
        ["MaxPool"] = (b, x) => b.MaxPool(x, [3, 3], [2, 2], [1, 1, 1, 1]),
        ["AveragePool"] = (b, x) => b.AveragePool(x, [2, 2], [2, 2]),
        ["GlobalAveragePool"] = (b, x) => b.GlobalAveragePool(x),
        ["GlobalMaxPool"] = (b, x) => b.Node("GlobalMaxPool", [x]).Outputs[0],
        ["BatchNormalization"] = (b, x) => b.BatchNormalization(x, b.Vector<float>("s", new float[4]), b.Vector<float>("b", new float[4]),
            b.Vector<float>("m", new float[4]), b.Vector<float>("v", new float[4])),
        ["Relu"] = (b, x) => b.Relu(x),
        ["Sigmoid"] = (b, x) => b.Sigmoid(x),
        ["Identity"] = (b, x) => b.Identity(x),
        ["Clip"] = (b, x) => b.Clip(x, b.Scalar("low", 0f), b.Scalar("high", 6f)),
        ["Clip above"] = (b, x) => b.Clip(x, null, b.Scalar("high", 6f)),
        ["Cast"] = (b, x) => b.Cast(x, OnnxElementType.Int64),
        ["Add"] = (b, x) => b.Add(x, b.Constant<float>("c", [4, 1, 8], new float[32])),
        ["Sub"] = (b, x) => b.Sub(b.Constant<float>("c", [2, 1, 1, 1, 1], new float[2]), x),
        ["Mul"] = (b, x) => b.Mul(x, x),
        ["Div"] = (b, x) => b.Div(x, b.Scalar("c", 2f)),
        ["Max"] = (b, x) => b.Max(x, b.Vector<float>("c", new float[8])),
        ["Min"] = (b, x) => b.Min(x, b.Vector<float>("c", 1)),
        ["Greater"] = (b, x) => b.Node("Greater", [x, b.Scalar("c", 0f)]).Outputs[0],
        ["Where"] = (b, x) => b.Node("Where", [b.Node("Greater", [x, b.Scalar("c", 0f)]).Outputs[0], x, b.Scalar("z", 0f)]).Outputs[0],
        ["MatMul"] = (b, x) => b.MatMul(x, b.Constant<float>("c", [8, 5], new float[40])),
        ["MatMul batched"] = (b, x) => b.MatMul(b.Constant<float>("c", [4, 7, 9], new float[252]), x),
        ["MatMul by a vector"] = (b, x) => b.MatMul(x, b.Vector<float>("c", new float[8])),
        ["Gemm"] = (b, x) =>
            b.Gemm(b.Flatten(x), b.Constant<float>("c", [5, 288], new float[1440]), b.Vector<float>("d", new float[5]), transB: true),
        ["Gemm transposed"] = (b, x) => b.Gemm(b.Constant<float>("c", [288, 5], new float[1440]), b.Flatten(x), transA: true, transB: true),
        ["Concat of channels"] = (b, x) => b.Concat([x, b.Relu(x), x], 1),
        ["Concat of rows"] = (b, x) => b.Concat([x, b.AveragePool(x, [2, 1])], -2),
        ["Flatten"] = (b, x) => b.Flatten(x),
        ["Flatten to a column"] = (b, x) => b.Flatten(b.Constant<float>("c", [1, 2, 3, 4], new float[24]), 4),
        ["Flatten from the end"] = (b, x) => b.Flatten(b.GlobalAveragePool(x), -3),
        ["Reshape"] = (b, x) => b.Reshape(x, [0, -1]),
        ["Reshape of the batch"] = (b, x) => b.Reshape(x, [-1, 8, 36]),
        ["Reshape of a kept part"] = (b, x) => b.Reshape(x, [0, 0, 72]),
        ["Transpose"] = (b, x) => b.Transpose(x, [0, 2, 3, 1]),
        ["Slice"] = (b, x) => b.Slice(x, [1, -3], [3, 100], [1, 2]),
        ["Gather"] = (b, x) => b.Gather(x, b.Constant<long>("i", [2, 3], [0, 1, -1, 2, 3, 0]), 1),
        ["Gather of one"] = (b, x) => b.Gather(x, b.Scalar("i", 2L), 3),
        ["Pad"] = (b, x) => b.Pad(x, [0, 1, 2, 0, 0, 1, -1, 3]),
        ["Squeeze"] = (b, x) => b.Squeeze(b.GlobalAveragePool(x), [2, -1]),
        ["Unsqueeze"] = (b, x) => b.Unsqueeze(x, [0, -1]),
        ["ReduceMean"] = (b, x) => b.ReduceMean(x, [2, 3]),
        ["ReduceMean without the axes"] = (b, x) => b.ReduceMean(x, [-1], keepDimensions: false),
        ["ReduceSum"] = (b, x) => b.ReduceSum(x, [1, 3], keepDimensions: false),
        ["Softmax"] = (b, x) => b.Node("Softmax", [x]).Outputs[0],
        ["QLinearAdd"] = (b, x) => Bytes(b, Sum(b, Bytes(b, x, "QuantizeLinear"), [1, 4, 9, 8]), "DequantizeLinear"),
        ["QLinearAdd of a vector"] = (b, x) => Bytes(b, Sum(b, Bytes(b, x, "QuantizeLinear"), [8]), "DequantizeLinear"),
        ["QuantizeLinear"] = (b, x) => b.Node("QuantizeLinear", [x, b.Scalar("s", 1f), b.Scalar<sbyte>("z", 0)]).Outputs[0],
        ["DequantizeLinear"] = (b, x) =>
            b.Node("DequantizeLinear", [b.Node("QuantizeLinear", [x, b.Scalar("s", 1f)]).Outputs[0], b.Scalar("t", 1f)]).Outputs[0],
        ["WinogradConv"] = WinogradConv,
        ["DenseLayer"] = (b, x) => DenseLayer(b, x, 2),
        ["DenseClamp"] = (b, x) => DenseClamp(b, x, 6, isFirst: false),
        ["DenseClamp's image"] = (b, x) => DenseClamp(b, x, 6, isFirst: true),
        ["DensePool"] = (b, x) => DensePool(b, x, 6),
        ["DenseRoom"] = (b, x) => DenseRoom(b, x, 3),
        ["DenseRoom for bytes"] = (b, x) => DenseRoom(b, Bytes(b, x, "QuantizeLinear"), 3),
        ["Pow"] = (b, x) => b.Node("Pow", [x, b.Vector<long>("c", 2)]).Outputs[0],
        ["PRelu"] = (b, x) => b.Node("PRelu", [x, b.Constant<float>("c", [4, 1, 1], new float[4])]).Outputs[0],
        ["Sum"] = (b, x) => b.Node("Sum", [x, b.Vector<float>("c", new float[8]), x]).Outputs[0],
        ["Erf"] = (b, x) => b.Node("Erf", [x]).Outputs[0],
        ["Not"] = (b, x) => b.Node("Not", [b.Node("Greater", [x, b.Scalar("c", 0f)]).Outputs[0]]).Outputs[0],
        ["And"] = (b, x) =>
            b.Node("And", [b.Node("Less", [x, x]).Outputs[0], b.Constant<bool>("c", [2, 1, 1, 1, 1], new bool[2])]).Outputs[0],
        ["Dropout"] = (b, x) => b.Node("Dropout", [x]).Outputs[0],
        ["LRN"] = (b, x) => b.Node("LRN", [x]).With("size", 3).Outputs[0],
        ["InstanceNormalization"] = (b, x) =>
            b.Node("InstanceNormalization", [x, b.Vector<float>("s", new float[4]), b.Vector<float>("o", new float[4])]).Outputs[0],
        ["LayerNormalization"] = (b, x) => b.Node("LayerNormalization", [x, b.Vector<float>("s", new float[8])]).Outputs[0],
        ["ReduceL2"] = (b, x) => b.Node("ReduceL2", [x]).With("axes", [1, 2]).With("keepdims", 0).Outputs[0],
        ["Tile"] = (b, x) => b.Node("Tile", [x, b.Vector<long>("r", 1, 2, 1, 3)]).Outputs[0],
        ["Split"] = (b, x) => b.Graph.Add(
            new OnnxNode("Split", "s", [x, b.Vector<long>("p", 6, 3)], ["a", "b"]).With("axis", 2)).Outputs[1],
        ["Split in equal parts"] = (b, x) =>
            b.Graph.Add(new OnnxNode("Split", "s", [x], ["a", "b", "c"]).With("axis", -2)).Outputs[2],
        ["Resize by scales"] = (b, x) => b.Node("Resize", [x, "", b.Vector("s", 1f, 1f, 1.7f, 0.4f)]).Outputs[0],
        ["Resize to sizes"] = (b, x) =>
            b.Node("Resize", [x, "", "", b.Vector<long>("s", Batch, 4, 5, 30)]).With("mode", "linear").Outputs[0],
        ["DepthToSpace"] = (b, x) => b.Node("DepthToSpace", [x]).With("blocksize", 2).Outputs[0],
        ["SpaceToDepth"] = (b, x) => b.Node("SpaceToDepth", [b.Slice(x, [0], [8], [2])]).With("blocksize", 4).Outputs[0],
        ["Shape of a part"] = (b, x) => b.Node("Shape", [x]).With("start", -3).With("end", -1).Outputs[0],
        ["Expand to a computed shape"] = (b, x) => b.Node("Expand", [b.Scalar("c", 1f), b.Slice(b.Node("Shape", [b.Conv(x,
            b.Constant<float>("w", [6, 4, 3, 3], new float[216]))]).With("start", 1).Outputs[0], [1], [9], [0])]).Outputs[0],
        ["Reshape to a computed shape"] = (b, x) => b.Node("Reshape", [b.GlobalAveragePool(x), b.Concat([b.Vector<long>("n", -1),
            b.Unsqueeze(b.Gather(b.Node("Shape", [b.Constant<float>("w", [4, 1, 7], new float[28])]).Outputs[0],
                b.Scalar("i", -3L), 0), [0])], 0)]).Outputs[0],
        ["Constant"] = (b, x) => b.Add(x, b.Node("Constant", []).With("value_float", 2f).Outputs[0]),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Inferred_types_and_shapes_are_what_onnx_runtime_makes(string name) => Agree(s_cases[name], OnnxModel.DefaultOpset);

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(21)]
    public void Reductions_are_written_for_the_models_operator_set(long opset) => Agree((b, x) => b.ReduceMean(x, [2, 3]), opset);

    [Fact]
    public void Slices_of_every_kind_agree_with_onnx_runtime()
    {
        long[] places = [long.MinValue, -10, -9, -4, -1, 0, 1, 5, 8, 9, 10, long.MaxValue];
        Random random = new(7);
        for (int i = 0; i < 150; i++)
        {
            long step = ((long[])[1, 2, 3, 20, -1, -2, -5, -20])[random.Next(8)];
            // ONNX Runtime takes the largest number as the end in the direction of the step; backwards that is no end of the
            // specification's.
            long start = places[random.Next(places.Length)], end = places[random.Next(places.Length - (step < 0 ? 1 : 0))];
            Agree((b, x) => b.Node(
                "Slice", [x, b.Vector("starts", start), b.Vector("ends", end), b.Vector("axes", 2L), b.Vector("steps", step)]).Outputs[0],
                OnnxModel.DefaultOpset, $"[{start}:{end}:{step}]");
        }
    }

    [Fact]
    public void Pools_of_every_kind_agree_with_onnx_runtime()
    {
        Random random = new(8);
        for (int i = 0; i < 150; i++)
        {
            long[] kernel = [random.Next(1, 5), random.Next(1, 5)];
            long[] strides = [random.Next(1, 5), random.Next(1, 5)];
            long[] pads =
                [random.Next((int)kernel[0]), random.Next((int)kernel[1]), random.Next((int)kernel[0]), random.Next((int)kernel[1])];
            long ceiling = random.Next(2);
            Agree((b, x) => b.Node("MaxPool", [x]).With("kernel_shape", kernel).With("strides", strides).With("pads", pads).With(
                "ceil_mode", ceiling).Outputs[0],
                OnnxModel.DefaultOpset,
                $"kernel {kernel[0]}x{kernel[1]}, strides {strides[0]}x{strides[1]}, pads {string.Join(',', pads)}, ceiling {ceiling}");
        }
    }

    [Fact]
    public void The_batch_stays_a_symbol_from_the_image_to_the_score()
    {
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(Graphs.Network().Graph);
        Assert.Equal(["N", 1], values["score"].Shape!);
        Assert.Equal(["N", 8, 2, 2], values["averagePool"].Shape!);
    }

    [Fact]
    public void What_an_unknown_operator_makes_is_unknown_and_no_error()
    {
        GraphBuilder builder = new("test");
        string y = builder.Relu(builder.Node("Einsum", [builder.Input("x", OnnxElementType.Float32, ["N"])]).Outputs[0]);
        Assert.Null(ShapeInference.Infer(builder.Graph).GetValueOrDefault(y)!.Shape);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Contradictions_name_the_node_and_the_fault(string expected, Func<GraphBuilder, string, string> build)
    {
        GraphBuilder builder = new("test");
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 4, 9, 8]);
        build(builder, x);
        OnnxException fault = Assert.Throws<OnnxException>(() => { ShapeInference.Infer(builder.Graph); });
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        Assert.Equal(expected, fault.Message);
    }

    public static IEnumerable<TheoryDataRow<string, Func<GraphBuilder, string, string>>> Faults() =>
    [
        new("Conv node 'conv' reads 4 channels, but its weight [6, 3, 3, 3] is for 3 in each of 1 groups",
            (b, x) => b.Conv(x, b.Constant<float>("w", [6, 3, 3, 3], new float[162]))),
        new("Conv node 'conv' slides a window of 11 over 9 pixels padded by 0 and 0: it does not fit",
            (b, x) => b.Conv(x, b.Constant<float>("w", [1, 4, 11, 1], new float[44]))),
        new("Conv node 'conv' has strides [0, 1], where 2 numbers of at least 1 are needed",
            (b, x) => b.Conv(x, b.Constant<float>("w", [1, 4, 1, 1], new float[4]), strides: [0, 1])),
        new("Conv node 'conv' has a bias of [3] for 2 channels",
            (b, x) => b.Conv(x, b.Constant<float>("w", [2, 4, 1, 1], new float[8]), b.Vector<float>("b", new float[3]))),
        new("BatchNormalization node 'bn' normalizes 4 channels with 's' of [5]",
            (b, x) => b.BatchNormalization(x, b.Vector<float>("s", new float[5]), "s", "s", "s", name: "bn")),
        new("Add node 'add' combines [N, 4, 9, 8] with [7]", (b, x) => b.Add(x, b.Vector<float>("c", new float[7]))),
        new("Add node 'add' mixes Float32 and Int64 ('c')", (b, x) => b.Add(x, b.Scalar("c", 1L))),
        new("Concat node 'concat' joins [N, 4, 9, 8] and 'globalAveragePool' of [N, 4, 1, 1] along axis 1",
            (b, x) => b.Concat([x, b.GlobalAveragePool(x)], 1)),
        new("Gemm node 'gemm' multiplies [N, 288] by [5, 287] transposed",
            (b, x) => b.Gemm(b.Flatten(x), b.Constant<float>("c", [5, 287], new float[1435]), transB: true)),
        new("MatMul node 'matMul' multiplies [N, 4, 9, 8] by [7, 8]", (b, x) => b.MatMul(x, b.Constant<float>("c", [7, 8], new float[56]))),
        new("Gather node 'gather' takes index 4 of axis 1 of [N, 4, 9, 8]", (b, x) => b.Gather(x, b.Scalar("i", 4L), 1)),
        new("Squeeze node 'squeeze' squeezes axis 1 of [N, 4, 9, 8]", (b, x) => b.Squeeze(x, [1])),
        new("Flatten node 'flatten' has axis 5, but there are 4 dimensions", (b, x) => b.Flatten(x, 5)),
        new("Transpose node 'transpose' has the order [0, 1, 1, 2] for 4 dimensions", (b, x) => b.Transpose(x, [0, 1, 1, 2])),
        new("WinogradConv node 'w' reads an image of [N, 4, 9, 8] with a weight of [2, 9, 3, 3]",
            (b, x) => b.Node("WinogradConv", [x, b.Constant<float>("k", [2, 9, 3, 3], new float[162])], "w", "severity").Outputs[0]),
        new("DenseLayer node 'd' reads an image of [N, 4, 9, 8] with a scale of [3], a shift of [3], weights of [5, 3, 1, 1] and "
            + "[6, 5, 3, 3] and a bias of [5]", (b, x) => DenseLayer(b, x, 6)),
        new("DenseClamp node 'd' reads an image of [N, 4, 9, 8] and channels of [N, 4, 9, 2] with a floor of [9] and a ceiling of [9]",
            (b, x) => DenseClamp(b, x, 9, isFirst: false)),
        new("DenseClamp node 'd' reads an image of [N, 4, 9, 8] and channels of [N, 4, 9, 2] with a floor of [1] and a ceiling of [1]",
            (b, x) => DenseClamp(b, x, 1, isFirst: false)),
        new("DensePool node 'd' reads an image of [N, 4, 9, 8] and channels of [N, 4, 9, 2] with a floor of [9] and a ceiling of [9]",
            (b, x) => DensePool(b, x, 9)),
        new("DenseRoom node 'denseRoom' makes room for [0] channels", (b, x) => DenseRoom(b, x, 0)),
        new("DenseRoom node 'denseRoom' makes room for [1, 2] channels", (b, x) => DenseRoom(b, x, 1, 2)),
        new("DenseRoom node 'denseRoom' reads an image of Int32, where Float32 or UInt8 is needed",
            (b, x) => DenseRoom(b, b.Cast(x, OnnxElementType.Int32), 3)),
        new("Relu node 'relu' lacks its input 0", (b, x) => b.Node("Relu", []).Outputs[0]),
    ];

    /// <summary>Three channels of eight are read, and some more made, by the operator's own definition.</summary>
    static string DenseLayer(GraphBuilder b, string x, int made)
    {
        EngineFunctions.Add(b.Model, EngineFunctions.DenseLayer(OnnxModel.DefaultOpset));
        string vector = b.Vector<float>("v", new float[3]);
        string first = b.Constant<float>("first", [5, 3, 1, 1], new float[15]), bias = b.Vector<float>("bias", new float[5]);
        string second = b.Constant<float>("second", [made, 5, 3, 3], new float[made * 45]);
        return b.Node("DenseLayer", [x, vector, vector, first, bias, second], "d", "severity").Outputs[0];
    }

    /// <summary>Two channels of eight are new, by the operator's own definition.</summary>
    static string DenseClamp(GraphBuilder b, string x, int channels, bool isFirst)
    {
        EngineFunctions.Add(b.Model, EngineFunctions.DenseClamp(OnnxModel.DefaultOpset));
        string bytes = Bytes(b, x, "QuantizeLinear"), bounds = b.Vector<byte>("bounds", new byte[channels]);
        string added = b.Slice(bytes, [0], [2], [3]);
        b.Graph.Add(new OnnxNode("DenseClamp", "d", [bytes, added, bounds, bounds], ["grown", "clamped"], "severity"));
        return isFirst ? "grown" : "clamped";
    }

    /// <summary>Two channels of eight are new, by the operator's own definition.</summary>
    static string DensePool(GraphBuilder b, string x, int channels)
    {
        EngineFunctions.Add(b.Model, EngineFunctions.DensePool(OnnxModel.DefaultOpset));
        string bytes = Bytes(b, x, "QuantizeLinear"), bounds = b.Vector<byte>("bounds", new byte[channels]);
        return b.Node("DensePool", [bytes, b.Slice(bytes, [0], [2], [3]), bounds, bounds], "d", "severity").Outputs[0];
    }

    /// <summary>By the operator's own definition.</summary>
    static string DenseRoom(GraphBuilder b, string x, params long[] room)
    {
        EngineFunctions.Add(b.Model, EngineFunctions.DenseRoom(OnnxModel.DefaultOpset));
        return b.Node("DenseRoom", [x, b.Vector<long>("room", room)], domain: "severity").Outputs[0];
    }

    /// <summary>By the operator's definition, as the model brings it: ONNX Runtime has no other.</summary>
    static string WinogradConv(GraphBuilder b, string x)
    {
        OnnxNode[] nodes = [new OnnxNode("Transpose", "", ["X"], ["x"]).With("perm", [0, 3, 1, 2]),
            new OnnxNode("Conv", "", ["x", "W"], ["y"]).With("pads", [1, 1, 1, 1]),
            new OnnxNode("Transpose", "", ["y"], ["Y"]).With("perm", [0, 2, 3, 1])];
        b.Model.AddFunction(new OnnxFunction("severity", "WinogradConv", ["X", "W"], ["Y"], nodes, ("", OnnxModel.DefaultOpset)));
        b.Model.SetOpset("severity", 1);
        return b.Node("WinogradConv", [x, b.Constant<float>("w", [5, 8, 3, 3], new float[360])], domain: "severity").Outputs[0];
    }

    static void Agree(Func<GraphBuilder, string, string> build, long opset, string? what = null)
    {
        GraphBuilder builder = new("test", opset);
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 4, 9, 8]);
        string y = build(builder, x);
        OnnxValue inferred = ShapeInference.Infer(builder.Graph)[y];
        Assert.NotNull(inferred.Shape);
        // The output is declared without a shape, so that ONNX Runtime finds its own.
        builder.Graph.AddOutput(inferred with { Shape = null });
        builder.Build();
        ReferenceTensor made = OnnxRuntimeReference.Run(builder.Model.ToArray(), ("x", new float[Batch * 288], [Batch, 4, 9, 8]))[y];
        long[] expected = [.. inferred.Shape.Select(d => d.IsFixed ? d.Length : d == "N" ? Batch : -1)];
        Assert.True(made.Shape.SequenceEqual(expected), $"{what}: [{string.Join(", ", made.Shape)}], inferred {inferred.Shape}");
        Assert.Equal(made.ElementType, inferred.ElementType);
    }
}
