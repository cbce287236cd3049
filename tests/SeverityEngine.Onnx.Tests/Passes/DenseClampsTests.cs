using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Passes.Quantization;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>What is rewritten and what is not; ONNX Runtime, which does not have the operator, runs the models by their function.</summary>
public class DenseClampsTests
{
    const int Height = 5, Width = 6, Stem = 8, Growth = 3;

    static readonly (string, float[], long[]) s_image =
        ("image", [.. Graphs.Ramp(2 * Stem * Height * Width).Select(v => 128 + (100 * v))], [2, Stem, Height, Width]);

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(21)]
    public void A_rewritten_network_computes_the_same_in_a_runtime_without_the_operator(long opset)
    {
        OnnxModel model = Network(opset: opset), rewritten = model.Clone();
        Assert.Equal(3, DenseClamps.Apply(rewritten));
        GraphChecker.Check(rewritten);
        SafetyChecker.Check(rewritten);
        Assert.Equal(["DenseRoom", "DenseClamp", "DenseClamp", "DenseClamp"], OperatorsOf(rewritten));
        Assert.Equal(1, rewritten.Opset("severity"));
        Assert.Equal(["function 'severity.DenseClamp'", "function 'severity.DenseRoom'"],
            rewritten.Functions.Select(f => f.ToString()).Order());
        AssertSame(model, OnnxModel.Parse(rewritten.ToArray()));
        Assert.Equal(0, DenseClamps.Apply(rewritten));
    }

    [Fact]
    public void A_runtime_is_told_the_shapes_that_it_cannot_infer()
    {
        OnnxModel model = Network();
        IReadOnlyDictionary<string, OnnxValue> before = ShapeInference.Infer(model.Graph);
        DenseClamps.Apply(model);
        string[] made = [.. model.Graph.Nodes.Where(n => n.Domain == "severity").SelectMany(n => n.Outputs)];
        Assert.Equal(made.Order(), model.Graph.DeclaredValues.Select(v => v.Name).Order());
        OnnxShape room = ["N", Height, Width, Stem + (3 * Growth)];
        Assert.All(model.Graph.DeclaredValues, v => Assert.Equal(before.GetValueOrDefault(v.Name)?.Shape ?? room, v.Shape));
        Assert.Equal(model.Graph.DeclaredValues, OnnxModel.Parse(model.ToArray()).Graph.DeclaredValues);
    }

    [Fact]
    public void The_way_back_gives_a_network_of_the_same_operators_and_results()
    {
        OnnxModel model = Network(), rewritten = model.Clone();
        DenseClamps.Apply(rewritten);
        OnnxModel restored = AssertRestored(model, rewritten);
        Assert.Equal(3, DenseClamps.Apply(restored));
        AssertSame(model, restored);
    }

    [Fact]
    public void An_average_behind_a_block_goes_into_its_last_operator()
    {
        OnnxModel model = Network(isPooled: true), rewritten = model.Clone();
        Assert.Equal(3, DenseClamps.Apply(rewritten));
        Assert.Equal(["DenseRoom", "DenseClamp", "DenseClamp", "DensePool"], OperatorsOf(rewritten));
        Assert.DoesNotContain(rewritten.Graph.Nodes, n => n.OpType == "QLinearConv");
        GraphChecker.Check(rewritten);
        SafetyChecker.Check(rewritten);
        OnnxModel restored = AssertRestored(model, rewritten);
        Assert.Equal(3, DenseClamps.Apply(restored));
        Assert.Contains("DensePool", OperatorsOf(restored));
    }

    [Fact]
    public void An_average_of_another_form_stays_behind_its_block()
    {
        foreach (Action<OnnxNode, OnnxGraph> change in (Action<OnnxNode, OnnxGraph>[])[
            (n, _) => n.Attributes.Set("strides", [1, 1]),
            (n, _) => n.Attributes.Set("pads", [1, 1, 1, 1]),
            (n, g) => g.SetInitializer(OnnxTensor.Create<sbyte>(n.Inputs[3], [17, 1, 2, 2], [.. Enumerable.Repeat((sbyte)2, 68)])),
            (n, g) => g.SetInitializer(OnnxTensor.Vector(n.Inputs[4], [.. Enumerable.Repeat(0.125f, 17)])),
            (n, g) => g.SetInitializer(OnnxTensor.Vector(n.Inputs[8], [.. Enumerable.Repeat(1, 17)]))])
        {
            OnnxModel model = Network(isPooled: true);
            change(model.Graph.Nodes.Single(n => n.OpType == "QLinearConv"), model.Graph);
            OnnxModel rewritten = model.Clone();
            Assert.Equal(3, DenseClamps.Apply(rewritten));
            Assert.Equal(["DenseRoom", "DenseClamp", "DenseClamp", "DenseClamp"], OperatorsOf(rewritten));
            AssertSame(model, rewritten);
        }
        // What is averaged is read once more.
        OnnxModel read = Network(isPooled: true);
        AddReader(read, read.Graph.Nodes.Single(n => n.OpType == "QLinearConv").Inputs[0]);
        DenseClamps.Apply(read);
        Assert.Equal(["DenseRoom", "DenseClamp", "DenseClamp", "DenseClamp"], OperatorsOf(read));
    }

    [Fact]
    public void Room_that_a_Pad_makes_as_in_older_files_is_known()
    {
        OnnxModel model = Network(), rewritten = model.Clone();
        DenseClamps.Apply(rewritten);
        WinogradConvolutionsTests.PadForRoom(rewritten);
        AssertRestored(model, rewritten);
    }

    [Fact]
    public void A_chain_of_another_form_is_written_out_by_its_function()
    {
        OnnxModel model = Network(), rewritten = model.Clone();
        DenseClamps.Apply(rewritten);
        // What the last one has grown is read once more.
        AddReader(rewritten, rewritten.Graph.Nodes.Last(n => n.OpType == "DenseClamp").Outputs[0]);
        OnnxModel restored = rewritten.Clone();
        StandardOperators.Restore(restored);
        Assert.Empty(restored.Functions);
        Assert.Contains(restored.Graph.Nodes, n => n.Is("Slice"));
        AssertSame(rewritten, restored);
    }

    [Fact]
    public void Bounds_on_either_side_or_on_both_are_taken()
    {
        foreach ((bool isRaised, bool isLowered) in (ReadOnlySpan<(bool, bool)>)[(true, false), (false, true), (true, true)])
        {
            OnnxModel model = Network(isRaised: isRaised, isLowered: isLowered), rewritten = model.Clone();
            Assert.Equal(3, DenseClamps.Apply(rewritten));
            AssertSame(model, rewritten);
            StandardOperators.Restore(rewritten);
            Assert.Equal(model.Graph.Nodes.Select(n => n.OpType).Order(), rewritten.Graph.Nodes.Select(n => n.OpType).Order());
            AssertSame(model, rewritten);
        }
    }

    [Fact]
    public void Concatenations_that_are_not_of_the_form_are_left_alone()
    {
        Assert.Equal(3, DenseClamps.Apply(Network()));
        AssertLeft(Network(opset: 12));
        AssertLeft(Network(layers: 1));
        AssertLeft(Network(symbolic: true));
        AssertLeft(Network(isRaised: false));
        AssertLeft(Network(differ: true));
        AssertLeft(Network(change: n =>
        {
            if (n.Is("Concat"))
                n.SetInputs(n.Inputs[1], n.Inputs[0]);
            return n;
        }));
        OnnxModel model = Network();
        model.AddFunction(new OnnxFunction("severity", "DenseClamp", ["X"], ["Y"], [new OnnxNode("Relu", "", ["X"], ["Y"])], ("", 17)));
        Assert.False(EngineFunctions.KeepMeaning(model));
        AssertLeft(model);
    }

    [Fact]
    public void A_concatenation_that_somebody_else_reads_ends_a_chain()
    {
        // The first: what is left is the two that follow.
        OnnxModel model = Network();
        AddReader(model, model.Graph.Nodes.First(n => n.Is("Concat")).Outputs[0]);
        OnnxModel rewritten = model.Clone();
        Assert.Equal(2, DenseClamps.Apply(rewritten));
        AssertSame(model, rewritten);
        // The last but one: what is left of the chain before it is one alone, and of that behind it too.
        model = Network();
        AddReader(model, model.Graph.Nodes.Where(n => n.Is("Concat")).ElementAt(1).Outputs[0]);
        AssertLeft(model);
    }

    static IEnumerable<string> OperatorsOf(OnnxModel model) =>
        model.Graph.Nodes.Where(n => n.Domain == "severity" || n.Is("Concat") || n.Is("Pad")).Select(n => n.OpType);

    static void AddReader(OnnxModel model, string value)
    {
        GraphBuilder builder = new(model);
        string real = builder.Cast(value, OnnxElementType.Float32, "another");
        builder.Output(real, OnnxElementType.Float32, ShapeInference.Infer(model.Graph)[value].Shape!);
    }

    /// <summary>A block of a DenseNet in 8 bits in small: each layer makes its channels of some of what it reads within bounds.</summary>
    static OnnxModel Network(long opset = OnnxModel.DefaultOpset, int layers = 3, bool isRaised = true, bool isLowered = false,
        bool symbolic = false, bool differ = false, bool isPooled = false, Func<OnnxNode, OnnxNode>? change = null)
    {
        GraphBuilder builder = new("network", opset);
        string image = builder.Input("image", OnnxElementType.Float32, ["N", Stem, Height, symbolic ? "W" : Width]);
        string x = builder.Transpose(
            builder.Node("QuantizeLinear", [image, builder.Scalar("one", 1f), builder.Scalar("zero", (byte)0)]).Outputs[0], [0, 2, 3, 1]);
        string clamped = x;
        for (int layer = 0; layer < layers; layer++)
        {
            int channels = Stem + ((layer + 1) * Growth);
            string made = builder.Max(builder.Slice(clamped, [layer], [layer + Growth], [3]), builder.Scalar($"least{layer}", (byte)40));
            clamped = x = builder.Concat([x, made], 3, $"concat{layer}");
            if (isRaised)
                clamped = builder.Max(clamped, Row($"floor{layer}", channels, 60), $"raised{layer}");
            if (isLowered)
                clamped = builder.Min(clamped, Row($"ceiling{layer}", channels, 150), $"lowered{layer}");
        }
        if (isPooled)
        {
            builder.Model.SetOpset("com.microsoft", 1);
            OnnxNode pool = new QuantizedConvolutions(builder).AddAverage("average", clamped, Stem + (layers * Growth), [2, 2]);
            pool.Attributes.Set("strides", [2, 2]);
            clamped = pool.Outputs[0];
        }
        string real = builder.Transpose(builder.Cast(clamped, OnnxElementType.Float32), [0, 3, 1, 2]);
        builder.Output(builder.GlobalAveragePool(real, "mean"), OnnxElementType.Float32, ["N", Stem + (layers * Growth), 1, 1]);
        if (change is not null)
        {
            foreach (OnnxNode node in builder.Graph.Nodes)
                change(node);
        }
        return builder.Build();

        string Row(string name, int channels, int around)
        {
            return builder.Constant<byte>(name, [Width, channels], [.. Enumerable.Range(0, Width * channels)
                .Select(i => (byte)(around + (i % channels * 7) + (differ ? i / channels : 0)))]);
        }
    }

    static void AssertLeft(OnnxModel model) => WinogradConvolutionsTests.AssertLeft(model, DenseClamps.Apply);

    static OnnxModel AssertRestored(OnnxModel model, OnnxModel rewritten) =>
        WinogradConvolutionsTests.AssertRestored(model, rewritten, s_image);

    static void AssertSame(OnnxModel expected, OnnxModel actual) => WinogradConvolutionsTests.AssertSame(expected, actual, s_image);
}
