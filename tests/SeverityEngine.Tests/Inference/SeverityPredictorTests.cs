namespace SeverityEngine.Tests.Inference;

[Collection(RunAlone.Name)]
public class SeverityPredictorTests
{
    const int Side = 300;

    static byte[] RandomPixels(int seed, int count = Side * Side)
    {
        byte[] pixels = new byte[count];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    [Fact]
    public void Predicting_from_pixels_allocates_nothing_after_the_first_call()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        byte[] pixels = RandomPixels(1);
        predictor.Predict(new XRayPixels(pixels, Side, Side));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            predictor.Predict(new XRayPixels(pixels, Side, Side));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Scores_are_the_raw_ones_clamped_to_their_ranges()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        for (int seed = 0; seed < 10; seed++)
        {
            SeverityScore score = predictor.Predict(new XRayPixels(RandomPixels(seed), Side, Side));
            Assert.Equal(Math.Clamp(score.GeographicExtentRaw, 0, 8), score.GeographicExtent);
            Assert.Equal(Math.Clamp(score.OpacityRaw, 0, 6), score.Opacity);
            Assert.True(score.Timings.Infer > TimeSpan.Zero && score.Timings.Preprocess > TimeSpan.Zero);
        }
    }

    [Fact]
    public void Callers_on_many_threads_get_the_score_of_their_own_image()
    {
        byte[][] images = [.. Enumerable.Range(0, 8).Select(seed => RandomPixels(seed))];
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1, MaxConcurrency = 3 });
        double[] alone = [.. images.Select(i => predictor.Predict(new XRayPixels(i, Side, Side)).GeographicExtentRaw)];
        Assert.Equal(alone.Length, alone.Distinct().Count());
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            int at = i % images.Length;
            Assert.Equal(alone[at], predictor.Predict(new XRayPixels(images[at], Side, Side)).GeographicExtentRaw);
        });
    }

    [Fact]
    public void A_disposed_predictor_says_so()
    {
        SeverityPredictor predictor = SeverityPredictor.Create();
        predictor.Dispose();
        predictor.Dispose();
        SeverityException error = Assert.Throws<SeverityException>(() => predictor.Predict(new XRayPixels(RandomPixels(1), Side, Side)));
        Assert.Equal(SeverityError.Disposed, error.Code);
    }

    [Fact]
    public void Dispose_waits_for_predictions_that_are_running()
    {
        byte[] pixels = RandomPixels(1);
        for (int round = 0; round < 5; round++)
        {
            SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1, MaxConcurrency = 2 });
            Callers.AssertEndWhenDisposed(predictor, 4, () => predictor.Predict(new XRayPixels(pixels, Side, Side)));
        }
    }

    [Fact]
    public void Of_several_threads_that_dispose_none_returns_before_all_is_freed()
    {
        byte[] pixels = RandomPixels(1);
        for (int round = 0; round < 10; round++)
        {
            SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1, MaxConcurrency = 1 });
            using ManualResetEventSlim running = new();
            int inside = 0;
            Thread caller = new(() =>
            {
                try
                {
                    while (true)
                    {
                        Volatile.Write(ref inside, 1);
                        running.Set();
                        predictor.Explain(new XRayPixels(pixels, Side, Side));
                        predictor.Predict(new XRayPixels(pixels, Side, Side));
                        Volatile.Write(ref inside, 0);
                    }
                }
                catch (SeverityException e) when (e.Code == SeverityError.Disposed)
                {
                    Volatile.Write(ref inside, 0);
                }
            });
            caller.Start();
            running.Wait(TestContext.Current.CancellationToken);
            // Freed under a running prediction, the network's memory would be gone: the process ends in a segmentation fault.
            Thread[] owners = [.. Enumerable.Range(0, 4).Select(_ => new Thread(predictor.Dispose))];
            foreach (Thread owner in owners)
                owner.Start();
            foreach (Thread owner in owners)
                Assert.True(owner.Join(TimeSpan.FromSeconds(30)));
            Assert.True(caller.Join(TimeSpan.FromSeconds(30)));
        }
    }

    [Fact]
    public void One_call_gives_scores_facts_of_the_image_and_the_map_that_explains_them()
    {
        string path = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "severe.png");
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        Prediction plain = predictor.Analyze(path),
            explained = predictor.Analyze(path, new PredictionOptions { Saliency = SaliencyOptions.Default });
        SeverityScore score = predictor.Predict(path);
        Assert.Equal(score with { Timings = default }, plain.Score with { Timings = default });
        Assert.Equal((448, 448, "PNG"), (plain.Width, plain.Height, plain.Format));
        Assert.True(plain.Timings.Decode > TimeSpan.Zero);
        Assert.Null(plain.Saliency);
        Assert.Null(plain.Findings);
        Assert.True(plain.Features.IsEmpty);
        Assert.Equal(score.GeographicExtentRaw, explained.GeographicExtentRaw, 1e-4);
        Assert.Equal(explained.Score, explained.Saliency!.Score);
        Assert.Equal(predictor.Explain(path).Values.ToArray(), explained.Saliency.Values.ToArray());
    }

    [Fact]
    public void More_threads_than_a_machine_can_use_are_not_made()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 100_000, MaxConcurrency = 100_000 });
        Assert.InRange(System.Diagnostics.Process.GetCurrentProcess().Threads.Count, 1, PredictorOptions.MostThreads + 200);
        Assert.InRange(PredictorOptions.MostThreads, 1, 1024);
    }

    [Fact]
    public void A_batch_whose_input_would_be_larger_than_2_gib_is_refused()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        using XRayImage image = XRayImage.Load(Path.Combine(TestData.RepositoryRoot, "tests", "samples", "severe.png"));
        XRayImage[] images = new XRayImage[50_000];
        Array.Fill(images, image);
        SeverityException fault = Assert.Throws<SeverityException>(() => predictor.Predict(images, new SeverityScore[images.Length]));
        Assert.Equal(SeverityError.InvalidArgument, fault.Code);
        Assert.Contains("50000 images", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_view_is_refused()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => predictor.Predict(default(XRayPixels))).Code);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    public void Negative_options_are_refused(int threads, int concurrency)
    {
        PredictorOptions options = new() { Threads = threads, MaxConcurrency = concurrency };
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => SeverityPredictor.Create(options)).Code);
    }

    [Fact]
    public void The_default_model_scores_the_94_images_as_its_card_says()
    {
        string[][] rows = [.. File.ReadLines(TestData.Get("model-1.1.0", "predictions.csv")).Skip(1).Select(line => line.Split(','))];
        Assert.Equal(94, rows.Length);
        using SeverityPredictor predictor = SeverityPredictor.Create();
        Assert.All(rows, row =>
        {
            SeverityScore score = predictor.Predict(TestData.Get("data", "cxr", row[0]));
            double[] expected = [.. row.Skip(1).Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture))];
            // The file's scores come from Pillow's decoder and PyTorch; the tolerance is what a JPEG decoder's rounding moves.
            Assert.Equal(expected[0], score.GeographicExtent, 0.02);
            Assert.Equal(expected[1], score.Opacity, 0.02);
            Assert.Equal(expected[2], score.GeographicExtentRaw, 0.02);
            Assert.Equal(expected[3], score.OpacityRaw, 0.02);
        });
    }
}
