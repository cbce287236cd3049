using System.Diagnostics;

namespace SeverityEngine.Tests.Inference;

/// <summary>Predictions that take minutes are ended by one call; what begins afterwards is not.</summary>
[Collection(RunAlone.Name)]
public class CancellationTests
{
    /// <summary>A product takes milliseconds; the rest is for a machine that has much else to do.</summary>
    static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    static readonly byte[] s_pixels = new byte[64 * 64];

    [Fact]
    public void Predictions_that_run_and_that_wait_are_canceled_and_later_ones_are_not()
    {
        using SeverityPredictor predictor = Create(SlowModel.Create(), concurrency: 2);
        // Two run, two wait for their turn; each thread asks for another kind of result.
        Caller[] callers = [new(() => predictor.Predict(View())), new(() => predictor.Analyze(Image())),
            new(() => predictor.Predict(View())), new(() => predictor.Predict([Image(), Image()], new SeverityScore[2]))];
        Thread.Sleep(300);
        Assert.All(callers, c => Assert.False(c.HasEnded));
        long start = Stopwatch.GetTimestamp();
        predictor.Cancel();
        Assert.All(callers, c => Assert.Equal(SeverityError.Canceled, c.Error()?.Code));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, s_soon);

        // The same slots run again: this one until it is canceled in its turn.
        Caller later = new(() => predictor.Predict(View()));
        Thread.Sleep(300);
        Assert.False(later.HasEnded);
        predictor.Cancel();
        Assert.Equal(SeverityError.Canceled, later.Error()?.Code);
    }

    [Fact]
    public void A_canceled_predictor_scores_as_before()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        double before = predictor.Predict(View()).GeographicExtentRaw;
        predictor.Cancel();
        Assert.Equal(before, predictor.Predict(View()).GeographicExtentRaw);
        for (int round = 0; round < 50; round++)
        {
            // Wherever the cancellation meets a prediction, it is canceled or right.
            Caller caller = new(() => Assert.Equal(before, predictor.Predict(View()).GeographicExtentRaw));
            Thread.SpinWait(round * 20_000);
            predictor.Cancel();
            Assert.True(caller.Error() is null or { Code: SeverityError.Canceled });
            Assert.Equal(before, predictor.Predict(View()).GeographicExtentRaw);
        }
        predictor.Explain(View());
        predictor.Cancel();
        predictor.Explain(View());
    }

    [Fact]
    public void Saliency_is_canceled_too()
    {
        using SeverityPredictor predictor = Create(SlowModel.Create(1000), concurrency: 1);
        predictor.PrepareToExplain();
        Caller caller = new(() => predictor.Explain(View()));
        Thread.Sleep(300);
        predictor.Cancel();
        Assert.Equal(SeverityError.Canceled, caller.Error()?.Code);
    }

    [Fact]
    public void A_token_cancels_what_runs_and_whatever_comes_later()
    {
        using CancellationTokenSource source = new();
        SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions
        {
            Model = new ModelFile(SlowModel.Create()),
            Threads = 1,
            MaxConcurrency = 1,
            Cancellation = source.Token,
        });
        Caller caller = new(() => predictor.Predict(View()));
        Thread.Sleep(300);
        source.Cancel();
        Assert.Equal(SeverityError.Canceled, caller.Error()?.Code);
        Assert.Equal(SeverityError.Canceled, Assert.Throws<SeverityException>(() => predictor.Predict(View())).Code);
        Assert.Equal(SeverityError.Canceled, Assert.Throws<SeverityException>(() => predictor.Explain(View())).Code);
        predictor.Dispose();
        Assert.Equal(SeverityError.Disposed, Assert.Throws<SeverityException>(() => predictor.Predict(View())).Code);
        Assert.Equal(SeverityError.Canceled, Assert.Throws<SeverityException>(() =>
            SeverityPredictor.Create(new PredictorOptions { Cancellation = source.Token })).Code);
    }

    [Fact]
    public void A_disposed_predictor_may_be_canceled()
    {
        SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        predictor.Predict(View());
        predictor.Dispose();
        predictor.Cancel();
    }

    [Fact]
    public void Predictions_under_a_token_allocate_nothing_and_neither_does_canceling()
    {
        using CancellationTokenSource source = new();
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1, Cancellation = source.Token });
        predictor.Predict(View());
        predictor.Cancel();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            predictor.Predict(View());
            predictor.Cancel();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    static SeverityPredictor Create(byte[] model, int concurrency) => SeverityPredictor.Create(
        new PredictorOptions { Model = new ModelFile(model), Threads = 1, MaxConcurrency = concurrency });

    static XRayPixels View() => new(s_pixels, 64, 64);

    static XRayImage Image() => XRayImage.Load(Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"));

    /// <summary>A call on a thread of its own.</summary>
    sealed class Caller
    {
        readonly Thread _thread;
        Exception? _error;

        public Caller(Action call)
        {
            _thread = new Thread(() => _error = Record.Exception(call)) { IsBackground = true };
            _thread.Start();
        }

        public bool HasEnded => !_thread.IsAlive;

        /// <summary>What ended it; null for its success.</summary>
        public SeverityException? Error()
        {
            Assert.True(_thread.Join(s_soon));
            return _error is null ? null : Assert.IsType<SeverityException>(_error);
        }
    }
}
