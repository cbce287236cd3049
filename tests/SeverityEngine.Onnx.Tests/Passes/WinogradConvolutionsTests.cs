using Google.Protobuf;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Schema;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>What is rewritten and what is not; ONNX Runtime, which does not have the operator, runs the models by their function.</summary>
public class WinogradConvolutionsTests
{
    const int Size = 32;

    static readonly (string, float[], long[]) s_image =
        ("image", [.. Graphs.Ramp(2 * Size * Size).Select(v => 100 * v)], [2, 1, Size, Size]);

    [Fact]
    public void A_rewritten_network_computes_the_same_in_a_runtime_without_the_operator()
    {
        OnnxModel model = Network(), rewritten = model.Clone();
        Assert.Equal(2, WinogradConvolutions.Apply(rewritten));
        GraphChecker.Check(rewritten);
        Assert.Equal(2, rewritten.Graph.Nodes.Count(n => n is { Domain: "severity", OpType: "WinogradConv" }));
        Assert.Equal(1, rewritten.Opset("severity"));
        Assert.Equal(["function 'severity.WinogradConv'"], rewritten.Functions.Select(f => f.ToString()));
        Assert.Equal(model.Opset(), rewritten.Functions[0].Opset());
        Assert.Equal(model.Graph.Inputs, rewritten.Graph.Inputs);
        Assert.Equal(model.Graph.Outputs, rewritten.Graph.Outputs);
        AssertSame(model, OnnxModel.Parse(rewritten.ToArray()));
        Assert.Equal(0, WinogradConvolutions.Apply(rewritten));
    }

