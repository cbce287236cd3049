using System.Text.Json;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.Refits;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests;

/// <summary>The published protocol, 50 halves of the 94 X-rays by patient, beside what scikit-learn gives for it.</summary>
public class PublishedRefitTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, double> Scores =>
        new() { { "geographic_extent", "geographic_mean", 8 }, { "opacity", "opacity_mean", 6 } };

    /// <summary>The reference clamps what an offset gives, and not what a line gives.</summary>
    [Theory]
    [MemberData(nameof(Scores))]
    public void Refits_of_the_score_have_the_reference_figures(string score, string truth, double most)
    {
        JsonElement expected = Expected("table").GetProperty(score);
        CalibrationSample all = Sample(score, truth);
        foreach ((RefitMethod method, string name, bool clamps) in ((RefitMethod, string, bool)[])[
            (RefitMethod.AsIs, "as it is", true), (RefitMethod.Offset, "offset (0+1)", true),
            (RefitMethod.Linear, "linear on the score (1+1)", false), (RefitMethod.Isotonic, "isotonic on the score", true)])
        {
            RefitFigures[] figures = [.. Halves().Select(half => Figures(method, all, half, clamps ? most : double.PositiveInfinity))];
            JsonElement row = expected.GetProperty(name);
            foreach ((string key, Func<RefitFigures, double> figure) in
                ((string, Func<RefitFigures, double>)[])[("mae", f => f.Mae), ("r2", f => f.R2), ("pearson", f => f.Pearson)])
            {
                double mean = figures.Average(figure);
                Assert.Equal(row.GetProperty(key)[0].GetDouble(), mean, 1e-4);
                double deviation = Math.Sqrt(figures.Sum(f => Math.Pow(figure(f) - mean, 2)) / (figures.Length - 1));
                Assert.Equal(row.GetProperty(key)[1].GetDouble(), deviation, 1e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Scores))]
    public void Fitted_to_all_94_the_line_and_the_steps_are_the_reference_ones(string score, string truth, double most)
    {
        _ = most;
        JsonElement expected = Expected("fitted_on_all_94").GetProperty(score), line = expected.GetProperty("linear_on_raw");
        CalibrationSample raw = Sample($"{score}_raw", truth), clamped = Sample(score, truth);
        AffineRefit fitted = Assert.IsType<AffineRefit>(RefitFit.Of(RefitMethod.Linear, raw, seed: 1, Stop));
        Assert.Equal(line.GetProperty("slope").GetDouble(), fitted.Slope, 1e-9);
        Assert.Equal(line.GetProperty("intercept").GetDouble(), fitted.Intercept, 1e-9);
        IsotonicRefit steps = IsotonicRegression.Fit(clamped.Raw, clamped.Truth);
        Assert.Equal(Numbers(expected, "isotonic_x"), steps.X, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(Numbers(expected, "isotonic_y"), steps.Y, (a, b) => Math.Abs(a - b) < 1e-9);
    }

    /// <summary>The features are the engine's, and the penalty is chosen in the reference's parts of each half.</summary>
    [Theory]
    [MemberData(nameof(Scores))]
    public void Ridge_on_the_engines_features_has_the_reference_figures(string score, string truth, double most)
    {
        _ = most;
        CalibrationSample all = Sample(score, truth);
        Table table = TableFile.Read(TestData.Get("evaluation", "eval94.csv"));
        ModelFile model = ModelFile.Load(TestData.Get("model", "severity-compact.onnx"));
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = model, CheckDomain = false });
        PredictionOptions options = new() { Features = true };
        all = all with
        {
            Features = [.. table.Rows.Select(row => predictor.Analyze(
                TestData.Get("data", "cxr", row.Text(table.IndexOf("filename"))!), options).Features.ToArray())],
        };
        // The parts by which the reference chose its penalties: tests/fixtures/calibration/make_inner_folds.py.
        string[] folds = [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "calibration",
            "inner_folds.json"))).RootElement.EnumerateArray().Select(f => f.GetString()!)];
        RefitFigures[] figures = [.. Halves().Zip(folds, (half, parts) =>
        {
            CalibrationSample train = all.Of(half);
            double penalty = RidgeRegression.ChoosePenalty(train, [.. parts.Select(part => part - '0')], Stop);
            return Figures(new RidgeSystem(train).Solve(penalty), all, half, double.PositiveInfinity);
        })];
        JsonElement row = Expected("table").GetProperty(score).GetProperty("ridge on 288 features, alpha by grouped CV");
        TestContext.Current.TestOutputHelper?.WriteLine($"{score}: MAE {figures.Average(f => f.Mae):f4}, "
            + $"R2 {figures.Average(f => f.R2):f4}, Pearson {figures.Average(f => f.Pearson):f4}");
        Assert.Equal(row.GetProperty("mae")[0].GetDouble(), figures.Average(f => f.Mae), 1e-4);
        Assert.Equal(row.GetProperty("r2")[0].GetDouble(), figures.Average(f => f.R2), 1e-4);
        Assert.Equal(row.GetProperty("pearson")[0].GetDouble(), figures.Average(f => f.Pearson), 1e-4);
    }

    static RefitFigures Figures(RefitMethod method, CalibrationSample all, int[] train, double most) =>
        Figures(RefitFit.Of(method, all.Of(train), seed: 1, Stop), all, train, most);

    static RefitFigures Figures(ScoreRefit refit, CalibrationSample all, int[] train, double most)
    {
        int[] rest = [.. Enumerable.Range(0, all.Count).Except(train)];
        double least = double.IsFinite(most) ? 0 : double.NegativeInfinity;
        return RefitFigures.Of([.. rest.Select(i => all.Truth[i])],
            [.. rest.Select(i => Math.Clamp(refit.Predict(all.Raw[i], all.FeaturesOf(i)), least, most))]);
    }

    static int[][] Halves() => [.. Parse("splits-50-train-rows.json").EnumerateArray()
        .Select(half => half.EnumerateArray().Select(row => row.GetInt32()).ToArray())];

    static CalibrationSample Sample(string score, string truth)
    {
        Table table = TableFile.Read(TestData.Get("evaluation", "eval94.csv"));
        return new CalibrationSample(Column(score), Column(truth), [.. table.Rows.Select(r => r.Text(table.IndexOf("patientid"))!)]);

        double[] Column(string name) => [.. table.Rows.Select(r => table.Number(r, table.IndexOf(name))!.Value)];
    }

    static double[] Numbers(JsonElement json, string key) => [.. json.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];

    static JsonElement Expected(string part) => Parse("calibrate-expected.json").GetProperty(part);

    static JsonElement Parse(string file) => JsonDocument.Parse(File.ReadAllText(TestData.Get("evaluation", file))).RootElement;
}
