using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests;

public class GraphBuilderTests
{
    [Fact]
    public void Names_follow_from_the_operator_and_count_up()
    {
        GraphBuilder builder = new("test");
        string x = builder.Input("x", OnnxElementType.Float32, ["N"]);
        Assert.Equal(["relu", "relu_2", "globalAveragePool", "score", "score_2"],
            [builder.Relu(x), builder.Relu(x), builder.GlobalAveragePool(x), builder.Relu(x, "score"), builder.Relu(x, "score")]);
        Assert.Equal(["c", "c_2"], [builder.Scalar("c", 1f), builder.Scalar("c", 2f)]);
        Assert.Equal(2f, builder.Graph.Constant("c_2")!.Values<float>()[0]);
    }

    [Fact]
    public void Optional_inputs_are_left_out_in_between_and_cut_at_the_end()
    {
        GraphBuilder builder = new("test");
        string x = builder.Input("x", OnnxElementType.Float32, ["N"]);
        Assert.Equal(["x", "", "high"], builder.Graph.Producer(builder.Clip(x, null, builder.Scalar("high", 6f)))!.Inputs);
        Assert.Equal(["x"], builder.Graph.Producer(builder.Clip(x, null, null))!.Inputs);
    }

    [Fact]
    public void Operators_that_an_older_set_writes_otherwise_are_refused()
    {
        GraphBuilder builder = new("test", opset: 12);
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 1]);
        OnnxException fault = Assert.Throws<OnnxException>(() => builder.Squeeze(x, [1]));
        Assert.Equal("Squeeze is written as of version 13 of the standard operators, but the model uses 12", fault.Message);
    }

    [Fact]
    public void A_network_rewritten_node_by_node_computes_the_same()
    {
        OnnxModel model = Graphs.Network();
        OnnxModel rewritten = model.Clone();
        OnnxGraph graph = rewritten.Graph;
        GraphBuilder builder = new(rewritten);
        foreach (OnnxNode node in graph.Nodes.Where(n => n.OpType is "Relu" or "BatchNormalization").ToArray())
            graph.ReplaceUses(
                node.Outputs[0], node.Is("Relu") ? builder.Max(node.Inputs[0], builder.Scalar("zero", 0f)) : Normalized(builder, node));
        graph.RemoveUnused();
        graph.SortTopologically();
        GraphChecker.Check(rewritten);

        Assert.DoesNotContain(graph.Nodes, n => n.OpType is "Relu" or "BatchNormalization");
        Assert.DoesNotContain("mean", graph.Initializers.Keys);
        (string, float[], long[]) image = ("image", Graphs.Ramp(512), [2, 1, 16, 16]);
        float[] expected = OnnxRuntimeReference.Run(model.ToArray(), image)["score"].Values,
            actual = OnnxRuntimeReference.Run(rewritten.ToArray(), image)["score"].Values;
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    /// <summary>Batch normalization as a product and a sum, from its constants.</summary>
    static string Normalized(GraphBuilder builder, OnnxNode node)
    {
        float[][] p = [.. node.Inputs.Skip(1).Select(i => builder.Graph.Constant(i)!.Values<float>().ToArray())];
        float[] factor =
            [.. p[0].Zip(p[3], (scale, variance) => scale / MathF.Sqrt(variance + node.Attributes.GetFloat("epsilon", 1e-5f)))];
        float[] shift = [.. p[1].Zip(p[2]).Zip(factor, (bm, f) => bm.First - bm.Second * f)];
        string product = builder.Mul(node.Inputs[0], builder.Constant<float>("factor", [factor.Length, 1, 1], factor));
        return builder.Add(product, builder.Constant<float>("shift", [shift.Length, 1, 1], shift));
    }
}
