using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Refits;

namespace SeverityEngine.Evaluation.Tests;

public class ScoreCalibrationTests
{
    static readonly ScoreRange s_range = new(0, 8);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void The_best_way_is_chosen_for_what_readers_do()
    {
        double[] raw = [.. Enumerable.Range(0, 40).Select(i => i / 6.0)];
        Assert.Equal(RefitMethod.AsIs, Chosen(raw, x => x));
        Assert.Equal(RefitMethod.Offset, Chosen(raw, x => x + 0.7));
        Assert.Equal(RefitMethod.Linear, Chosen(raw, x => (0.5 * x) + 1));
        Assert.Equal(RefitMethod.Isotonic, Chosen(raw, x => x < 4 ? 1 : 6));
        Assert.Equal(RefitMethod.Offset, Of(raw, x => x, mustRefit: true).Chosen.Method);
    }

    [Fact]
    public void Features_that_tell_more_than_the_score_are_chosen()
    {
        float[][] features = [.. Enumerable.Range(0, 40).Select(i => new float[] { i * 7 % 40, i % 3 })];
        double[] truth = [.. features.Select(f => f[0] / 5.0)];
        CalibrationSample sample = new([.. truth.Select((t, i) => i % 8.0)], truth, Own(40), features);
        ScoreCalibration found = ScoreCalibration.Of(sample, s_range, cancellation: Stop);
        Assert.Equal(RefitMethod.Ridge, found.Chosen.Method);
        Assert.InRange(found.Chosen.Figures.Mae, 0, 0.05);
    }

    /// <summary>With two images of each patient that are alike, steps would know the answer, unless patients stay together.</summary>
    [Fact]
    public void Images_of_one_patient_are_never_learnt_from_and_tried_on_at_once()
    {
        double[] raw = [.. Enumerable.Range(0, 40).Select(i => i / 2 / 2.5)];
        double[] truth = [.. Enumerable.Range(0, 40).Select(i => i / 2 * 7 % 20 / 2.5)];
        string[] patients = [.. Enumerable.Range(0, 40).Select(i => $"{i / 2}")];
        ScoreCalibration apart = ScoreCalibration.Of(new CalibrationSample(raw, truth, Own(40)), s_range, cancellation: Stop);
        ScoreCalibration together = ScoreCalibration.Of(new CalibrationSample(raw, truth, patients), s_range, cancellation: Stop);
        foreach (RefitMethod method in (RefitMethod[])[RefitMethod.Linear, RefitMethod.Isotonic])
            Assert.True(Mae(apart, method) < Mae(together, method), $"{method} is no better with the patients' other images");

        static double Mae(ScoreCalibration found, RefitMethod method) => found.Candidates.Single(c => c.Method == method).Figures.Mae;
    }

    /// <summary>The ceil(20 level)-th of 19 errors, and the ceil(11 level)-th of 10.</summary>
    [Theory]
    [InlineData(19, 0.8, 16)]
    [InlineData(19, 0.9, 18)]
    [InlineData(19, 0.95, 19)]
    [InlineData(19, 0.96, null)]
    [InlineData(10, 0.9, 10)]
    [InlineData(10, 0.95, null)]
    public void A_half_width_is_the_error_of_its_place(int images, double level, int? error) =>
        Assert.Equal(error, SplitConformal.HalfWidth([.. Enumerable.Range(0, images).Select(i => (i * 7 % images) + 1.0)], level));

    [Fact]
    public void What_is_stopped_ends() => Assert.Throws<OperationCanceledException>(
        () => ScoreCalibration.Of(new CalibrationSample([1, 2, 3], [1, 2, 3], Own(3)), s_range, cancellation: new CancellationToken(true)));

    static RefitMethod Chosen(double[] raw, Func<double, double> readers) => Of(raw, readers, mustRefit: false).Chosen.Method;

    static ScoreCalibration Of(double[] raw, Func<double, double> readers, bool mustRefit) => ScoreCalibration.Of(
        new CalibrationSample(raw, [.. raw.Select(readers)], Own(raw.Length)), s_range, mustRefit, cancellation: Stop);

    static string[] Own(int count) => [.. Enumerable.Range(0, count).Select(i => $"{i}")];
}
