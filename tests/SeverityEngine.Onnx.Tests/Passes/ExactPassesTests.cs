using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>Each pass on graphs that have its pattern and on graphs that nearly have it, judged by what ONNX Runtime computes.</summary>
public class ExactPassesTests
{
    [Fact]
    public void A_pooling_behind_a_pointwise_convolution_is_moved_ahead_of_it_and_the_results_stay()
    {
        OnnxModel model = Transition();
        OnnxModel moved = model.Clone();
        Assert.Equal(1, PoolBeforeConvolution.Apply(moved));
        GraphChecker.Check(moved);
        OnnxNode last = moved.Graph.Producer("y")!;
        Assert.Equal("Conv", last.OpType);
        Assert.Equal("AveragePool", moved.Graph.Producer(last.Inputs[0])!.OpType);
        AssertSame(model, moved);
        Assert.Equal(0, PoolBeforeConvolution.Apply(moved));
    }

    [Theory]
    [InlineData(1, 0, 2, 0, false)] // the pooling pads
    [InlineData(0, 1, 2, 0, false)] // the convolution pads
    [InlineData(0, 0, 1, 0, false)] // the pooling keeps the image's size, so there is nothing to save
    [InlineData(0, 0, 2, 1, false)] // windows may end beyond the image
    [InlineData(0, 0, 2, 0, true)] // the convolution's result is read by others too
    public void A_pooling_is_left_where_the_order_matters_or_nothing_is_saved(
        int poolPad, int convPad, int stride, int ceiling, bool shared)
    {
        OnnxModel model = Transition(poolPad, convPad, stride, ceiling, shared);
        byte[] before = model.ToArray();
        Assert.Equal(0, PoolBeforeConvolution.Apply(model));
        Assert.Equal(before, model.ToArray());
    }

    [Fact]
    public void Normalization_behind_a_convolution_becomes_part_of_it_and_the_results_stay()
    {
        OnnxModel model = Graphs.Network();
        OnnxModel folded = model.Clone();
        Assert.Equal(1, FoldBatchNormalization.Apply(folded));
        GraphChecker.Check(folded);
        Assert.DoesNotContain(folded.Graph.Nodes, n => n.Is("BatchNormalization"));
        Assert.DoesNotContain("variance", folded.Graph.Initializers.Keys);
        AssertSame(model, folded, ("image", Graphs.Ramp(512), [2, 1, 16, 16]));
    }

    [Fact]
    public void Normalization_of_a_concatenation_or_of_a_value_that_others_read_stays()
    {
        foreach (bool shared in (bool[])[false, true])
        {
            GraphBuilder builder = new("test");
            string x = builder.Input("x", OnnxElementType.Float32, ["N", 4, 4, 4]);
            string y = builder.Conv(x, builder.Constant<float>("w", [4, 4, 1, 1], Graphs.Ramp(16)));
            string read = shared ? y : builder.Concat([y], 1);
            string[] parameters =
                [.. ((string[])["a", "b", "m"]).Select(n => builder.Vector<float>(n, Graphs.Ramp(4))), builder.Vector("v", 1f, 2f, 3f, 4f)];
            string z = builder.BatchNormalization(read, parameters[0], parameters[1], parameters[2], parameters[3]);
            builder.Output(builder.Add(z, y), OnnxElementType.Float32, ["N", 4, 4, 4]);
            OnnxModel model = builder.Build();
            byte[] before = model.ToArray();
            Assert.Equal(0, FoldBatchNormalization.Apply(model));
            Assert.Equal(before, model.ToArray());
        }
    }

