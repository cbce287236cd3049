using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>Nodes that come to nothing and nodes that nearly do, judged by what ONNX Runtime computes.</summary>
public class RemoveNoOpsTests
{
    static readonly long[] s_last = [0, 2, 3, 1], s_first = [0, 3, 1, 2];

    [Fact]
    public void Transposes_that_undo_each_other_are_removed_however_they_are_nested()
    {
        OnnxModel model = Model(
            (b, x) => b.Relu(b.Transpose(b.Transpose(b.Transpose(b.Transpose(b.Relu(x), s_last), [3, 2, 1, 0]), [3, 2, 1, 0]), s_first)));
        AssertBecomes(model, 4, ["Relu", "Relu"]);
    }

    [Fact]
    public void A_transpose_without_an_order_turns_the_axes_round()
    {
        AssertBecomes(Model((b, x) => b.Relu(b.Node("Transpose", [b.Node("Transpose", [x]).Outputs[0]]).Outputs[0])), 2, ["Relu"]);
        AssertBecomes(Model((b, x) => b.Relu(b.Node("Transpose", [b.Transpose(x, [3, 2, 1, 0])]).Outputs[0])), 2, ["Relu"]);
        AssertStays(Model((b, x) => b.Relu(b.Node("Transpose", [b.Transpose(x, s_last)]).Outputs[0])));
    }

    [Fact]
    public void Transposes_that_others_need_stay_for_them()
    {
        OnnxModel model = Model((b, x) =>
        {
            string last = b.Transpose(x, s_last);
            b.Output(b.Relu(last), OnnxElementType.Float32, ["N", 3, 3, 4]);
            return b.Relu(b.Transpose(last, s_first));
        });
        AssertBecomes(model, 1, ["Transpose", "Relu", "Relu"]);
    }

    [Fact]
    public void Transposes_that_do_not_cancel_stay()
    {
        AssertStays(Model((b, x) => b.Relu(b.Transpose(b.Transpose(x, s_last), s_last))));
        AssertStays(Model((b, x) => b.Relu(b.Transpose(b.Relu(b.Transpose(x, s_last)), s_first))));
    }

