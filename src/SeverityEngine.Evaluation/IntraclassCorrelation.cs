using SeverityEngine.Evaluation.Statistics;

namespace SeverityEngine.Evaluation;

/// <summary>
/// Intraclass correlations of several raters who scored the same images: 1 where they agree, 0 where they agree no more than chance.
/// </summary>
/// <remarks>
/// Shrout and Fleiss, Intraclass Correlations: Uses in Assessing Rater Reliability, 1979; the interval of McGraw and Wong, Forming
/// Inferences about Some Intraclass Correlation Coefficients, 1996.
/// </remarks>
public sealed class IntraclassCorrelation
{
    IntraclassCorrelation(in MeanSquares squares)
    {
        double n = squares.Subjects, k = squares.Raters, rows = squares.BetweenSubjects, within = squares.WithinSubjects;
        double residual = squares.Residual, raters = squares.BetweenRaters;
        OneWay = (rows - within) / (rows + (k - 1) * within);
        Agreement = squares.Icc21;
        Consistency = (rows - residual) / (rows + (k - 1) * residual);
        MeanAgreement = (rows - residual) / (rows + (raters - residual) / n);
        AgreementInterval = Interval(squares);
    }

    /// <summary>ICC(1,1): a rater drawn anew for each image.</summary>
    public double OneWay { get; }

    /// <summary>ICC(2,1): absolute agreement of single raters, who stand for others. The one to report.</summary>
    public double Agreement { get; }

    /// <summary>The interval of <see cref="Agreement"/>; null where the raters agree in everything.</summary>
    public ConfidenceInterval? AgreementInterval { get; }

    /// <summary>ICC(3,1): agreement but for a constant between raters.</summary>
    public double Consistency { get; }

    /// <summary>ICC(2,k): absolute agreement of the mean of these raters.</summary>
    public double MeanAgreement { get; }

    /// <summary>Computes them.</summary>
    /// <param name="scores">The scores of each image, one from each rater in the same order.</param>
    /// <returns>The correlations; null below two raters or three images, and where all images have one score.</returns>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: images have different numbers of scores.
    /// </exception>
    public static IntraclassCorrelation? Of(IReadOnlyList<IReadOnlyList<double>> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int n = scores.Count, k = n > 0 ? scores[0].Count : 0;
        if (scores.Any(s => s.Count != k))
            throw new SeverityException(SeverityError.InvalidArgument, "images have unequal numbers of scores; leave out those with less");
        if (n < 3 || k < 2)
            return null;
        double mean = scores.Average(s => s.Average());
        double[] raters = [.. Enumerable.Range(0, k).Select(r => scores.Average(s => s[r]))];
        double rows = 0, residual = 0;
        foreach (IReadOnlyList<double> image in scores)
        {
            double own = image.Average();
            rows += k * (own - mean) * (own - mean);
            for (int r = 0; r < k; r++)
                residual += Math.Pow(image[r] - own - raters[r] + mean, 2);
        }
        double columns = n * raters.Sum(r => (r - mean) * (r - mean));
        return rows + columns + residual == 0 ? null
            : new IntraclassCorrelation(new MeanSquares(n, k, rows / (n - 1), columns / (k - 1), residual / (n - 1) / (k - 1)));
    }

    internal static IntraclassCorrelation? Of(MeanSquares? squares) => squares is { } known ? new IntraclassCorrelation(known) : null;

    static ConfidenceInterval? Interval(in MeanSquares squares)
    {
        double n = squares.Subjects, k = squares.Raters, rows = squares.BetweenSubjects, icc = squares.Icc21;
        double residual = squares.Residual, raters = squares.BetweenRaters;
        double a = k * icc / (n * (1 - icc)), b = 1 + k * icc * (n - 1) / (n * (1 - icc));
        double freedom = Math.Pow(a * raters + b * residual, 2)
            / (Math.Pow(a * raters, 2) / (k - 1) + Math.Pow(b * residual, 2) / ((n - 1) * (k - 1)));
        if (!double.IsFinite(freedom) || freedom <= 0)
            return null;
        double lower = Distributions.F975(n - 1, freedom), upper = Distributions.F975(freedom, n - 1);
        double others = k * raters + (k * n - k - n) * residual;
        return new ConfidenceInterval(n * (rows - lower * residual) / (lower * others + n * rows),
            n * (upper * rows - residual) / (others + n * upper * rows));
    }
}
