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
    public IEnumerable<BenchRow> Rows(BenchSetting setting, TimeSpan wall)
    {
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            List<double> times = _times[stage];
            times.Sort();
            bool isTotal = stage == Stages.Length - 1;
            double rate = isTotal
                ? times.Count * setting.Batch / wall.TotalSeconds
                : setting.Callers * setting.Batch * 1000 / times.Average();
            yield return new BenchRow(Stages[stage], setting, Percentile(times, 50), Percentile(times, 90), Percentile(times, 99), rate);
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
sealed record BenchRow(string Stage, BenchSetting Setting, double P50, double P90, double P99, double ImagesPerSecond);
