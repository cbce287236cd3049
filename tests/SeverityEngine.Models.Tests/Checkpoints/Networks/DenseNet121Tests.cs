using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Models.Tests.Checkpoints.Networks;

public class DenseNet121Tests
{
    static readonly ModelContract s_contract = new() { Name = "densenet121-test", Version = "1" };

    [Fact]
    public void It_computes_what_pytorch_computes_from_the_same_numbers()
    {
        // PyTorch 1.13 in double precision, with the same parameters and image. In float32 it is within 2.2e-5 of these.
        double[] expected =
        [
            33.076624209428616, -5.236122674493816, -9.081707292208018, -12.234511013079711, -3.3027156272745097, 28.940293865964893,
            -5.960810500693581, 1.71073065960269, 10.261204601594024, -8.363151572727867, -16.345336353086797, 23.133200366559873,
            19.742806044482997, -13.393473507291874, -10.103541475661732, 4.71076228452083, 2.393909241023362, 8.736577704074621,
        ];
        Dictionary<string, ReferenceTensor> made = Run(DenseNet121.Build(States.Numbered(), new CidcHead(), s_contract), Image(), 1);
        Assert.Equal([1, 18], made["logits"].Shape);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], made["logits"].Values[i], 1e-4);
        Assert.Equal(0.29269896982298166, made["features"].Values[0], 1e-5);
        Assert.Equal(5.295876914457221, made["features"].Values[1000], 1e-5);
        // The cidc head on logit 16, in double.
        Assert.Equal(0.8705248236656189 * expected[16] + 3.4137437, made["geographic_extent"].Values[0], 1e-5);
        Assert.Equal(0.5484423041343689 * expected[16] + 2.5535977, made["opacity"].Values[0], 1e-5);
    }

    [Fact]
    public void Images_of_a_batch_are_scored_each_by_itself()
    {
        OnnxModel model = DenseNet121.Build(States.Numbered(), new CidcHead(), s_contract);
        float[] dark = [.. Image().Select(v => v / 2)];
        Dictionary<string, ReferenceTensor> both = Run(model, [.. Image(), .. dark], 2);
        Assert.Equal([2, 1], both["opacity"].Shape);
        Assert.Equal(Run(model, Image(), 1)["opacity"].Values[0], both["opacity"].Values[0], 1e-5f);
        Assert.Equal(Run(model, dark, 1)["opacity"].Values[0], both["opacity"].Values[1], 1e-5f);
    }

    [Fact]
    public void It_keeps_the_model_contract()
    {
        OnnxModel model =
            OnnxModel.Parse(DenseNet121.Build(States.Numbered(), new CidcHead(), s_contract with { Source = "somewhere" }).ToArray());
        GraphChecker.Check(model);
        ModelContract contract = ModelContract.Read(model.Metadata);
        Assert.Equal("densenet121-test", contract.Name);
        Assert.Equal("somewhere", contract.Source);
        Assert.Equal(18, contract.Labels.Count);
        Assert.Equal(0.20204692f, contract.OperatingPoints[contract.Labels.ToList().IndexOf("Lung Opacity")]);
        Assert.Equal([new OnnxValue("image", OnnxElementType.Float32, ["N", 1, 224, 224])], model.Graph.Inputs);
        Assert.Equal(["geographic_extent", "opacity", "logits", "features"], model.Graph.Outputs.Select(o => o.Name));
    }

    [Fact]
    public void It_has_the_published_number_of_layers_and_parameters()
    {
        OnnxGraph graph = DenseNet121.Build(States.Numbered(), new CidcHead(), s_contract).Graph;
        // 121 of the name: 120 convolutions and the linear layer.
        Assert.Equal(120, graph.Nodes.Count(n => n.Is("Conv")));
        Assert.Equal(121, graph.Nodes.Count(n => n.Is("BatchNormalization")));
        Assert.Equal(606, DenseNet121.Needed(18).Count());
    }

    [Fact]
    public void The_same_weights_give_the_same_bytes() =>
        Assert.Equal(Build().ToArray(), Build().ToArray());

    [Fact]
    public void Counters_and_thresholds_of_a_checkpoint_are_not_used()
    {
        Dictionary<string, CheckpointTensor> state = States.Numbered();
        state["features.norm0.num_batches_tracked"] = new("features.norm0.num_batches_tracked", [], new float[] { 4 });
        state["op_threshs"] = new("op_threshs", [18], new float[18]);
        Assert.Equal(Build().ToArray(), DenseNet121.Build(state, new CidcHead(), s_contract).ToArray());
    }

    [Fact]
    public void All_that_does_not_fit_is_named_and_long_lists_are_cut()
    {
        Dictionary<string, CheckpointTensor> state = States.Numbered();
        foreach (string name in state.Keys.Where(
            k => k.StartsWith("features.denseblock4.denselayer16", StringComparison.Ordinal)).ToArray())
            state.Remove(name);
        state["features.denseblock5.weight"] = new("", [1], new float[1]);
        state["classifier.bias"] = new("", [14], new float[14]);
        SeverityException fault = Assert.Throws<SeverityException>(() => DenseNet121.Build(state, new CidcHead(), s_contract));
        Assert.Equal(SeverityError.CheckpointLayout, fault.Code);
        Assert.Equal("these are not the weights of a DenseNet-121 for one channel; 10 parameters are missing: "
            + "features.denseblock4.denselayer16.norm1.weight, "
            + "features.denseblock4.denselayer16.norm1.bias, features.denseblock4.denselayer16.norm1.running_mean, "
            + "features.denseblock4.denselayer16.norm1.running_var, features.denseblock4.denselayer16.conv1.weight and 5 more; "
            + "one parameter is unknown: features.denseblock5.weight; one parameter is misshapen: classifier.bias of [14] instead of [18]",
            fault.Message);
    }

    [Theory]
    [InlineData("features.denseblock4.denselayer16.conv2.weight", float.NaN)]
    [InlineData("features.norm0.running_var", float.PositiveInfinity)]
    [InlineData("classifier.bias", float.NegativeInfinity)]
    public void Weights_that_are_not_finite_are_refused_by_name(string name, float bad)
    {
        Dictionary<string, CheckpointTensor> state = States.Numbered();
        float[] values = state[name].Values.ToArray();
        values[values.Length / 2] = bad;
        state[name] = new(name, [.. state[name].Shape], values);
        SeverityException fault = Assert.Throws<SeverityException>(() => DenseNet121.Build(state, new CidcHead(), s_contract));
        Assert.Equal(SeverityError.CheckpointInvalid, fault.Code);
        Assert.StartsWith($"{name} holds ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_for_three_channels_are_refused()
    {
        Dictionary<string, CheckpointTensor> state = States.Numbered();
        state["features.conv0.weight"] = new("", [64, 3, 7, 7], new float[64 * 3 * 49]);
        SeverityException fault = Assert.Throws<SeverityException>(() => DenseNet121.Build(state, new CidcHead(), s_contract));
        Assert.Contains("features.conv0.weight of [64, 3, 7, 7] instead of [64, 1, 7, 7]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_cidc_head_needs_the_logit_that_it_reads()
    {
        ModelContract contract =
            s_contract with { Labels = [.. DenseNet121.Labels.Select(l => l.Replace("Lung Opacity", "Other", StringComparison.Ordinal))] };
        SeverityException fault = Assert.Throws<SeverityException>(() => DenseNet121.Build(States.Numbered(), new CidcHead(), contract));
        Assert.Equal(SeverityError.CheckpointLayout, fault.Code);
        Assert.Contains("'Lung Opacity'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ralo_head_is_a_perceptron_on_the_features_with_opacity_on_the_scale_to_six()
    {
        MlpLayer[] extent = [Layer(1024, 7, 1), Layer(7, 1, 2)], opacity = [Layer(1024, 5, 3), Layer(5, 3, 4), Layer(3, 1, 5)];
        Dictionary<string, ReferenceTensor> made =
            Run(DenseNet121.Build(States.Numbered(), new RaloHead(extent, opacity), s_contract), Image(), 1);
        Assert.Equal([1, 1], made["opacity"].Shape);
        Assert.Equal(Evaluate(extent, made["features"].Values), made["geographic_extent"].Values[0], 1e-3);
        Assert.Equal(Evaluate(opacity, made["features"].Values) * 6 / 8, made["opacity"].Values[0], 1e-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(14)]
    public void A_head_on_the_features_gives_the_same_with_any_classifier_or_none(int classes)
    {
        RaloHead head = new([Layer(1024, 1, 1)], [Layer(1024, 1, 2)]);
        Dictionary<string, ReferenceTensor> whole = Run(DenseNet121.Build(States.Numbered(), head, s_contract), Image(), 1);
        OnnxModel model = DenseNet121.Build(WithClasses(classes), head, s_contract);
        Dictionary<string, ReferenceTensor> made = Run(model, Image(), 1);

        // What its logits stand for is not known: the model gives none, and keeps the contract.
        Assert.Equal(["geographic_extent", "opacity", "features"], model.Graph.Outputs.Select(o => o.Name));
        Assert.Empty(ModelContract.Read(model.Metadata).Labels);
        GraphChecker.Check(OnnxModel.Parse(model.ToArray()));
        foreach (string output in made.Keys)
            Assert.Equal(whole[output].Values, made[output].Values);
    }

    [Fact]
    public void A_regression_on_the_logits_of_another_classifier_is_the_product_with_them()
    {
        RegressionHead head = RegressionHead.Read("""
            { "input": "logits", "geographic_extent": { "coefficients": [1, 2, 0], "intercept": 0.5 },
            "opacity": { "coefficients": [0, 0, -1], "intercept": 0 } }
            """u8.ToArray());
        float[] logits = Run(DenseNet121.Build(States.Numbered(), new CidcHead(), s_contract), Image(), 1)["logits"].Values;
        OnnxModel model = DenseNet121.Build(WithClasses(3), head, s_contract);
        Dictionary<string, ReferenceTensor> made = Run(model, Image(), 1);

        Assert.Equal(["geographic_extent", "opacity", "features"], model.Graph.Outputs.Select(o => o.Name));
        Assert.Equal(logits[0] + 2 * logits[1] + 0.5, made["geographic_extent"].Values[0], 1e-4);
        Assert.Equal(-logits[2], made["opacity"].Values[0], 1e-4);
    }

    [Fact]
    public void Labels_of_ones_own_go_with_a_classifier_of_as_many_rows()
    {
        ModelContract contract = s_contract with { Labels = ["Edema", "Lung Opacity"] };
        OnnxModel model = DenseNet121.Build(WithClasses(2), new CidcHead(), contract);
        Assert.Contains("logits", model.Graph.Outputs.Select(o => o.Name));
        Assert.Equal(contract.Labels, ModelContract.Read(model.Metadata).Labels);
        Assert.Contains("classifier.weight of [3, 1024] instead of [2, 1024]", Assert.Throws<SeverityException>(
            () => DenseNet121.Build(WithClasses(3), new CidcHead(), contract)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "it has no classifier, whose logits the head reads")]
    [InlineData(14, "'Lung Opacity' logit, and what the classes of this classifier are is not known: 14, where the published have 18")]
    public void The_cidc_head_needs_the_published_classes_and_says_what_does_not(int classes, string reason)
    {
        SeverityException fault =
            Assert.Throws<SeverityException>(() => DenseNet121.Build(WithClasses(classes), new CidcHead(), s_contract));
        Assert.Equal(SeverityError.CheckpointLayout, fault.Code);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.Contains("--head ralo", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_perceptron_with_a_value_that_is_not_finite_is_refused()
    {
        MlpLayer[] sound = [Layer(1024, 1, 1)];
        MlpLayer[] bad = [sound[0] with { Bias = new CheckpointTensor("", [1], new float[] { float.NaN }) }];
        SeverityException fault =
            Assert.Throws<SeverityException>(() => DenseNet121.Build(States.Numbered(), new RaloHead(sound, bad), s_contract));
        Assert.Equal(SeverityError.CheckpointInvalid, fault.Code);
        Assert.StartsWith(
            "the bias of layer 1 of the opacity perceptron holds NaN in place 0 of 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_perceptron_that_does_not_fit_is_refused()
    {
        MlpLayer[] sound = [Layer(1024, 1, 1)];
        foreach (MlpLayer[] bad in (MlpLayer[][])[[], [Layer(1000, 1, 1)], [Layer(1024, 2, 1)], [Layer(1024, 5, 1), Layer(6, 1, 1)]])
        {
            SeverityException fault =
                Assert.Throws<SeverityException>(() => DenseNet121.Build(States.Numbered(), new RaloHead(sound, bad), s_contract));
            Assert.Equal(SeverityError.CheckpointLayout, fault.Code);
            Assert.StartsWith("the opacity perceptron has layers of ", fault.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The numbered network with the first rows of its classifier, or without one.</summary>
    static Dictionary<string, CheckpointTensor> WithClasses(int classes)
    {
        Dictionary<string, CheckpointTensor> state = States.Numbered();
        foreach ((string name, int[] shape) in (ReadOnlySpan<(string, int[])>)
            [("classifier.weight", [classes, 1024]), ("classifier.bias", [classes])])
        {
            CheckpointTensor whole = state[name];
            state.Remove(name);
            if (classes > 0)
                state.Add(name, new(name, shape, whole.Values[..shape.Aggregate(1, (product, d) => product * d)]));
        }
        return state;
    }

    static OnnxModel Build() => DenseNet121.Build(States.Numbered(), new CidcHead(), s_contract);

    static float[] Image() => [.. States.Numbers(224 * 224, 1000).Select(v => v * 1024)];

    static Dictionary<string, ReferenceTensor> Run(OnnxModel model, float[] images, int count) =>
        OnnxRuntimeReference.Run(model.ToArray(), ("image", images, [count, 1, 224, 224]));

    static MlpLayer Layer(int inputs, int outputs, uint seed) => new(
        new CheckpointTensor("", [inputs, outputs], States.Numbers(inputs * outputs, seed)),
        new CheckpointTensor("", [outputs], States.Numbers(outputs, seed + 100)));

    static double Evaluate(MlpLayer[] layers, float[] features)
    {
        double[] x = [.. features.Select(f => (double)f)];
        foreach (MlpLayer layer in layers)
        {
            int outputs = layer.Bias.Shape[0];
            double[] y = new double[outputs];
            for (int o = 0; o < outputs; o++)
            {
                y[o] = layer.Bias.Values.Span[o];
                for (int i = 0; i < x.Length; i++)
                    y[o] += x[i] * layer.Weight.Values.Span[i * outputs + o];
                if (layer != layers[^1])
                    y[o] = Math.Max(0, y[o]);
            }
            x = y;
        }
        return x.Single();
    }
}
