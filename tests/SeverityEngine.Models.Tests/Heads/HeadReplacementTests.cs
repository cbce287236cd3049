using System.Globalization;
using System.Text;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Heads;
using SeverityEngine.Onnx;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Heads;

public class HeadReplacementTests
{
    [Fact]
    public void A_head_of_ones_own_makes_the_scores_of_the_built_in_models_features()
    {
        ModelFile builtIn = ModelFile.BuiltIn();
        Prediction[] before = BuiltInPredictions.Of(builtIn);
        (double[] extent, double[] opacity) = (Drawn(before[0].Features.Length, 1), Drawn(before[0].Features.Length, 2));
        OnnxModel replaced = HeadReplacement.Apply(builtIn, Head("features", extent, 2.5, opacity, -1), "ours");
        Prediction[] after = BuiltInPredictions.Of(File(replaced));
        Assert.All(before.Zip(after), pair =>
        {
            Assert.Equal(pair.First.Features.ToArray(), pair.Second.Features.ToArray());
            AssertIsLinear(pair.First.Features.Span, extent, 2.5, pair.Second.GeographicExtentRaw);
            AssertIsLinear(pair.First.Features.Span, opacity, -1, pair.Second.OpacityRaw);
        });
        // Of the old head nothing is left.
        Assert.Equal(builtIn.ToGraph().Graph.Nodes.Count, replaced.Graph.Nodes.Count);
        Assert.Equal(builtIn.ToGraph().Graph.Initializers.Count, replaced.Graph.Initializers.Count);
        Assert.Equal(builtIn.ToGraph().Graph.Outputs.Select(o => o.Name), replaced.Graph.Outputs.Select(o => o.Name));
    }

    [Fact]
    public void Its_metadata_name_it_and_where_it_comes_from_and_say_nothing_of_the_old_scores()
    {
        ModelFile builtIn = ModelFile.BuiltIn();
        OrderedDictionary<string, string> before = builtIn.ToGraph().Metadata;
        int features = BuiltInPredictions.Of(builtIn)[0].Features.Length;
        OnnxModel replaced = HeadReplacement.Apply(builtIn, Head("features", Drawn(features, 1), 0, Drawn(features, 2), 0), "ours");
        Assert.Equal("ours", replaced.Metadata[ModelContract.NameKey]);
        Assert.Equal($"{before[ModelContract.NameKey]} {before[ModelContract.VersionKey]}", replaced.Metadata[ModelContract.SourceKey]);
        Assert.Equal(builtIn.Sha256, replaced.Metadata[ModelContract.SourceSha256Key]);
        Assert.Equal(before[ModelContract.DomainKey], replaced.Metadata[ModelContract.DomainKey]);
        Assert.True(before.ContainsKey(ModelContract.IntervalsKey));
        Assert.False(replaced.Metadata.ContainsKey(ModelContract.IntervalsKey));
        Assert.Null(BuiltInPredictions.Of(File(replaced))[0].Interval);
    }

    [Theory]
    [InlineData(SaliencyMethod.Gradient)]
    [InlineData(SaliencyMethod.ClassActivation)]
    public void Saliency_maps_are_those_of_the_new_head(SaliencyMethod method)
    {
        ModelFile builtIn = ModelFile.BuiltIn();
        SaliencyOptions options = new() { Method = method };
        Prediction[] before = BuiltInPredictions.Of(builtIn, options);
        int features = before[0].Features.Length;
        ModelFile other = File(HeadReplacement.Apply(builtIn, Head("features", Drawn(features, 1), 0, Drawn(features, 2), 0), "a"));
        ModelFile twice = File(HeadReplacement.Apply(builtIn, Head("features", Drawn(features, 1, 2), 5, Drawn(features, 2), 0), "b"));
        float[] map = BuiltInPredictions.Of(other, options)[0].Saliency!.Values.ToArray();
        float[] doubled = BuiltInPredictions.Of(twice, options)[0].Saliency!.Values.ToArray();
        Assert.NotEqual(before[0].Saliency!.Values.ToArray(), map);
        // A gradient is squared.
        float factor = method == SaliencyMethod.Gradient ? 4 : 2, largest = map.Max(Math.Abs);
        Assert.All(map.Zip(doubled), pair => Assert.Equal(factor * pair.First, pair.Second, 1e-4 * factor * largest));
    }

