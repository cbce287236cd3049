using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace SeverityEngine.Cli.Bench;

/// <summary>Measures one setting.</summary>
sealed class BenchRun(BenchImages images, BenchSetting setting, BenchLimit limit, SeverityPredictor predictor)
{
    int _begun;
    ExceptionDispatchInfo? _fault;

    /// <summary>Scores a first batch, warms up, measures, and gives a row a stage.</summary>
    public IReadOnlyList<BenchRow> Run()
    {
        StageTimes first = new();
        Measure(0, first);
        StageTimes[] times = [.. Enumerable.Range(0, setting.Callers).Select(_ => new StageTimes())];
        using Barrier warm = new(setting.Callers + 1);
        long start = 0;
        Thread[] callers = [.. times.Select((own, caller) => new Thread(() => Call(caller, own, warm, ref start)) { IsBackground = true })];
        foreach (Thread caller in callers)
            caller.Start();
        warm.SignalAndWait();
        // All are warm and wait: from here it counts.
        Volatile.Write(ref start, Stopwatch.GetTimestamp());
        warm.SignalAndWait();
        foreach (Thread caller in callers)
            caller.Join();
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        _fault?.Throw();
        StageTimes all = new();
        foreach (StageTimes own in times)
            all.Add(own);
        return [.. all.Rows(setting, wall, first)];
    }

    void Call(int caller, StageTimes times, Barrier warm, ref long start)
    {
        try
        {
            StageTimes unmeasured = new();
            long begun = Stopwatch.GetTimestamp();
            for (int i = 0; i < limit.WarmUp.Batches || Stopwatch.GetElapsedTime(begun) < limit.WarmUp.Time; i++)
                Measure(caller + i, unmeasured);
        }
        catch (SeverityException e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
        }
        warm.SignalAndWait();
        warm.SignalAndWait();
        try
        {
            while (_fault is null && Next(times, Volatile.Read(ref start)) is { } iteration)
                Measure(iteration, times);
        }
        catch (SeverityException e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>
    /// The number of the next batch; null where it is enough. Every caller measures at least one where time is the limit.
    /// </summary>
    int? Next(StageTimes times, long start)
    {
        int next = Interlocked.Increment(ref _begun) - 1;
        bool more = limit.Iterations is { } count ? next < count : times.Count == 0 || Stopwatch.GetElapsedTime(start) < limit.Time;
        return more ? next : null;
    }

    void Measure(int iteration, StageTimes times)
    {
        long start = Stopwatch.GetTimestamp();
        List<XRayImage> decoded = new(setting.Batch);
        try
        {
            for (int i = 0; i < setting.Batch; i++)
                decoded.Add(images[(int)(((long)iteration * setting.Batch + i) % images.Count)].Decode());
            TimeSpan decode = Stopwatch.GetElapsedTime(start);
            SeverityScore[] scores = new SeverityScore[setting.Batch];
            if (setting.Batch == 1)
                scores[0] = predictor.Analyze(decoded[0]).Score;
            else
                predictor.Predict(decoded, scores);
            TimeSpan preprocess = TimeSpan.Zero, infer = TimeSpan.Zero;
            foreach (SeverityScore score in scores)
            {
                preprocess += score.Timings.Preprocess;
                infer += score.Timings.Infer;
            }
            times.Add(decode, preprocess, infer, Stopwatch.GetElapsedTime(start));
        }
        finally
        {
            foreach (XRayImage image in decoded)
                image.Dispose();
        }
    }
}
