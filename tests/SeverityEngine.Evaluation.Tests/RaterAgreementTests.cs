using System.Text.Json;
using SeverityEngine.Tests;
using static SeverityEngine.Evaluation.Tests.ReferenceFigures;

namespace SeverityEngine.Evaluation.Tests;

public class RaterAgreementTests
{
    [Fact]
    public void Each_reader_is_held_against_the_mean_of_the_others_and_so_is_the_model_in_the_readers_place()
    {
        // By hand: readers 1, 2, 3 of two images, and the model.
        RaterAgreement agreement = RaterAgreement.Of(["A", "B", "C"], [[1, 2, 3], [4, 4, 6]], [2, 6], ScoreKind.GeographicExtent);
        // A: |1 - 2.5|, |4 - 5|; model in A's place: |2 - 2.5|, |6 - 5|.
        Assert.Equal(1.25, agreement.Raters[0].DifferenceFromOthers);
        Assert.Equal(0.75, agreement.Raters[0].ModelDifferenceFromOthers);
        Assert.Equal(1.5, agreement.Raters[0].Model.MeanAbsoluteError);
        Assert.Null(agreement.BetweenRaters);
    }

    [Fact]
    public void An_image_that_a_reader_left_out_counts_for_the_others()
    {
        RaterAgreement agreement =
            RaterAgreement.Of(["A", "B"], [[1, null], [4, 5], [2, 2], [6, 7]], [1, 4, 2, 6], ScoreKind.GeographicExtent);
        Assert.Equal(3, agreement.CompleteImages);
        Assert.NotNull(agreement.BetweenRaters);
        Assert.Equal(4, agreement.Raters[0].Model.Count);
        Assert.Equal(3, agreement.Raters[0].ImagesWithOthers);
    }

    [Fact]
    public void Three_raters_of_the_reference_have_its_figures()
    {
        JsonElement reference = JsonDocument.Parse(File.ReadAllBytes(TestData.Get("evaluation", "evaluate-expected.json"))).RootElement
            .GetProperty("three_raters");
        double?[][] scores =
            [.. reference.GetProperty("raters").EnumerateArray().Select(r => Numbers(r).Select(v => (double?)v).ToArray())];
        double[] model = Numbers(reference.GetProperty("model"));
        RaterAgreement actual = RaterAgreement.Of(["A", "B", "C"], scores, model, ScoreKind.GeographicExtent);
        JsonElement between = reference.GetProperty("between_raters");
        AssertEqual(between.GetProperty("icc11"), actual.BetweenRaters!.OneWay);
        AssertEqual(between.GetProperty("icc21"), actual.BetweenRaters.Agreement);
        AssertEqual(between.GetProperty("icc31"), actual.BetweenRaters.Consistency);
        AssertEqual(between.GetProperty("icc2k"), actual.BetweenRaters.MeanAgreement);
        AssertEqual(between.GetProperty("icc21_ci95"), actual.BetweenRaters.AgreementInterval);
        JsonElement own = reference.GetProperty("mean_absolute_difference_of_each_rater_from_the_mean_of_the_others"),
            models = reference.GetProperty("mean_absolute_difference_of_model_from_the_same");
        for (int r = 0; r < 3; r++)
        {
            AssertEqual(own[r], actual.Raters[r].DifferenceFromOthers);
            AssertEqual(models[r], actual.Raters[r].ModelDifferenceFromOthers);
        }
    }
}