    [Fact]
    public void A_definition_with_other_names_means_the_same_and_one_that_differs_does_not()
    {
        Assert.True(EngineFunctions.KeepMeaning(Network()));
        Assert.True(EngineFunctions.KeepMeaning(Defined(OnnxModel.DefaultOpset, [3, 0, 1, 2], n => n)) is false);
        Assert.True(EngineFunctions.KeepMeaning(Defined(OnnxModel.DefaultOpset, [0, 3, 1, 2], n => n)));
        Assert.True(EngineFunctions.KeepMeaning(Defined(21, [0, 3, 1, 2], n => n)));
        foreach (Func<OnnxNode[], OnnxNode[]> change in (Func<OnnxNode[], OnnxNode[]>[])[
            n => [n[0], n[1].With("strides", [2, 2]), n[2]],
            n => [n[0], n[1].With("pads", [1, 1, 1, 2]), n[2]],
            n => [n[0], n[1], n[2], new OnnxNode("Identity", "", ["out"], ["more"])],
            n => [n[0], n[1], new OnnxNode("Relu", "", ["q"], ["r"]),
                new OnnxNode("Transpose", "", ["r"], ["out"]).With("perm", [0, 2, 3, 1])],
            n => [new OnnxNode("Identity", "", ["in"], ["out"])],
        ])
        {
            OnnxModel other = Defined(OnnxModel.DefaultOpset, [0, 3, 1, 2], change);
            Assert.False(EngineFunctions.KeepMeaning(other));
            Assert.Equal(0, WinogradConvolutions.Apply(other));
        }
        // The runtime's operator would take the place of every overload.
        OnnxModel overloaded = Defined(OnnxModel.DefaultOpset, [0, 3, 1, 2], n => n);
        ModelProto proto = ModelProto.Parser.ParseFrom(overloaded.ToArray());
        proto.Functions[0].Overload = "b";
        Assert.False(EngineFunctions.KeepMeaning(OnnxModel.Parse(proto.ToByteArray())));

        static OnnxModel Defined(long opset, long[] first, Func<OnnxNode[], OnnxNode[]> change)
        {
            OnnxModel model = Network();
            model.SetOpset("severity", 1);
            OnnxNode[] nodes = [new OnnxNode("Transpose", "a", ["in"], ["p"]).With("perm", first),
                new OnnxNode("Conv", "b", ["p", "kernel"], ["q"]).With("pads", [1, 1, 1, 1]),
                new OnnxNode("Transpose", "c", ["q"], ["out"]).With("perm", [0, 2, 3, 1])];
            OnnxNode[] changed = change(nodes);
            string made = changed[^1].Outputs[0] == "more" ? "out" : changed[^1].Outputs[0];
            model.AddFunction(new OnnxFunction("severity", "WinogradConv", ["in", "kernel"], [made], changed, ("", opset)));
            return model;
        }
    }

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(21)]
    public void Models_of_every_version_run_by_their_function(long opset)
    {
        OnnxModel model = One(opset: opset), rewritten = model.Clone();
        Assert.Equal(1, WinogradConvolutions.Apply(rewritten));
        AssertSame(model, rewritten);
    }

    [Fact]
    public void The_operator_stands_between_transposes_and_a_convolution_of_ones_that_has_the_name_and_the_bias()
    {
        OnnxModel model = One(bias: true);
        WinogradConvolutions.Apply(model);
        Assert.Equal(["Conv", "Transpose", "WinogradConv", "Transpose", "Conv"], model.Graph.Nodes.Select(n => n.OpType));
        OnnxNode first = model.Graph.Nodes[1], winograd = model.Graph.Nodes[2], back = model.Graph.Nodes[3], ones = model.Graph.Nodes[4];
        Assert.Equal([0, 2, 3, 1], first.Attributes.GetInts("perm")!);
        Assert.Equal([first.Outputs[0], "w"], winograd.Inputs);
        Assert.Empty(winograd.Attributes.Names);
        Assert.Equal([0, 3, 1, 2], back.Attributes.GetInts("perm")!);
        Assert.Equal(["y", "y", "b"], [ones.Name, ones.Outputs[0], ones.Inputs[2]]);
        Assert.Equal(16, ones.Attributes.GetInt("group"));
        Assert.Equal([16, 1, 1, 1], model.Graph.Constant(ones.Inputs[1])!.Dimensions);
        Assert.All(model.Graph.Constant(ones.Inputs[1])!.Values<float>().ToArray(), v => Assert.Equal(1, v));
        AssertSame(One(bias: true), model);
    }

    [Theory]
    [InlineData("strides", 2L, 2L)]
    [InlineData("strides", 1L, 2L)]
    [InlineData("dilations", 2L, 2L)]
    [InlineData("pads", 0L, 0L, 0L, 0L)]
    [InlineData("pads", 1L, 1L, 1L, 0L)]
    [InlineData("pads", 2L, 2L, 2L, 2L)]
    public void A_convolution_of_another_window_is_left_alone(string attribute, params long[] values) =>
        AssertLeft(One(change: n => n.With(attribute, values)));

    [Fact]
    public void A_convolution_of_another_kind_is_left_alone()
    {
        Assert.Equal(1, WinogradConvolutions.Apply(One()));
        AssertLeft(One(change: n => { n.Attributes.Remove("pads"); n.With("auto_pad", "SAME_UPPER"); }));
        AssertLeft(One(change: n => { n.Attributes.Remove("pads"); n.With("auto_pad", "VALID"); }));
        AssertLeft(One(change: n => n.Attributes.Remove("pads")));
        AssertLeft(One(outputs: 24));
        AssertLeft(One(inputs: 8));
        AssertLeft(One(kernel: 5));
        AssertLeft(One(kernel: 1));
        AssertLeft(One(size: 13));
        AssertLeft(One(width: 13));
        AssertLeft(One(opset: 12));
        AssertLeft(One(inputs: 32, group: 2));
    }

    [Theory]
    [InlineData(64, 64, 28, true)] // of a residual network
    [InlineData(128, 128, 14, false)]
    [InlineData(32, 128, 14, true)] // of a DenseNet
    [InlineData(64, 128, 14, true)]
    [InlineData(80, 128, 14, false)]
    [InlineData(80, 128, 17, true)] // 25 tiles, where 14 x 14 pixels have 16
    public void A_convolution_of_many_channels_on_few_pixels_is_left_alone(int outputs, int inputs, int size, bool isRewritten)
    {
        OnnxModel model = One(outputs: outputs, inputs: inputs, size: size);
        if (isRewritten)
            Assert.Equal(1, WinogradConvolutions.Apply(model));
        else
            AssertLeft(model);
    }

    [Fact]
    public void Explicit_attributes_of_the_same_meaning_make_no_difference()
    {
        OnnxModel model = One(size: 14, width: 15, change: n =>
            n.With("auto_pad", "NOTSET").With("strides", [1, 1]).With("dilations", [1, 1]).With("kernel_shape", [3, 3]).With("group", 1));
        Assert.Equal(1, WinogradConvolutions.Apply(model));
    }

    [Fact]
    public void Sizes_and_weights_that_are_not_known_beforehand_are_left_alone()
    {
        AssertLeft(One(symbolic: true));
        GraphBuilder builder = new("weights");
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 16, 16, 16]),
            w = builder.Input("w", OnnxElementType.Float32, [16, 16, 3, 3]);
        builder.Output(builder.Conv(x, w, pads: [1, 1, 1, 1]), OnnxElementType.Float32, ["N", 16, 16, 16]);
        AssertLeft(builder.Build());
        GraphBuilder doubles = new("doubles");
        x = doubles.Input("x", OnnxElementType.Float64, ["N", 16, 16, 16]);
        doubles.Output(doubles.Conv(x, doubles.Constant<double>("w", [16, 16, 3, 3], new double[2304]), pads: [1, 1, 1, 1]),
            OnnxElementType.Float64, ["N", 16, 16, 16]);
        AssertLeft(doubles.Build());
    }

    [Fact]
    public void A_model_that_means_something_else_by_the_operator_is_left_alone()
    {
        OnnxModel model = One();
        model.AddFunction(
            new OnnxFunction("severity", "WinogradConv", ["X", "W"], ["Y"], [new OnnxNode("Relu", "", ["X"], ["Y"])], ("", 17)));
        AssertLeft(model);
        model = One();
        model.SetOpset("severity", 2);
        AssertLeft(model);
    }

    [Fact]
    public void An_output_of_the_graph_and_readers_of_the_image_stay_as_they_are()
    {
        GraphBuilder builder = new("shared");
        string x = builder.Relu(builder.Input("image", OnnxElementType.Float32, ["N", 16, 16, 16]));
        string weight = builder.Constant<float>("w", [16, 16, 3, 3], Graphs.Ramp(2304));
        string y = builder.Conv(x, weight, pads: [1, 1, 1, 1], name: "first"),
            z = builder.Conv(y, weight, pads: [1, 1, 1, 1], name: "second");
        foreach (string output in (string[])[y, builder.Add(x, z)])
            builder.Output(output, OnnxElementType.Float32, ["N", 16, 16, 16]);
        OnnxModel model = builder.Build(), rewritten = model.Clone();
        Assert.Equal(2, WinogradConvolutions.Apply(rewritten));
        Assert.Equal(2, rewritten.Graph.Initializers.Count);
        AssertSame(model, rewritten, ("image", Graphs.Ramp(4096), [1, 16, 16, 16]));
        byte[] plain = model.ToArray();
        StandardOperators.Restore(rewritten);
        Assert.Equal(plain, rewritten.ToArray());
    }

    [Fact]
    public void All_passes_for_the_engine_say_what_they_did()
    {
        OnnxModel model = Network(), optimized = model.Clone();
        Assert.Equal(["1 batch normalizations became part of the convolutions before them",
            "1 average poolings were moved ahead of 1 x 1 convolutions",
            "2 convolutions of 3 x 3 use Winograd's algorithm"], EnginePasses.Apply(optimized));
        AssertSame(model, optimized);
        Assert.Empty(EnginePasses.Apply(optimized));
    }

    [Fact]
    public void The_way_back_gives_the_plain_model_byte_for_byte()
    {
        OnnxModel plain = Network();
        ExactPasses.Apply(plain);
        byte[] before = plain.ToArray();
        OnnxModel rewritten = plain.Clone();
        WinogradConvolutions.Apply(rewritten);
        rewritten = OnnxModel.Parse(rewritten.ToArray());
        StandardOperators.Restore(rewritten);
        GraphChecker.Check(rewritten);
        Assert.Equal(before, rewritten.ToArray());
    }

    [Fact]
    public void Gradients_and_activation_maps_of_a_rewritten_model_are_those_of_the_plain_one()
    {
        OnnxModel plain = Network(), rewritten = plain.Clone();
        ExactPasses.Apply(plain);
        EnginePasses.Apply(rewritten);
        byte[] before = rewritten.ToArray();
        foreach (Func<OnnxModel, OnnxModel> derive in (Func<OnnxModel, OnnxModel>[])[m => InputGradient.Of(m), m => ClassActivation.Of(m)])
        {
            OnnxModel expected = derive(plain), actual = derive(rewritten);
            Assert.Equal(expected.ToArray(), actual.ToArray());
            AssertSame(expected, actual);
        }
        Assert.Equal(before, rewritten.ToArray());
    }

    [Fact]
    public void A_quantized_network_made_of_a_rewritten_model_is_that_of_the_plain_one()
    {
        OnnxModel plain = Network(), rewritten = plain.Clone();
        EnginePasses.Apply(rewritten);
        QuantizedNetwork expected = new(plain), actual = new(rewritten);
        Assert.Equal(expected.Probes, actual.Probes);
        Assert.Equal(expected.Prepared.ToArray(), actual.Prepared.ToArray());
        Assert.Equal(expected.Write(Statistics(expected)).ToArray(), actual.Write(Statistics(actual)).ToArray());
    }

    static Dictionary<string, ActivationStatistics> Statistics(QuantizedNetwork network)
    {
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(network.Prepared.Graph);
        return network.Probes.ToDictionary(p => p.Name, p =>
        {
            int channels = (int)values[p.Name].Shape![1].Length;
            float[] largest = [.. Graphs.Ramp(channels).Select(v => 2 + v)];
            return new ActivationStatistics(new float[channels], largest, [.. largest.Select(v => v / 3)],
                [.. Graphs.Ramp(40 * p.Height * p.Width * channels).Select(v => Math.Max(0, v))]);
        });
    }

    /// <summary>
    /// A DenseNet in small: two blocks of a layer each, and what lies around them. Two of its convolutions are to be rewritten.
    /// </summary>
    static OnnxModel Network()
    {
        GraphBuilder builder = new("network");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, Size, Size]);
        string y = builder.Relu(Conv(builder, x, 16, 1, 3));
        for (int block = 0; block < 2; block++)
        {
            string layer = builder.Relu(Normalized(builder, y, 16));
            layer = Conv(builder, layer, 16, 16, 1);
            layer = builder.Relu(block == 0 ? Normalized(builder, layer, 16) : layer);
            layer = Conv(builder, layer, 16, 16, 3, bias: block == 1);
            y = builder.Concat([y, block == 1 ? builder.Relu(layer) : layer], 1);
            if (block == 0)
                y = builder.AveragePool(Conv(builder, builder.Relu(y), 16, 32, 1), [2, 2], [2, 2]);
        }
        y = builder.Flatten(builder.GlobalAveragePool(builder.Relu(y)));
        builder.Output(builder.Gemm(y, builder.Constant<float>("head", [32, 1], Graphs.Ramp(32)), name: "geographic_extent"),
            OnnxElementType.Float32, ["N", 1]);
        return builder.Build();
    }

    static string Conv(GraphBuilder builder, string x, int outputs, int inputs, int kernel, bool bias = false) => builder.Conv(x,
        builder.Constant<float>(
        "weight", [outputs, inputs, kernel, kernel], [.. Graphs.Ramp(outputs * inputs * kernel * kernel).Select(v => v / inputs)]),
        bias ? builder.Vector<float>("bias", Graphs.Ramp(outputs)) : null, pads: kernel == 3 ? [1, 1, 1, 1] : []);

    static string Normalized(GraphBuilder builder, string x, int channels) => builder.BatchNormalization(x,
        builder.Vector<float>("scale", [.. Graphs.Ramp(channels).Select(v => 1 + (v / 2))]),
        builder.Vector<float>("shift", Graphs.Ramp(channels)),
        builder.Vector<float>("mean", Graphs.Ramp(channels)),
        builder.Vector<float>("variance", [.. Graphs.Ramp(channels).Select(v => 1 + (v / 2))]));

    /// <summary>An image brought to some channels, and one convolution that may be of the form.</summary>
    static OnnxModel One(
        int outputs = 16, int inputs = 16, int kernel = 3, int size = Size, int width = 0, int group = 1, bool bias = false,
        bool symbolic = false,
        long opset = OnnxModel.DefaultOpset, Action<OnnxNode>? change = null)
    {
        GraphBuilder builder = new("one", opset);
        OnnxDimension height = symbolic ? "H" : size;
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, height, width == 0 ? height : width]);
        x = builder.Conv(x, builder.Constant<float>("channels", [inputs, 1, 1, 1], Graphs.Ramp(inputs)));
        string weight = builder.Constant<float>(
            "w", [outputs, inputs / group, kernel, kernel], Graphs.Ramp(outputs * inputs / group * kernel * kernel));
        string y = builder.Conv(
            x, weight, bias ? builder.Vector<float>("b", Graphs.Ramp(outputs)) : null, pads: [1, 1, 1, 1], group: group, name: "y");
        change?.Invoke(builder.Graph.Producer(y)!);
        builder.Output(y, OnnxElementType.Float32, [default, default, default, default]);
        return builder.Build();
    }

    /// <summary>What models had before <see cref="DenseRoomOperator"/>.</summary>
    internal static void PadForRoom(OnnxModel model)
    {
        foreach (OnnxNode room in model.Graph.Nodes.Where(n => n.OpType == DenseRoomOperator.OpType).ToArray())
        {
            long channels = model.Graph.Constant(room.Inputs[1])!.Values<long>()[0];
            model.Graph.Remove(room);
            string padded = new GraphBuilder(model).Pad(room.Inputs[0], [0, 0, 0, 0, 0, 0, 0, channels]);
            model.Graph.Producer(padded)!.SetOutput(0, room.Outputs[0]);
        }
        model.Graph.SortTopologically();
    }

    /// <summary>
    /// A rewritten model computes the same, and what it is restored to has the plain one's operators and results.
    /// </summary>
    /// <returns>The restored model.</returns>
    internal static OnnxModel AssertRestored(OnnxModel model, OnnxModel rewritten, (string, float[], long[])? input = null)
    {
        OnnxModel restored = OnnxModel.Parse(rewritten.ToArray());
        AssertSame(model, restored, input);
        StandardOperators.Restore(restored);
        GraphChecker.Check(restored);
        Assert.Empty(restored.Functions);
        Assert.Null(restored.Opset("severity"));
        Assert.Equal(model.Graph.Nodes.Select(n => n.OpType).Order(), restored.Graph.Nodes.Select(n => n.OpType).Order());
        AssertSame(model, restored, input);
        return restored;
    }

    /// <summary>A pass finds nothing to do, and leaves a model as it is.</summary>
    internal static void AssertLeft(OnnxModel model, Func<OnnxModel, int> pass)
    {
        byte[] before = model.ToArray();
        Assert.Equal(0, pass(model));
        Assert.Equal(before, model.ToArray());
    }

    static void AssertLeft(OnnxModel model) => AssertLeft(model, WinogradConvolutions.Apply);

    /// <summary>ONNX Runtime computes the same of both, to rounding.</summary>
    internal static void AssertSame(OnnxModel expected, OnnxModel actual, (string, float[], long[])? input = null)
    {
        (string, float[], long[]) image = input ?? s_image;
        Dictionary<string, ReferenceTensor> wanted = OnnxRuntimeReference.Run(expected.ToArray(), image),
            made = OnnxRuntimeReference.Run(actual.ToArray(), image);
        Assert.Equal(wanted.Keys, made.Keys);
        foreach ((string name, ReferenceTensor tensor) in wanted)
        {
            double largest = tensor.Values.Max(Math.Abs);
            Assert.True(largest > 0);
            Assert.Equal(tensor.Shape, made[name].Shape);
            Assert.All(tensor.Values.Zip(made[name].Values), p => Assert.Equal(p.First, p.Second, 1e-5 * largest));
        }
    }
}
