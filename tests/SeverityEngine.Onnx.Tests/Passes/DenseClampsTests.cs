using SeverityEngine.Onnx.Passes;

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
        Assert.Equal(["Pad", "DenseClamp", "DenseClamp", "DenseClamp"],
            rewritten.Graph.Nodes.Select(n => n.OpType).Where(t => t is "Pad" or "DenseClamp" or "Concat"));
        Assert.Equal(1, rewritten.Opset("severity"));
        Assert.Equal(["function 'severity.DenseClamp'"], rewritten.Functions.Select(f => f.ToString()));
        AssertSame(model, OnnxModel.Parse(rewritten.ToArray()));
        Assert.Equal(0, DenseClamps.Apply(rewritten));
    }

    [Fact]
    public void A_runtime_is_told_the_shapes_that_it_cannot_infer()
    {
        OnnxModel model = Network();
        IReadOnlyDictionary<string, OnnxValue> before = ShapeInference.Infer(model.Graph);
        DenseClamps.Apply(model);
        string[] clamped = [.. model.Graph.Nodes.Where(n => n.OpType == "DenseClamp").Select(n => n.Outputs[1])];
        Assert.Equal(clamped.Order(), model.Graph.DeclaredValues.Select(v => v.Name).Order());
        Assert.All(model.Graph.DeclaredValues, v => Assert.Equal(before[v.Name], v));
        Assert.Equal(model.Graph.DeclaredValues, OnnxModel.Parse(model.ToArray()).Graph.DeclaredValues);
    }

    [Fact]
    public void The_way_back_gives_a_network_of_the_same_operators_and_results()
    {
        OnnxModel model = Network(), restored = model.Clone();
        DenseClamps.Apply(restored);
        restored = OnnxModel.Parse(restored.ToArray());
        StandardOperators.Restore(restored);
        GraphChecker.Check(restored);
        Assert.Empty(restored.Functions);
        Assert.Equal(model.Graph.Nodes.Select(n => n.OpType).Order(), restored.Graph.Nodes.Select(n => n.OpType).Order());
        AssertSame(model, restored);
        Assert.Equal(3, DenseClamps.Apply(restored));
        AssertSame(model, restored);
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

    static void AddReader(OnnxModel model, string value)
    {
        GraphBuilder builder = new(model);
        string real = builder.Cast(value, OnnxElementType.Float32, "another");
        builder.Output(real, OnnxElementType.Float32, ShapeInference.Infer(model.Graph)[value].Shape!);
    }

    /// <summary>A block of a DenseNet in 8 bits in small: each layer makes its channels of some of what it reads within bounds.</summary>
    static OnnxModel Network(long opset = OnnxModel.DefaultOpset, int layers = 3, bool isRaised = true, bool isLowered = false,
        bool symbolic = false, bool differ = false, Func<OnnxNode, OnnxNode>? change = null)
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

    static void AssertLeft(OnnxModel model)
    {
        byte[] before = model.ToArray();
        Assert.Equal(0, DenseClamps.Apply(model));
        Assert.Equal(before, model.ToArray());
    }

    static void AssertSame(OnnxModel expected, OnnxModel actual) => WinogradConvolutionsTests.AssertSame(expected, actual, s_image);
}
