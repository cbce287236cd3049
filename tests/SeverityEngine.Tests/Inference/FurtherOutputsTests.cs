namespace SeverityEngine.Tests.Inference;

/// <summary>Logits and features beside the scores.</summary>
[Collection(RunAlone.Name)]
public class FurtherOutputsTests
{
    const int Side = SmallModel.Side;

    /// <summary>An image of 51s with one 204: network inputs of -614.4 (51 = 0.2 of white) and 614.4 (0.8), with no resampling.</summary>
    static byte[] Image
    {
        get
        {
            byte[] pixels = new byte[Side * Side];
            pixels.AsSpan().Fill(51);
            pixels[20] = 204;
            return pixels;
        }
    }

    [Fact]
    public void Logits_and_features_come_with_the_scores_of_the_same_run()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = SmallModel.Make() });
        float[] logits = new float[3], features = new float[2];
        SeverityScore score = predictor.Predict(new XRayPixels(Image, Side, Side), logits, features);
        const double Mean = (-614.4 * 63 + 614.4) / 64, Highest = 614.4;
        Assert.Equal(Mean, features[0], 1e-2);
        Assert.Equal(Highest, features[1], 1e-2);
        Assert.Equal(0.001 * Mean, logits[0], 1e-4);
        Assert.Equal(0.002 * Highest + 0.5, logits[1], 1e-4);
        Assert.Equal(0.01 * Mean - 1, logits[2], 1e-4);
        Assert.Equal(predictor.Predict(new XRayPixels(Image, Side, Side)) with { Timings = default }, score with { Timings = default });
        Assert.Equal(4 + 0.001 * Mean, score.GeographicExtentRaw, 1e-4);
        Assert.Equal(3 + 0.001 * Highest, score.OpacityRaw, 1e-4);
    }

    [Fact]
    public void Either_can_be_left_out()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = SmallModel.Make() });
        float[] both = new float[2], alone = new float[2], logits = new float[3];
        predictor.Predict(new XRayPixels(Image, Side, Side), logits, both);
        predictor.Predict(new XRayPixels(Image, Side, Side), [], alone);
        Assert.Equal(both, alone);
        predictor.Predict(new XRayPixels(new byte[Side * Side], Side, Side), logits, []);
        Assert.Equal(-1.024, logits[0], 1e-4);
    }

    [Fact]
    public void They_are_fetched_without_allocating_and_the_ordinary_call_stays_as_it_is()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = SmallModel.Make(), Threads = 1 });
        byte[] image = Image;
        float[] logits = new float[3], features = new float[2];
        PredictBoth();
        long before = GC.GetAllocatedBytesForCurrentThread();
        PredictBoth();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void PredictBoth()
        {
            for (int i = 0; i < 20; i++)
            {
                predictor.Predict(new XRayPixels(image, Side, Side), logits, features);
                predictor.Predict(new XRayPixels(image, Side, Side));
            }
        }
    }

    [Fact]
    public void What_a_model_lacks_is_refused()
    {
        using SeverityPredictor predictor =
            SeverityPredictor.Create(new PredictorOptions { Model = SmallModel.Make(labels: [], outputs: false) });
        Assert.Equal((0, 0), (predictor.Model.Labels.Count, predictor.Model.FeatureCount));
        foreach ((int logits, int features) in ((int, int)[])[(3, 0), (0, 2)])
        {
            SeverityException error = Assert.Throws<SeverityException>(
                () => predictor.Predict(new XRayPixels(Image, Side, Side), new float[logits], new float[features]));
            Assert.Equal(SeverityError.ModelUnsupported, error.Code);
            Assert.Contains("small.onnx", error.Message);
        }
    }

    [Fact]
    public void Room_for_another_number_is_refused()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = SmallModel.Make() });
        foreach ((int logits, int features) in ((int, int)[])[(2, 0), (0, 3), (4, 2)])
        {
            Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(
                () => predictor.Predict(new XRayPixels(Image, Side, Side), new float[logits], new float[features])).Code);
        }
    }

    [Fact]
    public void Labels_that_do_not_fit_the_logits_break_the_contract()
    {
        SeverityException error = Assert.Throws<SeverityException>(
            () => SeverityPredictor.Create(new PredictorOptions { Model = SmallModel.Make(labels: ["A", "B"]) }));
        Assert.Equal(SeverityError.ModelContract, error.Code);
        Assert.Contains("3 logits have 2 labels", error.Message);
    }

    [Fact]
    public void Probabilities_are_half_at_the_operating_point_and_linear_on_either_side()
    {
        ModelInfo model = Info([0.2f, 0.2f, 0.2f, 0.2f, 0.2f]);
        double[] probabilities = new double[5];
        // Sigmoids of 0, 0.1, 0.2, 0.6 and 1.
        model.Calibrate(
            [float.NegativeInfinity, MathF.Log(1 / 9f), MathF.Log(1 / 4f), MathF.Log(1.5f), float.PositiveInfinity], probabilities);
        double[] expected = [0, 0.25, 0.5, 0.75, 1];
        Assert.All(expected.Zip(probabilities), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Fact]
    public void Without_operating_points_probabilities_are_the_sigmoid()
    {
        double[] probabilities = new double[3];
        Info([], 3).Calibrate([0, MathF.Log(3), MathF.Log(1 / 3f)], probabilities);
        Assert.All(((double[])[0.5, 0.75, 0.25]).Zip(probabilities), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Fact]
    public void Logits_of_another_number_are_not_calibrated() =>
        Assert.Equal(
        SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => Info([], 3).Calibrate(new float[2], new double[3])).Code);

    static ModelInfo Info(float[] operatingPoints, int? labels = null) =>
        new("m", "1", Side, new ScoreRange(0, 8), new ScoreRange(0, 6), ["logits"],
        [.. Enumerable.Range(0, labels ?? operatingPoints.Length).Select(i => $"finding {i}")], operatingPoints, 0,
        new Dictionary<string, string>());
}
