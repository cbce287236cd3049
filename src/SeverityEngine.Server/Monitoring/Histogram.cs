using System.Globalization;
using System.Text;

namespace SeverityEngine.Server.Monitoring;

/// <summary>How often something took how long, as Prometheus counts it. Safe for use by several threads.</summary>
sealed class Histogram
{
    /// <summary>The upper ends of the buckets, in seconds.</summary>
    static readonly double[] s_ends = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    readonly long[] _counts = new long[s_ends.Length + 1];
    long _ticks;

    public void Add(TimeSpan time)
    {
        int bucket = 0;
        while (bucket < s_ends.Length && time.TotalSeconds > s_ends[bucket])
            bucket++;
        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _ticks, time.Ticks);
    }

    /// <summary>Writes its samples.</summary>
    /// <param name="text">Where.</param>
    /// <param name="name">The metric.</param>
    /// <param name="label">A label with its value, <c>stage="wait"</c>.</param>
    public void Write(StringBuilder text, string name, string label)
    {
        long sum = 0;
        for (int i = 0; i < s_ends.Length; i++)
        {
            sum += Interlocked.Read(ref _counts[i]);
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{label},le=\"{s_ends[i]}\"}} {sum}\n");
        }
        sum += Interlocked.Read(ref _counts[^1]);
        text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{label},le=\"+Inf\"}} {sum}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"{name}_sum{{{label}}} {TimeSpan.FromTicks(Interlocked.Read(ref _ticks)).TotalSeconds}\n{name}_count{{{label}}} {sum}\n");
    }
}
