using SeverityEngine.Models.Quantization;
using SeverityEngine.Onnx;
using SeverityEngine.Phantoms;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Quantization;

/// <summary>The built-in model in 8-bit integers beside itself in floating point.</summary>
public class QuantizedBuiltInModelTests
{
    const double LargestMean = 0.08, Largest = 0.35;

    static readonly Lazy<OnnxModel> s_byPhantoms = new(() => ModelQuantizer.Convert(BuiltIn(), "the built-in model",
        CalibrationImages.From(ChestPhantom.OfAllSeverities().Select(p => p.Render()), 224), "48 phantoms"));

    [Fact]
    public void Calibrated_on_phantoms_it_scores_other_phantoms_nearly_the_same()
    {
        using SeverityPredictor expected = Predictor(BuiltIn()), actual = Predictor(s_byPhantoms.Value);
        List<(SeverityScore, SeverityScore)> scores = [];
        for (int i = 0; i < 24; i++)
        {
            byte[] picture = new ChestPhantom { Seed = 1000 + i, Width = 300, Height = 300, GeographicExtent = i / 3.0 }.EncodeJpeg();
            scores.Add((expected.Predict(picture), actual.Predict(picture)));
        }
        AssertNearlySame(scores);
    }

    [Fact]
    public void Calibrated_on_phantoms_it_scores_X_rays_nearly_the_same_and_doubts_the_same_ones()
    {
        string[] files = Images();
        using SeverityPredictor expected = Predictor(BuiltIn()), actual = Predictor(s_byPhantoms.Value);
        List<(SeverityScore Wanted, SeverityScore Made)> scores = [.. files.Select(f => (expected.Predict(f), actual.Predict(f)))];
        AssertNearlySame(scores);
        Assert.All(scores, s => Assert.Equal(s.Wanted.Domain.Warning is null, s.Made.Domain.Warning is null));
        Assert.All(scores, s => Assert.Equal(s.Wanted.Interval is null, s.Made.Interval is null));
    }

    [Fact]
    public void Calibrated_on_half_of_the_X_rays_it_scores_the_other_half_nearly_the_same()
    {
        string[] files = Images();
        using TemporaryFolder folder = new();
        foreach (string file in files.Where((_, i) => i % 2 == 0))
            File.Copy(file, folder[Path.GetFileName(file)]);
        OnnxModel quantized =
            ModelQuantizer.Convert(BuiltIn(), "the built-in model", CalibrationImages.FromFolder(folder.Path, 224), "47 images");
        using SeverityPredictor expected = Predictor(BuiltIn()), actual = Predictor(quantized);
        AssertNearlySame([.. files.Where((_, i) => i % 2 == 1).Select(f => (expected.Predict(f), actual.Predict(f)))]);
    }

    [Fact]
    public void It_says_what_it_is_and_takes_a_quarter_of_the_space()
    {
        OnnxModel model = BuiltIn(), quantized = s_byPhantoms.Value;
        Assert.Equal("int8", quantized.Metadata["severity.precision"]);
        Assert.Equal("48 phantoms", quantized.Metadata["severity.calibration"]);
        Assert.All(model.Metadata, m => Assert.Equal(m.Value, quantized.Metadata[m.Key]));
        Assert.Equal(model.Graph.Outputs, quantized.Graph.Outputs);
        Assert.InRange(quantized.ToArray().Length, 1, (int)(0.28 * model.ToArray().Length));
        SafetyChecker.Check(quantized);
    }

    [Theory]
    [InlineData(SaliencyMethod.Gradient, SaliencyTarget.GeographicExtent, 0.97)]
    [InlineData(SaliencyMethod.Gradient, SaliencyTarget.Opacity, 0.97)]
    [InlineData(SaliencyMethod.ClassActivation, SaliencyTarget.GeographicExtent, 0.99)]
    [InlineData(SaliencyMethod.ClassActivation, SaliencyTarget.Opacity, 0.99)]
    public void Its_saliency_maps_are_nearly_the_same_and_its_scores_those_without_a_map(
        SaliencyMethod method, SaliencyTarget target, double least)
    {
        using SeverityPredictor expected = Predictor(BuiltIn()), actual = Predictor(s_byPhantoms.Value);
        SaliencyOptions options = new() { Method = method, Target = target };
        byte[] picture = new ChestPhantom { Seed = 2000, Width = 300, Height = 300, GeographicExtent = 4 }.EncodeJpeg();
        SaliencyMap wanted = expected.Explain(picture, options: options), made = actual.Explain(picture, options: options);
        Assert.InRange(Pearson(wanted.Values.Span, made.Values.Span), least, 1);
        SeverityScore score = actual.Predict(picture);
        Assert.Equal(score.GeographicExtent, made.Score.GeographicExtent, 1e-5);
        Assert.Equal(score.Opacity, made.Score.Opacity, 1e-5);
    }

    [Fact]
    public void Its_features_are_nearly_the_same()
    {
        using SeverityPredictor expected = Predictor(BuiltIn()), actual = Predictor(s_byPhantoms.Value);
        using XRayImage picture = new ChestPhantom { Seed = 2000, Width = 300, Height = 300, GeographicExtent = 4 }.Render();
        float[] wanted = new float[expected.Model.FeatureCount], made = new float[actual.Model.FeatureCount];
        expected.Predict(picture, [], wanted);
        actual.Predict(picture, [], made);
        Assert.Equal(384, made.Length);
        Assert.InRange(Pearson(wanted, made), 0.99, 1);
    }

    static void AssertNearlySame(IReadOnlyList<(SeverityScore Wanted, SeverityScore Made)> scores)
    {
        foreach ((string name, Func<SeverityScore, double> of) in
            (List<(string, Func<SeverityScore, double>)>)[("extent", s => s.GeographicExtent), ("opacity", s => s.Opacity)])
        {
            double[] differences = [.. scores.Select(s => Math.Abs(of(s.Made) - of(s.Wanted)))];
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{name}: mean absolute difference {differences.Average():f4}, largest {differences.Max():f4}");
            Assert.InRange(differences.Average(), 0, LargestMean);
            Assert.InRange(differences.Max(), 0, Largest);
        }
    }

    static OnnxModel BuiltIn() => OnnxModel.Parse(ModelFile.BuiltIn().Bytes, "the built-in model");

    static string[] Images() => [.. Directory.GetFiles(TestData.Get("data", "cxr")).Where(
        f => !f.EndsWith(".csv", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    static SeverityPredictor Predictor(OnnxModel model) =>
        SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile(model.ToArray()), Threads = 1 });

    static double Pearson(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        double[] a = Array.ConvertAll(first.ToArray(), v => (double)v), b = Array.ConvertAll(second.ToArray(), v => (double)v);
        double x = a.Average(), y = b.Average();
        return a.Zip(b, (p, q) => (p - x) * (q - y)).Sum() / Math.Sqrt(a.Sum(p => (p - x) * (p - x)) * b.Sum(q => (q - y) * (q - y)));
    }
}