    [Fact]
    public void An_output_keeps_its_name_or_its_node()
    {
        AssertBecomes(Model((b, x) => b.Transpose(b.Transpose(b.Relu(x), s_last), s_first, "named")), 2, ["Relu"]);
        AssertStays(Model((b, x) => b.Transpose(b.Transpose(x, s_last), s_first)));
        AssertStays(Model((b, x) =>
        {
            string y = b.Relu(x);
            b.Output(y, OnnxElementType.Float32, ["N", 4, 3, 3]);
            return b.Transpose(b.Transpose(y, s_last), s_first);
        }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_convolution_of_ones_without_a_bias_or_with_one_of_zeros_is_removed(bool zeros)
    {
        OnnxModel model = Model((b, x) => b.Relu(Ones(b, b.Relu(x), zeros ? b.Vector<float>("b", new float[4]) : null)));
        AssertBecomes(model, 1, ["Relu", "Relu"]);
        Assert.Empty(model.Graph.Initializers);
        AssertBecomes(Model((b, x) => Ones(b, b.Relu(x), zeros ? b.Vector<float>("b", new float[4]) : null)), 1, ["Relu"]);
    }

    [Fact]
    public void A_convolution_of_ones_gives_name_and_bias_to_the_convolution_behind_which_it_stands()
    {
        OnnxModel model = Model((b, x) => b.Relu(Ones(b, Conv(b, x), b.Vector<float>("b", Graphs.Ramp(4)), "named")));
        AssertBecomes(model, 1, ["Conv", "Relu"]);
        Assert.Equal("named", model.Graph.Nodes[0].Name);
        Assert.Equal(["named"], model.Graph.Nodes[0].Outputs);
        Assert.Equal("b", model.Graph.Nodes[0].Input(2));

        AssertBecomes(Model((b, x) => Ones(b, Conv(b, x, b.Vector<float>("b", Graphs.Ramp(4))))), 1, ["Conv"]);
        AssertStays(Model((b, x) => Ones(b, Conv(b, x, b.Vector<float>("b", Graphs.Ramp(4))), b.Vector<float>("c", Graphs.Ramp(4)))));
        AssertStays(Model((b, x) => { string y = Conv(b, x); return b.Add(y, Ones(b, y, b.Vector<float>("c", Graphs.Ramp(4)))); }));
    }

    [Fact]
    public void Convolutions_that_are_nearly_of_ones_stay()
    {
        AssertStays(Model((b, x) => b.Relu(Ones(b, x, b.Vector<float>("b", Graphs.Ramp(4))))));
        AssertStays(Model((b, x) => b.Relu(b.Conv(x, b.Constant<float>("w", [4, 1, 1, 1], [1, 1, 0.99999f, 1]), group: 4))));
        AssertStays(Model((b, x) => b.Relu(b.Conv(x, b.Constant<float>("w", [4, 1, 1, 1], [1, 1, 1, 1]), group: 4, strides: [2, 2]))));
        AssertStays(Model((b, x) => b.Relu(b.Conv(x, b.Constant<float>("w", [4, 1, 1, 1], [1, 1, 1, 1]), group: 4, pads: [1, 0, 1, 0]))));
        AssertStays(Model((b, x) => b.Relu(b.Conv(x, b.Constant<float>("w", [8, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]), group: 4))));
        AssertStays(Model((b, x) => b.Relu(b.Conv(x, b.Constant<float>("w", [1, 4, 1, 1], [1, 1, 1, 1])))));
    }

    [Fact]
    public void Hundreds_of_thousands_of_pairs_take_no_time()
    {
        OnnxModel model = Model((b, x) =>
        {
            string y = x;
            for (int i = 0; i < 100_000; i++)
                y = b.Transpose(y, i % 2 == 0 ? s_last : s_first);
            return b.Relu(y);
        });
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(100_000, RemoveNoOps.Apply(model));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
    }

    static string Ones(GraphBuilder b, string x, string? bias = null, string? name = null) =>
        b.Conv(x, b.Constant<float>("ones", [4, 1, 1, 1], [1, 1, 1, 1]), bias, group: 4, name: name);

    static string Conv(GraphBuilder b, string x, string? bias = null) =>
        b.Conv(x, b.Constant<float>("w", [4, 4, 3, 3], Graphs.Ramp(144)), bias, pads: [1, 1, 1, 1]);

    static OnnxModel Model(Func<GraphBuilder, string, string> write)
    {
        GraphBuilder builder = new("test");
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 4, 3, 3]);
        builder.Output(write(builder, x), OnnxElementType.Float32, [default, default, default, default]);
        return builder.Model;
    }

    static void AssertBecomes(OnnxModel model, int removed, string[] operators)
    {
        (string, float[], long[]) x = ("x", Graphs.Ramp(72), [2, 4, 3, 3]);
        GraphChecker.Check(model);
        Dictionary<string, ReferenceTensor> expected = OnnxRuntimeReference.Run(model.ToArray(), x);
        Assert.Equal(removed, RemoveNoOps.Apply(model));
        GraphChecker.Check(model);
        Assert.Equal(operators, model.Graph.Nodes.Select(n => n.OpType));
        Dictionary<string, ReferenceTensor> made = OnnxRuntimeReference.Run(model.ToArray(), x);
        Assert.Equal(expected.Keys, made.Keys);
        foreach ((string name, ReferenceTensor tensor) in expected)
            Assert.All(tensor.Values.Zip(made[name].Values), p => Assert.Equal(p.First, p.Second, 1e-5f));
    }

    static void AssertStays(OnnxModel model)
    {
        byte[] before = model.ToArray();
        GraphChecker.Check(model);
        Assert.Equal(0, RemoveNoOps.Apply(model));
        Assert.Equal(before, model.ToArray());
    }
}
