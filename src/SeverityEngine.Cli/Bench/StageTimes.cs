using SeverityEngine.Batch.Pipeline;

namespace SeverityEngine.Cli.Bench;

/// <summary>Milliseconds that each measured batch spent in each stage.</summary>
sealed class StageTimes
{
    public static readonly string[] Stages = ["decode", "preprocess", "infer", "total"];

    readonly List<double>[] _times = [[], [], [], []];

    public int Count => _times[0].Count;

    public void Add(TimeSpan decode, TimeSpan preprocess, TimeSpan infer, TimeSpan total)
    {
        _times[0].Add(decode.TotalMilliseconds);
        _times[1].Add(preprocess.TotalMilliseconds);
        _times[2].Add(infer.TotalMilliseconds);
        _times[3].Add(total.TotalMilliseconds);
    }

    public void Add(StageTimes other)
    {
        for (int stage = 0; stage < _times.Length; stage++)
            _times[stage].AddRange(other._times[stage]);
    }

    /// <summary>A row a stage.</summary>
    /// <param name="setting">What was measured.</param>
    /// <param name="wall">How long it took all callers together.</param>
    /// <param name="first">The first batch alone.</param>
    public IEnumerable<BenchRow> Rows(BenchSetting setting, TimeSpan wall, StageTimes first)
    {
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            List<double> times = _times[stage];
            times.Sort();
            double mean = times.Average();
            bool isTotal = stage == Stages.Length - 1;
            double rate = isTotal ? times.Count * setting.Batch / wall.TotalSeconds : setting.Callers * setting.Batch * 1000 / mean;
            yield return new BenchRow(Stages[stage], setting, Percentile(times, 50), Percentile(times, 90), Percentile(times, 99), rate)
            {
                Count = times.Count,
                Mean = mean,
                Least = times[0],
                Most = times[^1],
                Deviation = times.Count > 1 ? Math.Sqrt(times.Sum(t => (t - mean) * (t - mean)) / (times.Count - 1)) : null,
                First = first._times[stage][0],
            };
        }
    }

    /// <summary>The least time that so many of a hundred do not exceed (nearest rank).</summary>
    static double Percentile(List<double> sorted, int percent) => sorted[(percent * sorted.Count + 99) / 100 - 1];
}

/// <summary>What one stage of one setting takes.</summary>
/// <param name="Stage">decode, preprocess, infer, or total, which is all of them.</param>
/// <param name="Setting">The setting.</param>
/// <param name="P50">Half of the batches take at most so many milliseconds.</param>
/// <param name="P90">As <paramref name="P50"/>, for nine of ten.</param>
/// <param name="P99">As <paramref name="P50"/>, for 99 of 100.</param>
/// <param name="ImagesPerSecond">
/// Images a second: measured for total; for a stage, what all callers would reach with nothing else to do.
/// </param>
sealed record BenchRow(string Stage, BenchSetting Setting, double P50, double P90, double P99, double ImagesPerSecond)
{
    /// <summary>Fewer batches than this say little of percentiles.</summary>
    public const int FewSamples = 30;

    /// <summary>Measured batches.</summary>
    public required int Count { get; init; }

    /// <summary>Milliseconds of a batch, on average.</summary>
    public required double Mean { get; init; }

    /// <summary>Of the quickest batch.</summary>
    public required double Least { get; init; }

    /// <summary>Of the slowest.</summary>
    public required double Most { get; init; }

    /// <summary>The sample's standard deviation; null for one batch.</summary>
    public required double? Deviation { get; init; }

    /// <summary>Of the first batch of all, which counts in no other figure.</summary>
    public required double First { get; init; }

    /// <summary>Milliseconds that making the predictor took, once for all stages of a setting.</summary>
    public double Creation { get; init; }

    /// <summary>The most bytes that the process held meanwhile; null where the system doesn't say.</summary>
    public long? PeakMemory { get; init; }

    /// <summary>The mode as the command line spells it.</summary>
    public string ModeName => Setting.Mode == BatchMode.Throughput ? "throughput" : "latency";

    public static bool AreFew(int count) => count < FewSamples;
}
