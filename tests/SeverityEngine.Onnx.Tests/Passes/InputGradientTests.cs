using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

public class InputGradientTests
{
    [Fact]
    public void A_network_with_branches_and_several_uses_of_a_value() => GradientCheck.Run((builder, x) =>
    {
        string stem = builder.Relu(builder.Conv(x, GradientCheck.Constant(builder, 1, 4, 1, 3, 3), strides: [2, 2], pads: [1, 1, 1, 1]));
        string pooled = builder.MaxPool(stem, [3, 3], [1, 1], [1, 1, 1, 1]);
        string branch = builder.Conv(pooled, GradientCheck.Constant(builder, 2, 4, 4, 1, 1));
        string dense =
            builder.Concat([builder.Add(branch, stem), builder.Mul(stem, builder.Sigmoid(builder.GlobalAveragePool(branch)))], 1);
        return builder.GlobalAveragePool(builder.Relu(dense));
    }, [1, 11, 9]);

    [Fact]
    public void What_is_not_on_the_path_needs_no_rule()
    {
        OnnxModel model = GradientCheck.Model((builder, x) => builder.Relu(x), [1, 3, 3]);
        GraphBuilder builder = new(model);
        string beside = builder.Node("Softmax", ["image"], "beside").Outputs[0];
        builder.Output(beside, OnnxElementType.Float32, ["N", 1, 3, 3]);
        Assert.Equal(
            ["geographic_extent", "beside", "image_gradient"], InputGradient.Of(builder.Build()).Graph.Outputs.Select(o => o.Name));
    }

    [Fact]
    public void The_model_itself_stays_as_it_is_and_forward_nodes_stand_once()
    {
        OnnxModel model = Onnx.Tests.Graphs.Network();
        byte[] before = model.ToArray();
        OnnxModel derived = InputGradient.Of(model, "score");
        Assert.Equal(before, model.ToArray());
        Assert.Equal(1, derived.Graph.Nodes.Count(n => n.Is("BatchNormalization")));
        Assert.Equal(2, derived.Graph.Nodes.Count(n => n.Is("Conv")));
        Assert.Equal(new OnnxValue("image_gradient", OnnxElementType.Float32, ["N", 1, 16, 16]), derived.Graph.Outputs[^1]);
        GraphChecker.Check(OnnxModel.Parse(derived.ToArray()));
    }

    [Fact]
    public void A_model_in_double_precision_has_a_gradient_in_double_precision()
    {
        GraphBuilder builder = new("double");
        string x = builder.Input("image", OnnxElementType.Float64, ["N", 3]);
        string y = builder.Relu(builder.MatMul(x, builder.Constant<double>("weight", [3, 2], [1, -2, 3, 4, -5, 6])));
        string score = builder.Gemm(y, builder.Constant<double>("head", [2, 1], [0.1, 0.7]), name: "geographic_extent");
        builder.Output(score, OnnxElementType.Float64, ["N", 1]);
        OnnxModel derived = InputGradient.Of(builder.Build());
        Assert.Equal(new OnnxValue("image_gradient", OnnxElementType.Float64, ["N", 3]), derived.Graph.Outputs[^1]);
        // The first sample has both units above 0, the second the second alone, the third none.
        DoubleTensor images = new([3, 3], [1, 1, 0, -1, 0, 0, 0, -1, 0]);
        Assert.All(DoubleInterpreter.Run(derived, "image", images)["image_gradient"].Values.Zip([-1.3, 3.1, 3.7, -1.4, 2.8, 4.2, 0, 0, 0]),
            p => Assert.Equal(p.Second, p.First, 1e-12));
    }

    [Fact]
    public void An_operator_without_a_rule_is_refused_by_its_name_and_its_nodes()
    {
        OnnxModel model = GradientCheck.Model((builder, x) => builder.Node("Softmax", [x], "attention").Outputs[0], [1, 3, 3]);
        OnnxException fault = Assert.Throws<OnnxException>(() => InputGradient.Of(model));
        Assert.Equal(OnnxFault.Unsupported, fault.Fault);
        Assert.StartsWith("the model cannot be differentiated: Softmax node 'attention': operator Softmax has no rule", fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_of_another_domain_is_no_standard_one_of_the_same_name()
    {
        GraphBuilder builder = new(GradientCheck.Model((b, x) => b.Relu(x), [1, 3, 3]));
        builder.Model.SetOpset("com.example", 1);
        OnnxNode relu = builder.Graph.Nodes[0];
        OnnxNode foreign = new("Relu", "foreign", ["image"], ["foreign"], "com.example");
        builder.Graph.InsertBefore(relu, foreign);
        relu.SetInput(0, "foreign");
        Assert.Contains(
            "Relu node 'foreign'", Assert.Throws<OnnxException>(() => InputGradient.Of(builder.Model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_does_not_depend_on_the_image_is_refused()
    {
        GraphBuilder builder = new(GradientCheck.Model((b, x) => b.Relu(x), [1, 3, 3]));
        builder.Output(builder.Identity(builder.Constant<float>("c", [1, 1], [1]), "constant"), OnnxElementType.Float32, [1, 1]);
        Assert.Contains("'constant' does not depend",
            Assert.Throws<OnnxException>(() => InputGradient.Of(builder.Model, "constant")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forms_of_operators_that_have_no_rule_are_refused_by_node()
    {
        Refuses("training_mode", (b, x) =>
        {
            string y = b.BatchNormalization(x, b.Vector("s", 1f), b.Vector("o", 1f), b.Vector("m", 1f), b.Vector("v", 1f));
            b.Graph.Nodes[^1].With("training_mode", 1);
            return y;
        });
        Refuses("weights that depend on the image", (b, x) => b.Conv(x, b.Gather(x, b.Vector("first", 0L), 0)));
        Refuses("storage_order", (b, x) =>
        {
            string y = b.MaxPool(x, [2, 2]);
            b.Graph.Nodes[^1].With("storage_order", 1);
            return y;
        });
        Refuses("whose length is not fixed", (b, x) => b.Gather(x, b.Vector("first", 0L), 0));

        static void Refuses(string fault, Func<GraphBuilder, string, string> write)
        {
            OnnxException refusal = Assert.Throws<OnnxException>(() => InputGradient.Of(GradientCheck.Model(write, [1, 3, 3])));
            Assert.Equal(OnnxFault.Unsupported, refusal.Fault);
            Assert.Contains(fault, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_model_of_an_old_version_is_told_which_versions_can_be_differentiated() =>
        Assert.Contains("13", Assert.Throws<OnnxException>(
        () => InputGradient.Of(GradientCheck.Model((b, x) => b.Relu(x), [1, 3, 3], opset: 12))).Message, StringComparison.Ordinal);
}
