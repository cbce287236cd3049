using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Pipeline;

/// <summary>The pipeline around a scorer that decodes nothing.</summary>
public class BatchPipelineTests
{
    static IEnumerable<InputItem> Inputs(int count, Action<int>? listed = null)
    {
        for (int i = 0; i < count; i++)
        {
            listed?.Invoke(i);
            yield return new StubInput($"{i}");
        }
    }

    static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"{i}")];

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 8)]
    [InlineData(false, 8)]
    public void A_hundred_thousand_images_give_as_many_rows_in_flat_memory(bool ordered, int workers)
    {
        const int Count = 100_000, Early = 10_000;
        BatchOptions options = new(workers, ordered);
        int listed = 0;
        long rows = 0, early = 0, late = 0, furthest = 0;
        HashSet<int> seen = [];
        new BatchPipeline(new StubScorer(), options).Run(Inputs(Count, i => Volatile.Write(ref listed, i)), row =>
        {
            furthest = Math.Max(furthest, Volatile.Read(ref listed) - rows);
            int number = int.Parse(row.Name, System.Globalization.CultureInfo.InvariantCulture);
            if (ordered)
                Assert.Equal(rows, number);
            else
                Assert.True(seen.Add(number));
            rows++;
            if (rows == Early)
                early = GC.GetTotalMemory(forceFullCollection: true);
            if (rows == Count - 1)
                late = GC.GetTotalMemory(forceFullCollection: true);
        });
        Assert.Equal(Count, rows);
        Assert.InRange(furthest, 0, options.Window);
        // A byte a row would be 90,000; what the unordered test itself keeps is some 4 MB.
        Assert.InRange(late - early, long.MinValue, (ordered ? 2L : 8L) << 20);
    }

    [Fact]
    public void Rows_come_in_input_order_though_workers_finish_in_another()
    {
        List<string> rows = [];
        new BatchPipeline(new StubScorer(n => Thread.Sleep(n % 7 == 0 ? 5 : 0)), new BatchOptions(6, Ordered: true))
            .Run(Inputs(300), r => rows.Add(r.Name));
        Assert.Equal(Names(300), rows);
    }

    [Fact]
    public void A_slow_image_holds_up_listing_by_no_more_than_the_window()
    {
        BatchOptions options = new(2, Ordered: true);
        using ManualResetEventSlim first = new();
        int listed = 0;
        StubScorer scorer = new(n =>
        {
            if (n == 0)
                Assert.True(first.Wait(TimeSpan.FromSeconds(30)));
        });
        List<string> rows = [];
        Thread run =
            new(() => new BatchPipeline(scorer, options).Run(Inputs(5000, i => Volatile.Write(ref listed, i)), r => rows.Add(r.Name)));
        run.Start();
        // Item number Window is listed, and then waits for room.
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref listed) == options.Window, TimeSpan.FromSeconds(30)));
        Thread.Sleep(100);
        Assert.Equal(options.Window, Volatile.Read(ref listed));
        Assert.Empty(rows);
        first.Set();
        run.Join();
        Assert.Equal(Names(5000), rows);
    }

    [Fact]
    public void After_a_stop_the_images_in_hand_are_written_and_no_others()
    {
        using CancellationTokenSource stop = new();
        using CountdownEvent inHand = new(3);
        StubScorer scorer = new(n =>
        {
            if (n < 10)
                return;
            inHand.Signal();
            Assert.True(stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
            Thread.Sleep(20);
        });
        List<string> rows = [];
        Thread stopper = new(() =>
        {
            inHand.Wait();
            stop.Cancel();
        });
        stopper.Start();
        new BatchPipeline(scorer, new BatchOptions(3, Ordered: true), stop.Token).Run(Inputs(1000), r => rows.Add(r.Name));
        stopper.Join();
        Assert.Equal(Names(13), rows);
    }

    [Fact]
    public void A_stop_ends_a_run_whose_input_never_comes()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(100));
        using ManualResetEventSlim never = new();
        new BatchPipeline(new StubScorer(), new BatchOptions(2, Ordered: true), stop.Token).Run(Inputs(1, _ => never.Wait()), _ => { });
        never.Set();
    }

    [Fact]
    public void A_fault_that_is_no_images_ends_the_run_and_surfaces()
    {
        InvalidOperationException fault = new("the model is broken");
        StubScorer scorer = new(n =>
        {
            if (n == 500)
                throw fault;
        });
        BatchPipeline pipeline = new(scorer, new BatchOptions(4, Ordered: true));
        Assert.Same(fault, Assert.Throws<InvalidOperationException>(() => pipeline.Run(Inputs(100_000), _ => { })));
    }

    [Fact]
    public void An_output_that_fails_ends_the_run_and_surfaces()
    {
        IOException fault = new("the pipe is closed");
        int written = 0;
        BatchPipeline pipeline = new(new StubScorer(), new BatchOptions(4, Ordered: true));
        void Write(ScoreRow row)
        {
            if (++written == 300)
                throw fault;
        }
        Assert.Same(fault, Assert.Throws<IOException>(() => pipeline.Run(Inputs(100_000), Write)));
        Assert.Equal(300, written);
    }

    [Fact]
    public void A_fault_in_listing_ends_the_run_and_surfaces()
    {
        SeverityException fault = new(SeverityError.FileUnreadable, "the list cannot be read");
        BatchPipeline pipeline = new(new StubScorer(), new BatchOptions(2, Ordered: true));
        Assert.Same(
            fault, Assert.Throws<SeverityException>(() => pipeline.Run(Inputs(100_000, i => _ = i < 50 ? 0 : throw fault), _ => { })));
    }

    [Fact]
    public void While_the_model_is_made_workers_decode_ahead_as_far_as_their_memory_goes()
    {
        const int Side = 2048; // 4 MiB an image
        using WaitingScorer scorer = new();
        BatchOptions options = new(2, Ordered: true);
        int held = options.Workers * (int)(options.DecodeAhead / (Side * Side));
        Assert.InRange(held, 2, options.Window - options.ReadAhead - options.Workers);
        List<string> rows = [];
        Thread run = new(() => new BatchPipeline(scorer, options)
            .Run(Enumerable.Range(0, 60).Select(i => new PictureInput($"{i}", Side)), r => rows.Add(r.Name)));
        run.Start();
        Assert.True(SpinWait.SpinUntil(() => scorer.Decoded == held, TimeSpan.FromSeconds(60)), $"{scorer.Decoded} of {held}");
        Thread.Sleep(100);
        Assert.Equal(held, scorer.Decoded);
        scorer.Made.Set();
        run.Join();
        Assert.Equal(Names(60), rows);
    }

    [Fact]
    public void An_image_that_was_decoded_ahead_does_not_wait_for_the_next_to_come()
    {
        using WaitingScorer scorer = new();
        using ManualResetEventSlim first = new();
        IEnumerable<InputItem> Slow()
        {
            yield return new PictureInput("0", 32);
            Assert.True(first.Wait(TimeSpan.FromSeconds(30)));
            yield return new PictureInput("1", 32);
        }
        List<string> rows = [];
        Thread run = new(() => new BatchPipeline(scorer, new BatchOptions(1, Ordered: true)).Run(Slow(), r =>
        {
            rows.Add(r.Name);
            first.Set();
        }));
        run.Start();
        Assert.True(SpinWait.SpinUntil(() => scorer.Decoded == 1, TimeSpan.FromSeconds(30)));
        scorer.Made.Set();
        run.Join();
        Assert.Equal(Names(2), rows);
    }

    /// <summary>A picture in memory.</summary>
    sealed class PictureInput(string name, int side) : InputItem(name)
    {
        public override byte[]? ReadStart(ImageLimits limits) => null;

        public override ImageFile Read(ImageLimits limits) =>
            ImageFile.Read(new MemoryStream(TestImages.Bmp(1, side)), Name, limits);
    }

    /// <summary>Decodes at once, and scores when its model has been made.</summary>
    sealed class WaitingScorer : IImageScorer, IDisposable
    {
        int _decoded;

        public ManualResetEventSlim Made { get; } = new();

        public int Decoded => Volatile.Read(ref _decoded);

        public bool IsReady => Made.IsSet;

        public DecodedImage Decode(string name, ImageFile file, TimeSpan reading)
        {
            DecodedImage decoded = new(new ScoreRow(name), file.Decode());
            Interlocked.Increment(ref _decoded);
            return decoded;
        }

        public ScoreRow Score(DecodedImage decoded)
        {
            Assert.True(Made.Wait(TimeSpan.FromSeconds(60)));
            return decoded.Row;
        }

        public ScoreRow Refuse(string name, SeverityException fault) => throw new NotSupportedException();

        public void Dispose() => Made.Dispose();
    }

    /// <summary>An image that is not there: what would be read is refused.</summary>
    sealed class StubInput(string name) : InputItem(name)
    {
        public override byte[]? ReadStart(ImageLimits limits) => null;

        public override ImageFile Read(ImageLimits limits) => throw new SeverityException(SeverityError.FileEmpty, Name);
    }

    /// <summary>Gives a row for a name.</summary>
    sealed class StubScorer(Action<int>? work = null) : IImageScorer
    {
        public bool IsReady => true;

        public DecodedImage Decode(string name, ImageFile file, TimeSpan reading) => throw new NotSupportedException();

        public ScoreRow Score(DecodedImage decoded) => throw new NotSupportedException();

        public ScoreRow Refuse(string name, SeverityException fault)
        {
            work?.Invoke(int.Parse(name, System.Globalization.CultureInfo.InvariantCulture));
            return new ScoreRow(name) { Error = fault };
        }
    }
}