    [Fact]
    public void A_constant_that_two_nodes_read_stays_for_the_other()
    {
        GraphBuilder builder = new("test");
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 4, 4, 4]),
            w = builder.Constant<float>("w", [4, 4, 1, 1], Graphs.Ramp(16));
        string a = builder.Vector<float>("a", Graphs.Ramp(4)), v = builder.Vector("v", 1f, 2f, 3f, 4f);
        string y = builder.BatchNormalization(builder.Conv(x, w), a, a, a, v);
        builder.Output(builder.Add(y, builder.Conv(x, w)), OnnxElementType.Float32, ["N", 4, 4, 4]);
        OnnxModel model = builder.Build(), folded = model.Clone();
        Assert.Equal(1, FoldBatchNormalization.Apply(folded));
        AssertSame(model, folded, ("x", Graphs.Ramp(64), [1, 4, 4, 4]));
    }

    [Fact]
    public void All_passes_say_what_they_did_and_keep_metadata_inputs_and_outputs()
    {
        OnnxModel model = Graphs.Network();
        model.Metadata["severity.name"] = "test";
        OnnxModel optimized = model.Clone();
        Assert.Equal(["1 batch normalizations became part of the convolutions before them"], ExactPasses.Apply(optimized));
        Assert.Equal(model.Metadata, optimized.Metadata);
        Assert.Equal(model.Graph.Inputs, optimized.Graph.Inputs);
        Assert.Equal(model.Graph.Outputs, optimized.Graph.Outputs);
        Assert.Empty(ExactPasses.Apply(optimized));
    }

    [Fact]
    public void Weights_stored_as_bytes_are_read_back_to_half_a_step()
    {
        GraphBuilder builder = new("test");
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 64, 2, 2]);
        builder.Output(builder.Conv(x, builder.Constant<float>("w", [64, 64, 1, 1], Graphs.Ramp(4096)), name: "y"), OnnxElementType.Float32,
            ["N", 64, 2, 2]);
        OnnxModel model = builder.Build(), bytes = model.Clone();
        Assert.Equal(1, ByteStorage.Apply(bytes));
        GraphChecker.Check(bytes);
        Assert.InRange(bytes.ToArray().Length, 1, (model.ToArray().Length / 4) + 1000);
        // With a 1 in the first channel alone the results are the weights on it.
        AssertSame(model, bytes, ("x", [1, 1, 1, 1, .. new float[252]], [1, 64, 2, 2]), 1.01 / 254);
    }

    static OnnxModel Transition(int poolPad = 0, int convPad = 0, int stride = 2, int ceiling = 0, bool shared = false)
    {
        GraphBuilder builder = new("transition");
        string x = builder.Relu(builder.Input("x", OnnxElementType.Float32, ["N", 6, 8, 8]));
        string conv =
            builder.Conv(x, builder.Constant<float>("w", [4, 6, 1, 1], Graphs.Ramp(24)), builder.Vector<float>("b", Graphs.Ramp(4)),
            pads: [convPad, convPad, convPad, convPad], name: "conv");
        string y = builder.AveragePool(conv, [2, 2], [stride, stride], [poolPad, poolPad, poolPad, poolPad], "y");
        builder.Graph.Producer(y)!.Attributes.Set("ceil_mode", ceiling);
        builder.Output(y, OnnxElementType.Float32, [default, default, default, default]);
        if (shared)
            builder.Output(builder.Relu(conv), OnnxElementType.Float32, [default, default, default, default]);
        return builder.Build();
    }

    static void AssertSame(OnnxModel expected, OnnxModel actual, (string, float[], long[])? input = null, double tolerance = 1e-5)
    {
        (string, float[], long[]) values = input ?? ("x", Graphs.Ramp(768), [2, 6, 8, 8]);
        Dictionary<string, ReferenceTensor> wanted = OnnxRuntimeReference.Run(expected.ToArray(), values),
            made = OnnxRuntimeReference.Run(actual.ToArray(), values);
        Assert.Equal(wanted.Keys, made.Keys);
        foreach ((string name, ReferenceTensor tensor) in wanted)
        {
            Assert.Equal(tensor.Shape, made[name].Shape);
            double largest = tensor.Values.Max(Math.Abs);
            Assert.True(largest > 0);
            Assert.All(tensor.Values.Zip(made[name].Values), p => Assert.Equal(p.First, p.Second, tolerance * largest));
        }
    }
}
