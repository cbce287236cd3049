namespace SeverityEngine.Evaluation.Statistics;

/// <summary>Kendall's tau-b in n log n steps: Knight, A Computer Method for Calculating Kendall's Tau with Ungrouped Data, 1966.</summary>
static class KendallTau
{
    /// <summary>The coefficient, -1 to 1, with ties in either list; neither may be constant.</summary>
    public static double Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        (double X, double Y)[] pairs = new (double, double)[x.Length];
        for (int i = 0; i < pairs.Length; i++)
            pairs[i] = (x[i], y[i]);
        Array.Sort(pairs);
        long all = Pairs(pairs.Length), tiesX = 0, tiesBoth = 0, tiesY = 0;
        long runX = 1, runBoth = 1;
        for (int i = 1; i <= pairs.Length; i++)
        {
            bool sameX = i < pairs.Length && pairs[i].X == pairs[i - 1].X, same = sameX && pairs[i].Y == pairs[i - 1].Y;
            if (same)
                runBoth++;
            else
            {
                tiesBoth += Pairs(runBoth);
                runBoth = 1;
            }
            if (sameX)
                runX++;
            else
            {
                tiesX += Pairs(runX);
                runX = 1;
            }
        }
        double[] sorted = [.. pairs.Select(p => p.Y)];
        long swaps = Swaps(sorted, new double[sorted.Length]);
        long runY = 1;
        for (int i = 1; i <= sorted.Length; i++)
        {
            if (i < sorted.Length && sorted[i] == sorted[i - 1])
                runY++;
            else
            {
                tiesY += Pairs(runY);
                runY = 1;
            }
        }
        double concordantLessDiscordant = all - tiesX - tiesY + tiesBoth - 2 * swaps;
        return Math.Clamp(concordantLessDiscordant / Math.Sqrt(all - tiesX) / Math.Sqrt(all - tiesY), -1, 1);
    }

    static long Pairs(long count) => count * (count - 1) / 2;

    /// <summary>Sorts by merging, and counts the pairs that stood in the wrong order.</summary>
    static long Swaps(Span<double> values, Span<double> scratch)
    {
        if (values.Length < 2)
            return 0;
        int half = values.Length / 2;
        Span<double> left = values[..half], right = values[half..];
        long swaps = Swaps(left, scratch[..half]) + Swaps(right, scratch[half..]);
        int l = 0, r = 0, at = 0;
        while (l < left.Length && r < right.Length)
        {
            if (right[r] < left[l])
            {
                swaps += left.Length - l;
                scratch[at++] = right[r++];
            }
            else
                scratch[at++] = left[l++];
        }
        left[l..].CopyTo(scratch[at..]);
        right[r..].CopyTo(scratch[(at + left.Length - l)..]);
        scratch.CopyTo(values);
        return swaps;
    }
}
