using System.Diagnostics;
using System.Globalization;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>How far a run has come. Written by one thread, read by any.</summary>
sealed class BatchCounts : IRunProgress
{
    readonly long _start = Stopwatch.GetTimestamp();
    long _done;
    long _failed;
    long _skipped;
    long _total = -1;

    /// <summary>Inputs that have their rows.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>Those of them whose row is an error.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Those of them whose row the output held already.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>How many inputs there are; negative while that is unknown.</summary>
    public long Total
    {
        get => Volatile.Read(ref _total);
        set => Volatile.Write(ref _total, value);
    }

    public void Add(ScoreRow row)
    {
        Volatile.Write(ref _done, _done + 1);
        if (row.Error is not null)
            Volatile.Write(ref _failed, _failed + 1);
        if (row.AlreadyWritten)
            Volatile.Write(ref _skipped, _skipped + 1);
    }

    /// <summary>
    /// Counts the inputs beside the run, for the time that is left, where that can be done without taking them from it.
    /// </summary>
    public void CountAhead(InputList inputs) => new Thread(() =>
    {
        try
        {
            Total = inputs.Count() ?? -1;
        }
        catch (SeverityException)
        {
            // The run reports it.
        }
    })
    { IsBackground = true, Name = "count" }.Start();

    /// <summary>For example: 120 of 1000 images, 45.1 a second, 0:20 left, 2 failed.</summary>
    public string Describe()
    {
        long done = Done, total = Total;
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        double rate = Rate(seconds);
        string images = total >= done ? $"{done} of {total} images" : Amount.Of(done, "image");
        string left = total > done && rate > 0 ? $", {Clock((total - done) / rate)} left" : "";
        return $"{images}{Paced(rate)}{left}{Outcomes()}";
    }

    /// <summary>For example: 94 images in 2.1 s, 45.1 a second, 2 failed.</summary>
    public string Summarize()
    {
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        return $"{Amount.Of(Done, "image")} in {Duration(seconds)}{Paced(Rate(seconds))}{Outcomes()}";
    }

    /// <summary>Images scored a second; those whose rows were there already took no time.</summary>
    double Rate(double seconds) => (Done - Skipped) / Math.Max(seconds, 1e-3);

    static string Paced(double rate) => rate > 0 ? string.Create(CultureInfo.InvariantCulture, $", {rate:0.0} a second") : "";

    string Outcomes() => Counted(Skipped, "already scored") + Counted(Failed, "failed");

    static string Counted(long count, string what) => count > 0 ? $", {count} {what}" : "";

    /// <summary>So exact that the rate beside it is seen to agree.</summary>
    static string Duration(double seconds) => seconds >= 60 ? Clock(seconds)
        : seconds.ToString(seconds < 10 ? "0.00 s" : "0.0 s", CultureInfo.InvariantCulture);

    static string Clock(double seconds)
    {
        long whole = (long)Math.Min(Math.Ceiling(seconds), 1e9);
        return whole >= 3600 ? $"{whole / 3600}:{whole / 60 % 60:00}:{whole % 60:00}" : $"{whole / 60}:{whole % 60:00}";
    }
}
