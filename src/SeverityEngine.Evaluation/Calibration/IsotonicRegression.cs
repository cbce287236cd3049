using SeverityEngine.Refits;

namespace SeverityEngine.Evaluation.Calibration;

/// <summary>
/// Least squares among the functions that never fall, by pooling adjacent violators (Ayer et al. 1955; Best and Chakravarti 1990), as
/// scikit-learn's IsotonicRegression with <c>out_of_bounds='clip'</c> has it.
/// </summary>
static class IsotonicRegression
{
    /// <summary>Fits.</summary>
    /// <param name="x">The scores.</param>
    /// <param name="y">What they are to become; as many, at least one.</param>
    public static IsotonicRefit Fit(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        // Equal scores become one value, so they are one point to begin with.
        (double X, double Mean, int Weight)[] points =
        [
            .. Enumerable.Range(0, x.Count).GroupBy(i => x[i], i => y[i]).OrderBy(g => g.Key)
                .Select(g => (g.Key, g.Average(), g.Count())),
        ];
        double[] fitted = Pool(points);
        // Of a run of equal values the ends tell all.
        int[] kept =
        [
            .. Enumerable.Range(0, points.Length).Where(i => i == 0 || i == points.Length - 1
                || fitted[i] != fitted[i - 1] || fitted[i] != fitted[i + 1]),
        ];
        return new IsotonicRefit([.. kept.Select(i => points[i].X)], [.. kept.Select(i => fitted[i])]);
    }

    static double[] Pool((double X, double Mean, int Weight)[] points)
    {
        List<(double Sum, int Weight, int Points)> blocks = [];
        foreach ((_, double mean, int weight) in points)
        {
            (double Sum, int Weight, int Points) block = (mean * weight, weight, 1);
            while (blocks.Count > 0 && blocks[^1].Sum / blocks[^1].Weight >= block.Sum / block.Weight)
            {
                block = (blocks[^1].Sum + block.Sum, blocks[^1].Weight + block.Weight, blocks[^1].Points + block.Points);
                blocks.RemoveAt(blocks.Count - 1);
            }
            blocks.Add(block);
        }
        return [.. blocks.SelectMany(b => Enumerable.Repeat(b.Sum / b.Weight, b.Points))];
    }
}
