using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Inference;
using SeverityEngine.Models.Heads;
using SeverityEngine.Onnx;
using SeverityEngine.Refits;

namespace SeverityEngine.Models.Tests.Heads;

/// <summary>Refits as part of a model's graph, beside the functions that they are.</summary>
public class ScoreRewriteTests
{
    [Fact]
    public void A_line_becomes_part_of_a_linear_head()
    {
        AffineRefit extent = new(0.8909, 0.55), opacity = new(1, 0.3);
        OnnxModel model = AssertPredictsAs(extent, opacity);
        Assert.Equal(ModelFile.BuiltIn().ToGraph().Graph.Nodes.Count, model.Graph.Nodes.Count);
        Assert.NotEmpty(Map(model, SaliencyMethod.ClassActivation));
        Assert.Contains(Map(model, SaliencyMethod.Gradient), value => value > 0);
    }

    [Fact]
    public void A_step_function_takes_the_scores_place_and_has_a_gradient_on_its_slopes()
    {
        OnnxModel model = AssertPredictsAs(new IsotonicRefit([-1, 9], [1, 7]), AffineRefit.None);
        Assert.Contains(Map(model, SaliencyMethod.Gradient), value => value > 0);
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile(model.ToArray()) });
        Assert.Equal(SeverityError.ModelUnsupported, Assert.Throws<SeverityException>(
            () => predictor.PrepareToExplain(new SaliencyOptions { Method = SaliencyMethod.ClassActivation })).Code);
    }

    [Fact]
    public void A_regression_on_features_takes_the_place_of_one_score_alone()
    {
        int features = BuiltInPredictions.Of(ModelFile.BuiltIn())[0].Features.Length;
        Random random = new(1);
        FeatureRefit refit = new([.. Enumerable.Range(0, features).Select(_ => (random.NextDouble() - 0.5) / 20)], 3);
        OnnxModel model = AssertPredictsAs(AffineRefit.None, refit);
        Assert.Equal(ModelFile.BuiltIn().ToGraph().Graph.Nodes.Count, model.Graph.Nodes.Count);
        Assert.NotEmpty(Map(model, SaliencyMethod.ClassActivation));
    }

    /// <summary>As steep and as fine as 94 X-rays make it: slopes of thousands, gaps of the smallest floats.</summary>
    [Fact]
    public void A_graphs_step_function_is_the_function_to_1e_minus_5_wherever_it_is_asked()
    {
        IsotonicRefit refit = new(
            [-0.5, 0.25, 0.3257199, 0.3308783, 2, 2.0000002, 2.0000005, 5.0760474, 5.0995259, 5.1001, 8],
            [0.1, 0.1, 0.6666667, 0.8625, 0.8625, 1.9, 2.25, 2.3, 4.766667, 7.3, 7.5]);
        refit = refit with { X = [.. refit.X.Select(x => (double)(float)x)] };
        OnnxModel model = new(nameof(ScoreRewriteTests));
        GraphBuilder builder = new(model);
        string image = builder.Input(ModelContract.ImageInput, OnnxElementType.Float32, ["N", 1, 4, 4]);
        string mean = builder.Flatten(builder.GlobalAveragePool(image, "pooled"), name: "mean");
        foreach (string score in DerivedModel.Scores)
            builder.Output(builder.Identity(mean, score), OnnxElementType.Float32, ["N", 1]);
        new ModelContract { Name = "mean", Version = "1" }.Write(model.Metadata);
        ScoreRewrite.Apply(model, "the mean", refit, new AffineRefit(-2, 1));

        Random random = new(2);
        float[] asked =
        [
            .. refit.X.SelectMany(x => (float[])[float.BitDecrement((float)x), (float)x, float.BitIncrement((float)x)]), -1e6f, 1e6f,
            .. Enumerable.Range(0, 2000).Select(_ => (10 * random.NextSingle()) - 1),
        ];
        OnnxRuntimeLibrary.Initialize();
        using InferenceSession session = new(model.ToArray());
        using RunOptions run = new();
        float[] pixels = [.. asked.SelectMany(x => Enumerable.Repeat(x, 16))];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(pixels, [asked.Length, 1, 4, 4]);
        using IDisposableReadOnlyCollection<OrtValue> made = session.Run(run, [ModelContract.ImageInput], [input], DerivedModel.Scores);
        float[] steps = made[0].GetTensorDataAsSpan<float>().ToArray(), line = made[1].GetTensorDataAsSpan<float>().ToArray();
        for (int i = 0; i < asked.Length; i++)
        {
            Assert.Equal(refit.Predict(asked[i], []), steps[i], 1e-5);
            Assert.Equal((-2.0 * asked[i]) + 1, line[i], 1e-6 * Math.Max(10, Math.Abs(asked[i])));
        }
    }

    [Fact]
    public void A_step_function_without_steps_is_a_constant() =>
        AssertPredictsAs(new IsotonicRefit([3], [2.5]), new IsotonicRefit([1, 4], [2, 2]));

    [Fact]
    public void Features_that_the_model_lacks_are_refused()
    {
        SeverityException fault = Assert.Throws<SeverityException>(() => ScoreRewrite.Apply(
            ModelFile.BuiltIn().ToGraph(), "the model", new FeatureRefit([1, 2], 0), AffineRefit.None));
        Assert.Equal(SeverityError.ModelUnsupported, fault.Code);
        Assert.StartsWith("the model: the refit reads 2 features", fault.Message, StringComparison.Ordinal);
    }

    static OnnxModel AssertPredictsAs(ScoreRefit extent, ScoreRefit opacity)
    {
        OnnxModel model = ModelFile.BuiltIn().ToGraph();
        ScoreRewrite.Apply(model, "the model", extent, opacity);
        Prediction[] before = BuiltInPredictions.Of(ModelFile.BuiltIn()), after = BuiltInPredictions.Of(new ModelFile(model.ToArray()));
        Assert.All(before.Zip(after), pair =>
        {
            ReadOnlySpan<float> features = pair.First.Features.Span;
            Assert.Equal(extent.Predict(pair.First.GeographicExtentRaw, features), pair.Second.GeographicExtentRaw, 1e-5);
            Assert.Equal(opacity.Predict(pair.First.OpacityRaw, features), pair.Second.OpacityRaw, 1e-5);
        });
        return model;
    }

    static float[] Map(OnnxModel model, SaliencyMethod method) =>
        BuiltInPredictions.Of(new ModelFile(model.ToArray()), new SaliencyOptions { Method = method })[2].Saliency!.Values.ToArray();
}
