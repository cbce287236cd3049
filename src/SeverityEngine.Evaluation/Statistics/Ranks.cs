namespace SeverityEngine.Evaluation.Statistics;

/// <summary>
/// A list of values in order, so that ranks are had without sorting again, for the values themselves and for samples of them: equal values
/// share the middle of their ranks.
/// </summary>
sealed class Ranks
{
    readonly int[] _groupOf;

    /// <param name="values">The values.</param>
    public Ranks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] order = new int[sorted.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(sorted, order);
        _groupOf = new int[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i == 0 || sorted[i] != sorted[i - 1])
                Groups++;
            _groupOf[order[i]] = Groups - 1;
        }
    }

    /// <summary>How many different values there are.</summary>
    public int Groups { get; }

    /// <summary>The ranks of the values, from 1.</summary>
    public double[] Midranks()
    {
        int[] once = new int[_groupOf.Length];
        once.AsSpan().Fill(1);
        double[] ranks = new double[_groupOf.Length];
        Write(once, new double[Groups], ranks);
        return ranks;
    }

    /// <summary>The ranks of the values in a sample that has each of them a number of times.</summary>
    /// <param name="times">How often the sample has each value; where it is 0 the rank means nothing.</param>
    /// <param name="scratch">Room for <see cref="Groups"/> values.</param>
    /// <param name="ranks">The ranks.</param>
    public void Write(ReadOnlySpan<int> times, Span<double> scratch, Span<double> ranks)
    {
        scratch.Clear();
        for (int i = 0; i < _groupOf.Length; i++)
            scratch[_groupOf[i]] += times[i];
        double below = 0;
        for (int g = 0; g < scratch.Length; g++)
        {
            double count = scratch[g];
            scratch[g] = below + (count + 1) / 2;
            below += count;
        }
        for (int i = 0; i < _groupOf.Length; i++)
            ranks[i] = scratch[_groupOf[i]];
    }
}
