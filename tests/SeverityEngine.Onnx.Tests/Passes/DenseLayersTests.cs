using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>What is rewritten and what is not; ONNX Runtime, which does not have the operator, runs the models by their function.</summary>
public class DenseLayersTests
{
    const int Height = 17, Width = 20;

    static readonly (string, float[], long[]) s_image =
        ("image", [.. Graphs.Ramp(2 * Height * Width).Select(v => 10 * v)], [2, 1, Height, Width]);

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(21)]
    public void A_rewritten_network_computes_the_same_in_a_runtime_without_the_operator(long opset)
    {
        OnnxModel model = Network(opset: opset), rewritten = model.Clone();
        Assert.Equal(5, DenseLayers.Apply(rewritten));
        GraphChecker.Check(rewritten);
        SafetyChecker.Check(rewritten);
        Assert.Equal(5, rewritten.Graph.Nodes.Count(n => n is { Domain: "severity", OpType: "DenseLayer" }));
        Assert.DoesNotContain(rewritten.Graph.Nodes, n => n.OpType is "Concat" or "BatchNormalization");
        Assert.Equal(1, rewritten.Opset("severity"));
        Assert.Equal(["function 'severity.DenseLayer'", "function 'severity.DenseRoom'"],
            rewritten.Functions.Select(f => f.ToString()).Order());
        Assert.Equal(opset, rewritten.Functions[0].Opset());
        Assert.Equal(model.Graph.Inputs, rewritten.Graph.Inputs);
        Assert.Equal(model.Graph.Outputs, rewritten.Graph.Outputs);
        AssertSame(model, OnnxModel.Parse(rewritten.ToArray()));
        Assert.Equal(0, DenseLayers.Apply(rewritten));
    }

    [Fact]
    public void A_chain_stands_between_transposes_and_has_room_for_all_its_channels()
    {
        OnnxModel model = Network();
        IReadOnlyDictionary<string, OnnxValue> before = ShapeInference.Infer(model.Graph);
        DenseLayers.Apply(model);
        OnnxNode[] nodes = [.. model.Graph.Nodes.SkipWhile(n => n.OpType != "Transpose").TakeWhile(n => n.OpType != "AveragePool")];
        Assert.Equal(["Transpose", "DenseRoom", "DenseLayer", "DenseLayer", "DenseLayer", "Transpose", "Conv", "Relu", "Conv"],
            nodes.Select(n => n.OpType));
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(model.Graph);
        foreach (OnnxNode node in nodes[1..5])
            Assert.Equal(["2", $"{Height}", $"{Width}", "80"], values[node.Outputs[0]].Shape!.Select(d => d.ToString().Replace("N", "2")));
        // What the last made keeps its name, and what was a normalization its own.
        Assert.Equal(before[nodes[5].Outputs[0]].Shape, values[nodes[5].Outputs[0]].Shape);
        Assert.Equal("transition.norm", nodes[6].Name);
        Assert.Equal(80, nodes[6].Attributes.GetInt("group"));
    }

    [Fact]
    public void The_way_back_gives_a_network_of_the_same_operators_and_results()
    {
        OnnxModel model = Network(), rewritten = model.Clone();
        DenseLayers.Apply(rewritten);
        OnnxModel restored = AssertRestored(model, rewritten);
        Assert.Equal(5, DenseLayers.Apply(restored));
        AssertSame(model, restored);
    }

    [Fact]
    public void Room_that_a_Pad_makes_as_in_older_files_is_known()
    {
        OnnxModel model = Network(), rewritten = model.Clone();
        DenseLayers.Apply(rewritten);
        WinogradConvolutionsTests.PadForRoom(rewritten);
        AssertRestored(model, rewritten);
    }

    [Fact]
    public void A_chain_of_another_form_is_written_out_by_its_function()
    {
        OnnxModel model = Network(), rewritten = model.Clone();
        DenseLayers.Apply(rewritten);
        // Room that no layer fills is cut off again.
        OnnxGraph graph = rewritten.Graph;
        OnnxNode room = graph.Nodes.First(n => n.OpType == "DenseRoom"), last = graph.Nodes.Where(n => n.Is("Transpose")).ElementAt(1);
        GraphBuilder builder = new(rewritten);
        room.SetInput(1, builder.Vector("more", 64L));
        graph.ForgetDeclaredValues();
        string cut = builder.Slice(last.Inputs[0], [0], [80], [3]);
        last.SetInput(0, cut);
        graph.SortTopologically();
        AssertSame(model, rewritten);
        OnnxModel restored = rewritten.Clone();
        StandardOperators.Restore(restored);
        Assert.Empty(restored.Functions);
        Assert.Contains(restored.Graph.Nodes, n => n.Is("Slice"));
        AssertSame(model, restored);
    }

    [Fact]
    public void Gradients_activation_maps_and_quantized_networks_of_a_rewritten_model_are_those_of_the_plain_one()
    {
        OnnxModel plain = Network(), rewritten = plain.Clone();
        ExactPasses.Apply(plain);
        Assert.Contains("5 dense layers became one operator each", EnginePasses.Apply(rewritten));
        foreach (Func<OnnxModel, OnnxModel> derive in (Func<OnnxModel, OnnxModel>[])[m => InputGradient.Of(m), m => ClassActivation.Of(m)])
            AssertSame(derive(plain), derive(rewritten));
        QuantizedNetwork expected = new(plain), actual = new(rewritten);
        Assert.Equal(expected.Probes.Select(p => (p.Height, p.Width)), actual.Probes.Select(p => (p.Height, p.Width)));
        Assert.Equal(expected.Prepared.Graph.Nodes.Select(n => n.OpType).Order(),
            actual.Prepared.Graph.Nodes.Select(n => n.OpType).Order());
        AssertSame(expected.Prepared, actual.Prepared);
    }

    [Fact]
    public void Layers_that_are_not_of_the_form_are_left_alone()
    {
        Assert.Equal(5, DenseLayers.Apply(Network()));
        AssertLeft(Network(opset: 12));
        AssertLeft(Network(layers: 1));
        AssertLeft(Network(stem: 24));
        AssertLeft(Network(middle: 24));
        AssertLeft(Network(growth: 8));
        AssertLeft(Network(isSecondBiased: true));
        AssertLeft(Network(symbolic: true));
        AssertLeft(Network(change: n => n.Is("BatchNormalization") ? n.With("training_mode", 1) : n));
        AssertLeft(Network(change: n => n.Name.EndsWith("conv2", StringComparison.Ordinal) ? n.With("pads", [2, 2, 0, 0]) : n));
        AssertLeft(Network(change: n =>
        {
            if (n.Is("Concat"))
                n.SetInputs(n.Inputs[1], n.Inputs[0]);
            return n;
        }));
    }

    [Fact]
    public void A_value_that_somebody_else_reads_ends_a_chain()
    {
        // The first of three layers' results is an output: what is left of the chain is the two that follow, and the other block's.
        OnnxModel model = Network();
        string first = model.Graph.Nodes.First(n => n.Is("Concat")).Outputs[0];
        model.Graph.AddOutput(ShapeInference.Infer(model.Graph)[first]);
        OnnxModel rewritten = model.Clone();
        Assert.Equal(4, DenseLayers.Apply(rewritten));
        AssertSame(model, rewritten);
        // Between a layer's convolutions.
        model = Network();
        string middle = model.Graph.Nodes.First(n => n.Name.EndsWith("conv1", StringComparison.Ordinal)).Outputs[0];
        model.Graph.AddOutput(ShapeInference.Infer(model.Graph)[middle]);
        rewritten = model.Clone();
        Assert.Equal(4, DenseLayers.Apply(rewritten));
        AssertSame(model, rewritten);
    }

    [Fact]
    public void A_model_that_means_something_else_by_the_operator_is_left_alone()
    {
        OnnxModel model = Network();
        model.AddFunction(new OnnxFunction("severity", "DenseLayer", ["X"], ["Y"], [new OnnxNode("Relu", "", ["X"], ["Y"])], ("", 17)));
        Assert.False(EngineFunctions.KeepMeaning(model));
        AssertLeft(model);
        model = Network();
        model.AddFunction(new OnnxFunction("severity", "Another", ["X"], ["Y"], [new OnnxNode("Relu", "", ["X"], ["Y"])], ("", 17)));
        Assert.True(EngineFunctions.KeepMeaning(model));
        model = Network();
        model.SetOpset("severity", 2);
        AssertLeft(model);
    }

    /// <summary>A DenseNet in small: blocks of three layers and of two, a transition, and a score.</summary>
    static OnnxModel Network(long opset = OnnxModel.DefaultOpset, int layers = 3, int stem = 32, int middle = 32, int growth = 16,
        bool isSecondBiased = false, bool symbolic = false, Func<OnnxNode, OnnxNode>? change = null)
    {
        GraphBuilder builder = new("network", opset);
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, symbolic ? "H" : Height, Width]);
        int channels = stem;
        x = builder.Relu(Conv("stem", x, stem, 1, 3));
        for (int layer = 0; layer < layers; layer++)
            x = Layer($"one.{layer}", x);
        x = builder.Relu(Norm("transition.norm", x, channels));
        x = builder.AveragePool(Conv("transition.conv", x, stem, channels, 1), [2, 2], [2, 2]);
        channels = stem;
        for (int layer = 0; layer < layers - 1; layer++)
            x = Layer($"two.{layer}", x);
        x = builder.Flatten(builder.GlobalAveragePool(builder.Relu(Norm("last", x, channels))));
        builder.Output(builder.Gemm(x, builder.Constant<float>("head", [channels, 1], Graphs.Ramp(channels)), name: "geographic_extent"),
            OnnxElementType.Float32, ["N", 1]);
        if (change is not null)
        {
            foreach (OnnxNode node in builder.Graph.Nodes)
                change(node);
        }
        return builder.Build();

        string Layer(string name, string x)
        {
            string y = builder.Relu(Norm($"{name}.norm1", x, channels));
            y = builder.Relu(Conv($"{name}.conv1", y, middle, channels, 1, bias: name[0] == 'o'));
            y = Conv($"{name}.conv2", y, growth, middle, 3, bias: isSecondBiased);
            channels += growth;
            return builder.Concat([x, y], 1, $"{name}.concat");
        }

        string Conv(string name, string x, int outputs, int inputs, int kernel, bool bias = false) => builder.Conv(x,
            builder.Constant<float>($"{name}.weight", [outputs, inputs, kernel, kernel],
                [.. Graphs.Ramp(outputs * inputs * kernel * kernel).Select(v => v / inputs)]),
            bias ? builder.Vector<float>($"{name}.bias", Graphs.Ramp(outputs)) : null, pads: kernel == 3 ? [1, 1, 1, 1] : [], name: name);

        string Norm(string name, string x, int channels) => builder.BatchNormalization(x,
            builder.Vector<float>($"{name}.scale", [.. Graphs.Ramp(channels).Select(v => 1 + (v / 2))]),
            builder.Vector<float>($"{name}.shift", Graphs.Ramp(channels)),
            builder.Vector<float>($"{name}.mean", Graphs.Ramp(channels)),
            builder.Vector<float>($"{name}.variance", [.. Graphs.Ramp(channels).Select(v => 1 + (v / 2))]), name: name);
    }

    static void AssertLeft(OnnxModel model) => WinogradConvolutionsTests.AssertLeft(model, DenseLayers.Apply);

    static OnnxModel AssertRestored(OnnxModel model, OnnxModel rewritten) =>
        WinogradConvolutionsTests.AssertRestored(model, rewritten, s_image);

    static void AssertSame(OnnxModel expected, OnnxModel actual) => WinogradConvolutionsTests.AssertSame(expected, actual, s_image);
}