    [Fact]
    public void What_a_head_cannot_be_put_on_is_refused_by_name()
    {
        ModelFile builtIn = ModelFile.BuiltIn();
        AssertRefused(SeverityError.CheckpointLayout, "geographic_extent has 2 coefficients, and the network gives 384 features",
            () => HeadReplacement.Apply(builtIn, Head("features", [1, 2], 0, [1, 2], 0), "ours"));
        AssertRefused(SeverityError.ModelUnsupported, "gives no logits, which the head reads; use a head on its 384 features",
            () => HeadReplacement.Apply(builtIn, new CidcHead(), "ours"));
        OnnxModel bare = builtIn.ToGraph();
        bare.Metadata.Remove(ModelContract.NameKey);
        AssertRefused(SeverityError.ModelContract, ModelContract.NameKey,
            () => HeadReplacement.Apply(File(bare), Head("features", [1], 0, [1], 0), "ours"));
    }

    /// <summary>A DenseNet with a linear head on its logits gets one on its features, and one on its logits again.</summary>
    [Fact]
    public void A_densenets_head_is_replaced_by_one_on_features_or_logits()
    {
        string checkpoint = TestData.Get("checkpoints", "trained-weak-statedict-zip.pt");
        ModelFile model = File(CheckpointConverter.ToModel(System.IO.File.ReadAllBytes(checkpoint), checkpoint, new CidcHead(),
            new ModelContract { Name = "weak", Version = "1" }));
        Prediction before = BuiltInPredictions.Of(model)[0];
        double[] coefficients = Drawn(1024, 3);
        ModelFile onFeatures = File(HeadReplacement.Apply(model, Head("features", coefficients, 1, coefficients, 2), "ours"));
        Prediction after = BuiltInPredictions.Of(onFeatures)[0];
        AssertIsLinear(before.Features.Span, coefficients, 1, after.GeographicExtentRaw);
        AssertIsLinear(before.Features.Span, coefficients, 2, after.OpacityRaw);
        Assert.Equal(model.ToGraph().Metadata[ModelContract.LabelsKey], onFeatures.ToGraph().Metadata[ModelContract.LabelsKey]);
        Prediction again = BuiltInPredictions.Of(File(HeadReplacement.Apply(onFeatures, new CidcHead(), "weak")))[0];
        Assert.Equal(before.GeographicExtentRaw, again.GeographicExtentRaw, 1e-6);
        Assert.Equal(before.OpacityRaw, again.OpacityRaw, 1e-6);
    }

    static void AssertRefused(SeverityError code, string message, Action apply)
    {
        SeverityException fault = Assert.Throws<SeverityException>(apply);
        Assert.Equal(code, fault.Code);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    static void AssertIsLinear(ReadOnlySpan<float> features, double[] coefficients, double intercept, double actual)
    {
        double sum = intercept, size = Math.Abs(intercept);
        for (int i = 0; i < features.Length; i++)
        {
            sum += (float)coefficients[i] * (double)features[i];
            size += Math.Abs(coefficients[i] * features[i]);
        }
        Assert.Equal(sum, actual, 1e-6 * size);
    }

    static double[] Drawn(int count, int seed, double scale = 1)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => scale * (random.NextDouble() - 0.5))];
    }

    static RegressionHead Head(string input, double[] extent, double extentIntercept, double[] opacity, double opacityIntercept)
    {
        return RegressionHead.Read(Encoding.UTF8.GetBytes($$"""
            { "input": "{{input}}",
              "geographic_extent": {{Score(extent, extentIntercept)}}, "opacity": {{Score(opacity, opacityIntercept)}} }
            """));

        static string Score(double[] coefficients, double intercept)
        {
            string numbers = string.Join(", ", coefficients.Select(c => c.ToString("R", CultureInfo.InvariantCulture)));
            return string.Create(CultureInfo.InvariantCulture, $"{{ \"coefficients\": [{numbers}], \"intercept\": {intercept} }}");
        }
    }

    static ModelFile File(OnnxModel model) => new(model.ToArray());
}
