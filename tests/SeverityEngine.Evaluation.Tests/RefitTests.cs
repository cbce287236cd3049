using System.Text.Json;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Refits;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests;

/// <summary>Refits beside scikit-learn's, which <c>tests/fixtures/calibration/make_refits.py</c> wrote down.</summary>
public class RefitTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Cases => ["more_images_than_features", "more_features_than_images"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Offset_and_line_predict_as_scikit_learn(string name)
    {
        JsonElement expected = Case(name);
        CalibrationSample sample = Sample(expected);
        foreach ((RefitMethod method, string key) in
            ((RefitMethod, string)[])[(RefitMethod.Offset, "offset"), (RefitMethod.Linear, "linear")])
        {
            ScoreRefit refit = RefitFit.Of(method, sample, seed: 1, Stop);
            AssertNear(Numbers(expected, key), [.. Numbers(expected, "tried_raw").Select(raw => refit.Predict(raw, []))]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Isotonic_regression_predicts_as_scikit_learn_on_its_points_between_them_and_outside(string name)
    {
        JsonElement expected = Case(name);
        IsotonicRefit refit = IsotonicRegression.Fit(Numbers(expected, "raw"), Numbers(expected, "truth"));
        AssertNear(Numbers(expected, "isotonic"), [.. Numbers(expected, "isotonic_at").Select(raw => refit.Predict(raw, []))]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ridge_chooses_the_penalty_and_predicts_as_scikit_learn(string name)
    {
        JsonElement expected = Case(name);
        CalibrationSample sample = Sample(expected);
        int[] folds = [.. expected.GetProperty("folds").EnumerateArray().Select(f => f.GetInt32())];
        double penalty = RidgeRegression.ChoosePenalty(sample, folds, Stop);
        Assert.Equal(expected.GetProperty("penalty").GetDouble(), penalty, 1e-9);
        FeatureRefit refit = new RidgeSystem(sample).Solve(penalty);
        AssertNear(Numbers(expected, "ridge"), [.. Features(expected, "tried_features").Select(row => refit.Predict(0, row))]);
    }

    [Fact]
    public void An_isotonic_fit_to_scores_that_all_fall_is_their_mean()
    {
        IsotonicRefit refit = IsotonicRegression.Fit([1, 2, 3], [5, 3, 1]);
        Assert.Equal([3, 3, 3], [refit.Predict(0, []), refit.Predict(2, []), refit.Predict(9, [])]);
    }

    [Fact]
    public void A_line_through_one_score_is_level() => Assert.Equal(
        new AffineRefit(0, 3), RefitFit.Of(RefitMethod.Linear, new CalibrationSample([2, 2], [1, 5], ["a", "b"]), seed: 1, Stop));

    [Fact]
    public void Folds_share_no_group_have_nearly_equal_sizes_and_do_not_hang_on_the_images_order()
    {
        string[] groups = [.. Enumerable.Range(0, 60).Select(i => $"patient {i * i % 23}")];
        int[] folds = GroupFolds.Of(groups, 5, seed: 1);
        Assert.All(groups.Zip(folds).GroupBy(p => p.First), g => Assert.Single(g.Select(p => p.Second).Distinct()));
        Assert.All(folds.CountBy(fold => fold), part => Assert.InRange(part.Value, 9, 15));
        int[] backward = GroupFolds.Of([.. groups.Reverse()], 5, seed: 1);
        Assert.Equal(folds, backward.Reverse());
        Assert.NotEqual(folds, GroupFolds.Of(groups, 5, seed: 2));
        Assert.Equal(3, GroupFolds.Of(["a", "b", "c", "c"], 5, seed: 1).Distinct().Count());
    }

    static void AssertNear(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-9));
    }

    static JsonElement Case(string name)
    {
        string path = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "calibration", "refits.json");
        return JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty(name);
    }

    static CalibrationSample Sample(JsonElement json)
    {
        double[] raw = Numbers(json, "raw");
        return new CalibrationSample(raw, Numbers(json, "truth"), [.. raw.Select((_, i) => $"image {i}")], Features(json, "features"));
    }

    static double[] Numbers(JsonElement json, string key) => [.. json.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];

    static float[][] Features(JsonElement json, string key) => [.. json.GetProperty(key).EnumerateArray()
        .Select(row => row.EnumerateArray().Select(v => v.GetSingle()).ToArray())];
}
