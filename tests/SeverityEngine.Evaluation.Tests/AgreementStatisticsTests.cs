using System.Text.Json;
using SeverityEngine.Tests;
using static SeverityEngine.Evaluation.Tests.ReferenceFigures;

namespace SeverityEngine.Evaluation.Tests;

public class AgreementStatisticsTests
{
    public static TheoryData<string> Names => [.. Cases.Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Figures_are_those_of_scipy_scikit_learn_and_statsmodels(string name)
    {
        JsonElement known = Case(name), expected = known.GetProperty("figures");
        AgreementStatistics actual =
            AgreementStatistics.Of(Numbers(known.GetProperty("truth")), Numbers(known.GetProperty("prediction")), Kind(known));
        AssertEqual(expected.GetProperty("mae"), actual.MeanAbsoluteError);
        AssertEqual(expected.GetProperty("rmse"), actual.RootMeanSquareError);
        AssertEqual(expected.GetProperty("bias"), actual.Bias);
        AssertEqual(expected.GetProperty("bias_interval"), actual.BlandAltman!.BiasInterval);
        AssertEqual(expected.GetProperty("lower_limit"), actual.BlandAltman.LowerLimit);
        AssertEqual(expected.GetProperty("upper_limit"), actual.BlandAltman.UpperLimit);
        AssertEqual(expected.GetProperty("limit_half_width"), actual.BlandAltman.LimitHalfWidth);
        AssertEqual(expected.GetProperty("trend_slope"), actual.BlandAltman.Slope);
        AssertEqual(expected.GetProperty("trend_p"), actual.BlandAltman.SlopeP);
        AssertEqual(expected.GetProperty("r2"), actual.R2);
        AssertEqual(expected.GetProperty("pearson"), actual.Pearson);
        AssertEqual(expected.GetProperty("pearson_interval"), actual.PearsonInterval);
        AssertEqual(expected.GetProperty("spearman"), actual.Spearman);
        AssertEqual(expected.GetProperty("kendall"), actual.KendallTauB);
        AssertEqual(expected.GetProperty("slope"), actual.Calibration!.Value.Slope);
        AssertEqual(expected.GetProperty("intercept"), actual.Calibration.Value.Intercept);
        AssertEqual(expected.GetProperty("slope_error"), actual.Calibration.Value.SlopeStandardError);
        AssertEqual(expected.GetProperty("concordance"), actual.Concordance);
        AssertEqual(expected.GetProperty("kappa"), actual.QuadraticKappa);
        AssertEqual(expected.GetProperty("within_one"), actual.WithinOnePoint);
        JsonProperty[] areas = [.. expected.GetProperty("auc").EnumerateObject()];
        Assert.Equal(areas.Select(a => double.Parse(a.Name, System.Globalization.CultureInfo.InvariantCulture)),
            actual.Discrimination.Select(d => d.Threshold));
        Assert.All(areas.Zip(actual.Discrimination), pair => AssertEqual(pair.First.Value, pair.Second.Auc));
        AssertIcc(expected.GetProperty("icc"), actual.Intraclass);
    }

    [Fact]
    public void Several_raters_have_the_correlations_of_statsmodels_analysis_of_variance()
    {
        double[][] scores = [.. Raters.GetProperty("scores").EnumerateArray().Select(Numbers)];
        AssertIcc(Raters.GetProperty("icc"), IntraclassCorrelation.Of(scores));
    }

    [Fact]
    public void Shrout_and_Fleiss_own_table_gives_the_published_correlations()
    {
        // Table 2 of Shrout and Fleiss 1979, and the values that its table 4 gives to two digits.
        double[][] scores = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]];
        IntraclassCorrelation icc = IntraclassCorrelation.Of(scores)!;
        Assert.Equal([0.17, 0.29, 0.71, 0.62],
            ((double[])[icc.OneWay, icc.Agreement, icc.Consistency, icc.MeanAgreement]).Select(v => Math.Round(v, 2)));
    }

    [Fact]
    public void Without_images_there_is_nothing_but_their_number()
    {
        AgreementStatistics none = AgreementStatistics.Of([], [], ScoreKind.Opacity);
        Assert.Equal(0, none.Count);
        Assert.Null(none.MeanAbsoluteError);
        Assert.Null(none.R2);
        Assert.Null(none.Pearson);
        Assert.Null(none.BlandAltman);
        Assert.Empty(none.Discrimination);
    }

    [Fact]
    public void One_image_has_an_error_and_no_spread()
    {
        AgreementStatistics one = AgreementStatistics.Of([3], [4], ScoreKind.GeographicExtent);
        Assert.Equal(1, one.MeanAbsoluteError);
        Assert.Null(one.TruthDeviation);
        Assert.Null(one.BlandAltman);
    }

    [Fact]
    public void Two_images_have_limits_and_no_correlation()
    {
        AgreementStatistics two = AgreementStatistics.Of([1, 3], [2, 3], ScoreKind.GeographicExtent);
        Assert.Equal(0.5, two.R2);
        Assert.Equal(-0.885903824349678, two.BlandAltman!.LowerLimit, 1e-9);
        Assert.Equal(-5.853102368216047, two.BlandAltman.BiasInterval.Low, 1e-6);
        Assert.Null(two.Pearson);
        Assert.Null(two.Intraclass);
    }

    [Fact]
    public void Three_images_on_a_line_have_a_correlation_of_1_without_an_interval()
    {
        AgreementStatistics three = AgreementStatistics.Of([1, 3, 5], [2, 3, 4], ScoreKind.GeographicExtent);
        Assert.Equal(1, three.Pearson!.Value, 1e-12);
        Assert.Null(three.PearsonInterval);
        Assert.Equal(0.8571428571428571, three.Intraclass!.Agreement, 1e-9);
        Assert.Equal(-1.3636363636363624, three.Intraclass.AgreementInterval!.Value.Low, 1e-6);
        Assert.Equal(-0.6666666666666666, three.BlandAltman!.Slope!.Value, 1e-9);
        Assert.Equal(0, three.BlandAltman.SlopeP!.Value, 1e-6);
    }

    [Theory]
    [InlineData(new double[] { 3, 3, 3, 3 }, new double[] { 2, 3, 4, 5 }, null)]
    [InlineData(new double[] { 1, 3, 5, 7 }, new double[] { 4, 4, 4, 4 }, 0.0)]
    [InlineData(new double[] { 4, 4, 4, 4 }, new double[] { 4, 4, 4, 4 }, null)]
    [InlineData(new double[] { 0.1, 0.1, 0.1, 0.1 }, new double[] { 0.3, 0.7, 0.9, 0.1 }, null)]
    public void A_constant_score_correlates_with_nothing(double[] truth, double[] prediction, double? r2)
    {
        AgreementStatistics actual = AgreementStatistics.Of(truth, prediction, ScoreKind.GeographicExtent);
        Assert.Equal(r2, actual.R2);
        Assert.NotNull(actual.MeanAbsoluteError);
        Assert.Null(actual.Pearson);
        Assert.Null(actual.Spearman);
        Assert.Null(actual.KendallTauB);
        Assert.Null(actual.Calibration);
        Assert.Null(actual.Concordance);
        Assert.Null(actual.Intraclass);
        Assert.Null(actual.BlandAltman!.Slope);
    }

    [Fact]
    public void Scores_that_agree_in_everything_have_figures_of_1_and_no_interval_of_intraclass_correlation()
    {
        double[] scores = [0, 1, 2, 5, 8];
        AgreementStatistics perfect = AgreementStatistics.Of(scores, scores, ScoreKind.GeographicExtent);
        Assert.Equal(1, perfect.R2);
        Assert.Equal(1, perfect.Pearson!.Value, 1e-12);
        Assert.Equal(1, perfect.Concordance!.Value, 1e-12);
        Assert.Equal(1, perfect.Intraclass!.Agreement, 1e-12);
        Assert.Null(perfect.Intraclass.AgreementInterval);
        Assert.Equal(1, perfect.QuadraticKappa);
        Assert.Equal(1, perfect.BlandAltman!.SlopeP);
    }

    [Fact]
    public void Large_scores_lose_no_digits()
    {
        // The same pairs a million higher: deviations stay.
        double[] truth = [1, 3, 2, 5], prediction = [2, 3, 4, 4];
        AgreementStatistics low = AgreementStatistics.Of(truth, prediction, ScoreKind.GeographicExtent);
        AgreementStatistics high = AgreementStatistics.Of(
            [.. truth.Select(t => t + 1e6)], [.. prediction.Select(p => p + 1e6)], ScoreKind.GeographicExtent);
        Assert.Equal(low.Pearson!.Value, high.Pearson!.Value, 1e-9);
        Assert.Equal(low.Intraclass!.Agreement, high.Intraclass!.Agreement, 1e-9);
    }

    [Fact]
    public void Scores_of_different_number_or_that_are_not_finite_are_refused()
    {
        Assert.Throws<SeverityException>(() => AgreementStatistics.Of([1], [1, 2], ScoreKind.Opacity));
        Assert.Throws<SeverityException>(() => AgreementStatistics.Of([1, double.NaN], [1, 2], ScoreKind.Opacity));
    }

    [Fact]
    public void The_94_xrays_have_the_figures_of_the_reference()
    {
        JsonElement reference = JsonDocument.Parse(File.ReadAllBytes(TestData.Get("evaluation", "evaluate-expected.json"))).RootElement;
        string[][] rows = [.. File.ReadLines(TestData.Get("evaluation", "eval94.csv")).Skip(1).Select(l => l.Split(','))];
        foreach (ScoreKind kind in (ScoreKind[])[ScoreKind.GeographicExtent, ScoreKind.Opacity])
        {
            int at = kind == ScoreKind.Opacity ? 1 : 0;
            double[] truth = [.. rows.Select(r => Parse(r[2 + at]))], prediction = [.. rows.Select(r => Parse(r[4 + at]))];
            JsonElement expected = reference.GetProperty("scores").GetProperty(kind == ScoreKind.Opacity ? "opacity" : "geographic_extent");
            AgreementStatistics actual = AgreementStatistics.Of(truth, prediction, kind);
            AssertEqual(expected.GetProperty("mae"), actual.MeanAbsoluteError);
            AssertEqual(expected.GetProperty("loa"), new ConfidenceInterval(actual.BlandAltman!.LowerLimit, actual.BlandAltman.UpperLimit));
            AssertEqual(expected.GetProperty("loa_half_ci95"), actual.BlandAltman.LimitHalfWidth);
            AssertEqual(expected.GetProperty("r2"), actual.R2);
            AssertEqual(expected.GetProperty("pearson_fisher_ci95"), actual.PearsonInterval);
            AssertEqual(expected.GetProperty("spearman"), actual.Spearman);
            AssertEqual(expected.GetProperty("kendall_tau_b"), actual.KendallTauB);
            AssertEqual(expected.GetProperty("icc21"), actual.Intraclass!.Agreement);
            AssertEqual(expected.GetProperty("icc21_ci95"), actual.Intraclass.AgreementInterval);
            AssertEqual(expected.GetProperty("kappa_quadratic_rounded"), actual.QuadraticKappa);
            AssertEqual(expected.GetProperty("bland_altman_slope_p"), actual.BlandAltman.SlopeP);
            foreach (ThresholdAuc area in actual.Discrimination)
            {
                AssertEqual(expected.GetProperty($"auc_truth_ge_{area.Threshold}"), area.Auc);
                Assert.Equal(expected.GetProperty($"positives_ge_{area.Threshold}").GetInt32(), area.Positives);
            }
            AgreementBootstrap bootstrap = new(truth, [.. rows.Select(r => r[1])]);
            Assert.Equal(expected.GetProperty("patients").GetInt32(), bootstrap.Patients);
            IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> intervals =
                bootstrap.Intervals(prediction, TestContext.Current.CancellationToken);
            JsonElement resampled = expected.GetProperty("cluster_bootstrap_ci95");
            AssertEqual(resampled.GetProperty("mae"), intervals[AgreementMeasure.MeanAbsoluteError], 0.02);
            AssertEqual(resampled.GetProperty("rmse"), intervals[AgreementMeasure.RootMeanSquareError], 0.02);
            AssertEqual(resampled.GetProperty("bias"), intervals[AgreementMeasure.Bias], 0.02);
            AssertEqual(resampled.GetProperty("r2"), intervals[AgreementMeasure.R2], 0.02);
            AssertEqual(resampled.GetProperty("pearson"), intervals[AgreementMeasure.Pearson], 0.02);
            AssertEqual(resampled.GetProperty("spearman"), intervals[AgreementMeasure.Spearman], 0.02);
            AssertEqual(resampled.GetProperty("icc21"), intervals[AgreementMeasure.Intraclass], 0.02);
            AssertEqual(resampled.GetProperty("calibration_slope"), intervals[AgreementMeasure.CalibrationSlope], 0.02);
        }
    }

    static double Parse(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    static void AssertIcc(JsonElement expected, IntraclassCorrelation? actual)
    {
        Assert.NotNull(actual);
        AssertEqual(expected.GetProperty("one_way"), actual.OneWay);
        AssertEqual(expected.GetProperty("agreement"), actual.Agreement);
        AssertEqual(expected.GetProperty("agreement_interval"), actual.AgreementInterval);
        AssertEqual(expected.GetProperty("consistency"), actual.Consistency);
        AssertEqual(expected.GetProperty("mean_agreement"), actual.MeanAgreement);
    }
}
