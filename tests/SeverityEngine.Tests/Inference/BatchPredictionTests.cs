using SeverityEngine.Phantoms;

namespace SeverityEngine.Tests.Inference;

public class BatchPredictionTests
{
    static XRayImage Phantom(long seed, double extent) =>
        new ChestPhantom
        {
            Seed = seed,
            Width = 300 + (int)seed,
            Height = 310,
            GeographicExtent = extent,
            Opacity = ChestPhantom.UsualOpacity(extent),
        }.Render();

    [Fact]
    public void Several_images_in_one_run_score_as_they_do_alone()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        XRayImage[] images = [.. Enumerable.Range(0, 6).Select(i => Phantom(i, i))];
        SeverityScore[] alone = [.. images.Select(predictor.Predict)];
        Assert.Equal(images.Length, alone.Select(s => s.GeographicExtentRaw).Distinct().Count());
        foreach (int size in (int[])[1, 2, 6, 3, 6])
        {
            SeverityScore[] scores = new SeverityScore[size];
            predictor.Predict(images[..size], scores);
            for (int i = 0; i < size; i++)
            {
                Assert.Equal(alone[i].GeographicExtentRaw, scores[i].GeographicExtentRaw, 1e-4);
                Assert.Equal(alone[i].OpacityRaw, scores[i].OpacityRaw, 1e-4);
                Assert.InRange(scores[i].GeographicExtent, 0, 8);
                Assert.True(scores[i].Timings.Preprocess > TimeSpan.Zero && scores[i].Timings.Infer > TimeSpan.Zero);
            }
        }
        foreach (XRayImage image in images)
            image.Dispose();
    }

    [Fact]
    public void Batches_of_many_callers_do_not_mix_and_dispose_waits_for_them()
    {
        SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1, MaxConcurrency = 3 });
        XRayImage[] images = [.. Enumerable.Range(0, 4).Select(i => Phantom(i, 2 * i))];
        double[] alone = [.. images.Select(i => predictor.Predict(i).GeographicExtentRaw)];
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            XRayImage[] turned = [.. images.Select((_, at) => images[(at + i) % images.Length])];
            SeverityScore[] scores = new SeverityScore[1 + i % turned.Length];
            predictor.Predict(turned[..scores.Length], scores);
            for (int at = 0; at < scores.Length; at++)
                Assert.Equal(alone[(at + i) % images.Length], scores[at].GeographicExtentRaw, 1e-4);
        });
        predictor.Dispose();
        Assert.Equal(SeverityError.Disposed, Assert.Throws<SeverityException>(() => predictor.Predict(images, new SeverityScore[4])).Code);
    }

    [Fact]
    public void Too_little_room_for_scores_is_refused_and_no_images_are_no_work()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        using XRayImage image = Phantom(1, 1);
        predictor.Predict(Array.Empty<XRayImage>(), []);
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => predictor.Predict([image], [])).Code);
    }
}
