using System.Globalization;

namespace SeverityEngine.Evaluation.Report;

/// <summary>Plots of scores: how they are distributed, and how they lie beside readers' scores.</summary>
static class ScorePlots
{
    /// <summary>Width of a histogram's bars: half a point.</summary>
    const double BinWidth = 0.5;

    /// <summary>How scores are distributed; those of pictures outside the domain stand on the others, in a color of their own.</summary>
    public static void Histogram(HtmlWriter html, IReadOnlyList<ReportRow> rows, ScoreKind kind)
    {
        ScoreRange range = kind.Range;
        int bins = (int)((range.Highest - range.Lowest) / BinWidth);
        int[] inside = new int[bins], outside = new int[bins];
        foreach (ReportRow row in rows)
        {
            if (row.Score(kind) is not { } score)
                continue;
            // The last bar has both its ends.
            int bin = (int)Math.Clamp((score - range.Lowest) / BinWidth, 0, bins - 1);
            (row.IsOutside ? outside : inside)[bin]++;
        }
        int highest = Math.Max(1, inside.Zip(outside, (a, b) => a + b).Max());
        double step = Plot.Step(highest, 5, 1);
        Plot plot = new(html, (range.Lowest, range.Highest), (0, Math.Ceiling(highest / step) * step));
        plot.Begin($"Histogram of {kind.Title} in steps of half a point: "
            + string.Join(", ", inside.Select((n, i) => $"{Number(range.Lowest + (i * BinWidth))}: {n + outside[i]}")));
        plot.Axes(Capital(kind.Title), 1, "images", step);
        for (int i = 0; i < bins; i++)
        {
            double from = range.Lowest + (i * BinWidth);
            if (inside[i] > 0)
                plot.Bar("bar", from, from + BinWidth, 0, inside[i]);
            if (outside[i] > 0)
                plot.Bar("bar out", from, from + BinWidth, inside[i], inside[i] + outside[i]);
        }
        plot.End();
    }

    /// <summary>The model's scores over the readers', with the line on which both are equal.</summary>
    public static void Scatter(HtmlWriter html, IReadOnlyList<ScorePair> pairs, ScoreKind kind, double? mae)
    {
        ScoreRange range = kind.Range;
        Plot plot = new(html, (range.Lowest, range.Highest), (range.Lowest, range.Highest));
        plot.Begin($"Scatter plot of {kind.Title}, the model over the readers, {pairs.Count} images"
            + (mae is { } error ? $"; mean absolute error {Number(error)}" : ""));
        plot.Axes("readers", 1, "model", 1);
        plot.Line("identity", (range.Lowest, range.Lowest), (range.Highest, range.Highest));
        plot.Points("dot", pairs.Where(p => !p.IsOutside).Select(p => (range.Clamp(p.Readers), range.Clamp(p.Model))));
        plot.Points("dot out", pairs.Where(p => p.IsOutside).Select(p => (range.Clamp(p.Readers), range.Clamp(p.Model))));
        plot.End();
    }

    /// <summary>The differences over the means, with the bias and the limits of agreement (Bland and Altman 1986).</summary>
    public static void BlandAltman(HtmlWriter html, IReadOnlyList<ScorePair> pairs, ScoreKind kind, AgreementStatistics figures)
    {
        ScoreRange range = kind.Range;
        double bias = figures.Bias ?? 0;
        BlandAltman? limits = figures.BlandAltman;
        double farthest = pairs.Count == 0 ? 1 : pairs.Max(p => Math.Abs(p.Difference));
        if (limits is not null)
            farthest = Math.Max(farthest, Math.Max(Math.Abs(limits.LowerLimit), Math.Abs(limits.UpperLimit)) + limits.LimitHalfWidth);
        double end = Math.Min(Math.Ceiling(farthest), range.Highest - range.Lowest);
        Plot plot = new(html, (range.Lowest, range.Highest), (-end, end));
        plot.Begin($"Bland-Altman plot of {kind.Title}, {pairs.Count} images: bias {Signed(bias)}" + (limits is null ? ""
            : $", limits of agreement {Signed(limits.LowerLimit)} and {Signed(limits.UpperLimit)}"));
        plot.Axes("mean of model and readers", 1, "model less readers", Plot.Step(2 * end, 8, 0.5));
        if (limits is not null)
        {
            foreach (double limit in (double[])[limits.LowerLimit, limits.UpperLimit])
            {
                plot.Band("band", limit - limits.LimitHalfWidth, limit + limits.LimitHalfWidth);
                plot.Line("limit", (range.Lowest, limit), (range.Highest, limit));
            }
            plot.Band("band", limits.BiasInterval.Low, limits.BiasInterval.High);
        }
        plot.Line("identity", (range.Lowest, 0), (range.Highest, 0));
        plot.Line("bias", (range.Lowest, bias), (range.Highest, bias));
        plot.Points("dot", pairs.Where(p => !p.IsOutside).Select(p => (range.Clamp(p.Mean), p.Difference)));
        plot.Points("dot out", pairs.Where(p => p.IsOutside).Select(p => (range.Clamp(p.Mean), p.Difference)));
        if (limits is not null)
        {
            plot.Note(limits.UpperLimit, $"+1.96 sd {Signed(limits.UpperLimit)}");
            plot.Note(limits.LowerLimit, $"\u22121.96 sd {Signed(limits.LowerLimit)}");
        }
        plot.Note(bias, $"bias {Signed(bias)}");
        plot.End();
    }

    /// <summary>A number with its sign.</summary>
    public static string Signed(double value) =>
        value.ToString("+0.00;\u22120.00;0.00", CultureInfo.InvariantCulture);

    /// <summary>A number.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A text with a capital.</summary>
    public static string Capital(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";
}

/// <summary>A score of a model and the readers' of the same image.</summary>
/// <param name="Readers">The mean of the readers' scores.</param>
/// <param name="Model">The model's score.</param>
/// <param name="IsOutside">Whether the picture is outside the model's domain.</param>
readonly record struct ScorePair(double Readers, double Model, bool IsOutside)
{
    /// <summary>Above 0 the model scores higher.</summary>
    public double Difference => Model - Readers;

    /// <summary>The mean of both.</summary>
    public double Mean => (Model + Readers) / 2;
}
