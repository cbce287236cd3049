using System.Text.Json;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.Models.Heads;
using SeverityEngine.Onnx;
using SeverityEngine.Phantoms;
using SeverityEngine.Refits;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>Models that were calibrated on some images, beside what scikit-learn's refits give for others.</summary>
public class CalibratedModelTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>As <c>tests/fixtures/calibration/make_phantoms.py</c> wrote it down.</summary>
    [Theory]
    [InlineData(nameof(RefitMethod.Offset), "offset")]
    [InlineData(nameof(RefitMethod.Linear), "linear")]
    [InlineData(nameof(RefitMethod.Isotonic), "isotonic")]
    [InlineData(nameof(RefitMethod.Ridge), "ridge")]
    public void Calibrated_on_half_the_phantoms_a_model_scores_the_others_as_scikit_learn_says(string method, string key)
    {
        string path = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "calibration", "phantoms.json");
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        double[] extents = Numbers(expected, "extents"), truth = Numbers(expected, "truth"), raw = Numbers(expected, "raw");
        int side = expected.GetProperty("side").GetInt32(), half = extents.Length / 2;
        XRayImage[] images = [.. extents.Select((extent, i) => new ChestPhantom
        {
            Seed = i, Width = side, Height = side, GeographicExtent = extent,
        }.Render())];
        Prediction[] before = Predict(ModelFile.BuiltIn(), images);
        // Processors round differently, and a refit passes that on.
        double rounding = before.Zip(raw, (p, r) => Math.Abs(p.GeographicExtentRaw - r)).Max();
        Assert.InRange(rounding, 0, 1e-4);

        CalibrationSample sample = new([.. before.Take(half).Select(p => p.GeographicExtentRaw)], truth[..half],
            [.. Enumerable.Range(0, half).Select(i => $"{i}")], [.. before.Take(half).Select(p => p.Features.ToArray())]);
        ScoreRefit refit = Enum.Parse<RefitMethod>(method) == RefitMethod.Ridge
            ? new RidgeSystem(sample).Solve(expected.GetProperty("penalty").GetDouble())
            : RefitFit.Of(Enum.Parse<RefitMethod>(method), sample, seed: 1, Stop);
        OnnxModel model = ModelFile.BuiltIn().ToGraph();
        ScoreRewrite.Apply(model, "the model", refit, AffineRefit.None);
        Prediction[] after = Predict(new ModelFile(model.ToArray()), images[half..]);
        Assert.All(Numbers(expected.GetProperty("predicted"), key).Zip(after),
            pair => Assert.Equal(pair.First, pair.Second.GeographicExtentRaw, 1e-5 + (100 * rounding)));
    }

    /// <summary>
    /// Fitted to the reference scores of the 94, whose raw scores the engine meets within 1e-6; the steps rise by up to 500 a unit.
    /// </summary>
    [Theory]
    [InlineData(nameof(RefitMethod.Linear), 1e-5)]
    [InlineData(nameof(RefitMethod.Isotonic), 1e-3)]
    public void Calibrated_on_the_94_X_rays_a_model_scores_them_as_the_reference_refits_do(string method, double tolerance)
    {
        Table table = TableFile.Read(TestData.Get("evaluation", "eval94.csv"));
        string[] files = [.. table.Rows.Select(r => TestData.Get("data", "cxr", r.Text(table.IndexOf("filename"))!))];
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(TestData.Get("evaluation", "calibrate-expected.json")));
        JsonElement fitted = expected.RootElement.GetProperty("fitted_on_all_94").GetProperty("opacity");
        double[] raw = Column("opacity_raw");
        ScoreRefit refit = RefitFit.Of(Enum.Parse<RefitMethod>(method),
            new CalibrationSample(raw, Column("opacity_mean"), [.. raw.Select((_, i) => $"{i}")]), seed: 1, Stop);
        ModelFile file = ModelFile.Load(TestData.Get("model", "severity-compact.onnx"));
        OnnxModel model = file.ToGraph();
        ScoreRewrite.Apply(model, file.Source, AffineRefit.None, refit);
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile(model.ToArray()) });
        for (int i = 0; i < files.Length; i++)
            Assert.Equal(Wanted(raw[i]), predictor.Predict(files[i]).OpacityRaw, tolerance);

        double Wanted(double score)
        {
            if (method == nameof(RefitMethod.Linear))
            {
                JsonElement line = fitted.GetProperty("linear_on_raw");
                return (line.GetProperty("slope").GetDouble() * score) + line.GetProperty("intercept").GetDouble();
            }
            return new IsotonicRefit(Numbers(fitted, "isotonic_x"), Numbers(fitted, "isotonic_y")).Predict(score, []);
        }

        double[] Column(string name) => [.. table.Rows.Select(r => table.Number(r, table.IndexOf(name))!.Value)];
    }

    static Prediction[] Predict(ModelFile model, XRayImage[] images)
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = model, Threads = 1 });
        return [.. images.Select(image => predictor.Analyze(image, new PredictionOptions { Features = true }))];
    }

    static double[] Numbers(JsonElement json, string key) => [.. json.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];
}
