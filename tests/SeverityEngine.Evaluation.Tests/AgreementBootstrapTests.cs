using System.Text.Json;
using static SeverityEngine.Evaluation.Tests.ReferenceFigures;

namespace SeverityEngine.Evaluation.Tests;

public class AgreementBootstrapTests
{
    [Theory]
    [InlineData("extent of 60 images")]
    [InlineData("opacity of 41 images")]
    public void Intervals_are_those_of_numpys_resamples_of_patients(string name)
    {
        JsonElement known = Case(name), expected = known.GetProperty("bootstrap");
        AgreementBootstrap bootstrap = new(Numbers(known.GetProperty("truth")), Patients(known));
        IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> actual =
            bootstrap.Intervals(Numbers(known.GetProperty("prediction")), TestContext.Current.CancellationToken);
        AssertEqual(expected.GetProperty("mae"), actual[AgreementMeasure.MeanAbsoluteError], 0.02);
        AssertEqual(expected.GetProperty("rmse"), actual[AgreementMeasure.RootMeanSquareError], 0.02);
        AssertEqual(expected.GetProperty("bias"), actual[AgreementMeasure.Bias], 0.02);
        AssertEqual(expected.GetProperty("r2"), actual[AgreementMeasure.R2], 0.02);
        AssertEqual(expected.GetProperty("pearson"), actual[AgreementMeasure.Pearson], 0.02);
        AssertEqual(expected.GetProperty("spearman"), actual[AgreementMeasure.Spearman], 0.02);
        AssertEqual(expected.GetProperty("slope"), actual[AgreementMeasure.CalibrationSlope], 0.02);
    }

    [Fact]
    public void Every_measure_of_one_resample_of_all_patients_lies_around_the_figure_itself()
    {
        JsonElement known = Case("extent of 60 images");
        double[] truth = Numbers(known.GetProperty("truth")), prediction = Numbers(known.GetProperty("prediction"));
        AgreementStatistics figures = AgreementStatistics.Of(truth, prediction, ScoreKind.GeographicExtent);
        IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> intervals =
            new AgreementBootstrap(truth).Intervals(prediction, TestContext.Current.CancellationToken);
        Assert.Equal(Enum.GetValues<AgreementMeasure>(), intervals.Keys.Order());
        Assert.All(intervals, i => Assert.InRange(figures.Value(i.Key)!.Value, i.Value.Low, i.Value.High));
    }

    [Fact]
    public void A_model_differs_from_itself_by_nothing_and_from_a_worse_one_by_something()
    {
        JsonElement known = Case("extent of 60 images");
        double[] truth = Numbers(known.GetProperty("truth")), prediction = Numbers(known.GetProperty("prediction"));
        AgreementBootstrap bootstrap = new(truth, Patients(known));
        Assert.All(bootstrap.Differences(prediction, prediction, TestContext.Current.CancellationToken),
            d => Assert.Equal(new ConfidenceInterval(0, 0), d.Value));
        double[] worse = [.. prediction.Select(p => p + 1)];
        ConfidenceInterval bias = bootstrap.Differences(worse, prediction, TestContext.Current.CancellationToken)[AgreementMeasure.Bias];
        Assert.Equal(1, bias.Low, 1e-9);
        Assert.Equal(1, bias.High, 1e-9);
    }

    [Fact]
    public void Two_patients_tell_nothing_of_others() =>
        Assert.Empty(new AgreementBootstrap([1, 2, 3, 4], ["a", "a", "b", "b"])
            .Intervals([1, 2, 3, 5], TestContext.Current.CancellationToken));

    [Fact]
    public void Constant_truth_has_an_error_with_an_interval_and_no_correlation()
    {
        IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> intervals =
            new AgreementBootstrap([3, 3, 3, 3, 3]).Intervals([1, 2, 3, 4, 5], TestContext.Current.CancellationToken);
        Assert.Contains(AgreementMeasure.MeanAbsoluteError, intervals.Keys);
        Assert.DoesNotContain(AgreementMeasure.R2, intervals.Keys);
        Assert.DoesNotContain(AgreementMeasure.Pearson, intervals.Keys);
    }

    static string[] Patients(JsonElement known) => [.. known.GetProperty("patients").EnumerateArray().Select(p => p.GetRawText())];
}
