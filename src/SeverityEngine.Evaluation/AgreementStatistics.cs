using SeverityEngine.Evaluation.Statistics;

namespace SeverityEngine.Evaluation;

/// <summary>How well a model's scores agree with readers' scores of the same images. A figure that is undefined is null.</summary>
/// <remarks>
/// Errors are prediction less truth. The formulas, with their references, are in docs/evaluate.md; tests hold them against SciPy,
/// scikit-learn and statsmodels.
/// </remarks>
public sealed class AgreementStatistics
{
    AgreementStatistics(double[] truth, double[] prediction, ScoreKind kind)
    {
        Count = truth.Length;
        Discrimination = [];
        if (Count == 0)
            return;
        double middle = truth.Average();
        PairMoments sums = default;
        for (int i = 0; i < truth.Length; i++)
            sums.Add(truth[i] - middle, prediction[i] - middle);
        MeanAbsoluteError = sums.MeanAbsoluteError;
        RootMeanSquareError = sums.RootMeanSquareError;
        Bias = sums.Bias;
        WithinOnePoint = sums.WithinOne;
        MeanTruth = middle + sums.MeanTruth;
        MeanPrediction = middle + sums.MeanPrediction;
        if (Count < 2)
            return;
        TruthDeviation = Math.Sqrt(sums.TruthSquares / (Count - 1));
        PredictionDeviation = Math.Sqrt(sums.PredictionSquares / (Count - 1));
        BlandAltman = new BlandAltman(truth, prediction, sums);
        R2 = Defined(sums.R2);
        double[] ranks = new Ranks(prediction).Midranks();
        Discrimination = [.. Thresholds(kind).Select(t => Auc(truth, ranks, t)).OfType<ThresholdAuc>()];
        if (!sums.IsCorrelated)
            return;
        Pearson = sums.Pearson;
        PearsonInterval = FisherInterval(sums.Pearson, Count);
        Spearman = SpearmanOf(truth, ranks);
        KendallTauB = KendallTau.Of(truth, prediction);
        Calibration = Fit(sums, middle);
        Concordance = sums.Concordance;
        Intraclass = IntraclassCorrelation.Of(sums.TwoWay);
        QuadraticKappa = Kappa(truth, prediction, kind.Range);
    }

    /// <summary>How many images have both scores.</summary>
    public int Count { get; }

    /// <summary>The mean of the absolute errors; null without images.</summary>
    public double? MeanAbsoluteError { get; }

    /// <summary>The root of the mean of the squared errors.</summary>
    public double? RootMeanSquareError { get; }

    /// <summary>The mean error: above 0 the model scores higher than the readers.</summary>
    public double? Bias { get; }

    /// <summary>The share of images whose error is at most 1 point.</summary>
    public double? WithinOnePoint { get; }

    /// <summary>The mean of the readers' scores.</summary>
    public double? MeanTruth { get; }

    /// <summary>The mean of the model's scores.</summary>
    public double? MeanPrediction { get; }

    /// <summary>The standard deviation (n - 1) of the readers' scores; null below two images.</summary>
    public double? TruthDeviation { get; }

    /// <summary>That of the model's scores.</summary>
    public double? PredictionDeviation { get; }

    /// <summary>The limits of agreement; null below two images.</summary>
    public BlandAltman? BlandAltman { get; }

    /// <summary>
    /// 1 less the sum of squared errors over the sum of squares of truth about its mean; null for a constant truth. Below 0 the mean of the
    /// truth would be the better prediction.
    /// </summary>
    public double? R2 { get; }

    /// <summary>Pearson's correlation; like all that follow, null below three images and where either score is constant.</summary>
    public double? Pearson { get; }

    /// <summary>Its interval, by Fisher's z transformation; null below four images.</summary>
    public ConfidenceInterval? PearsonInterval { get; }

    /// <summary>Spearman's rank correlation; equal scores share the middle of their ranks.</summary>
    public double? Spearman { get; }

    /// <summary>Kendall's tau-b.</summary>
    public double? KendallTauB { get; }

    /// <summary>The line of least squares of truth on prediction: slope 1 and intercept 0 where the model is calibrated.</summary>
    public LinearFit? Calibration { get; }

    /// <summary>
    /// Lin's concordance correlation, with population variances (A Concordance Correlation Coefficient to Evaluate Reproducibility, 1989).
    /// </summary>
    public double? Concordance { get; }

    /// <summary>Intraclass correlations of the model and the readers as two raters.</summary>
    public IntraclassCorrelation? Intraclass { get; }

    /// <summary>
    /// Cohen's kappa with quadratic weights (Weighted Kappa, 1968) of both scores rounded half up and cut to the range; null where all are
    /// of one category.
    /// </summary>
    public double? QuadraticKappa { get; }

    /// <summary>
    /// How well the score tells images with truth at or above a threshold from the others; thresholds that all images, or none, reach are
    /// left out. Extent 1, 2, 4, 6; opacity 1, 2, 3, 4.
    /// </summary>
    public IReadOnlyList<ThresholdAuc> Discrimination { get; }

    /// <summary>Computes the figures.</summary>
    /// <param name="truth">The readers' scores.</param>
    /// <param name="prediction">The model's scores of the same images.</param>
    /// <param name="kind">Which score they are.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: there are not equally many, or one is not finite.
    /// </exception>
    public static AgreementStatistics Of(ReadOnlySpan<double> truth, ReadOnlySpan<double> prediction, ScoreKind kind)
    {
        ScorePairs.Require(truth, prediction);
        return new AgreementStatistics(truth.ToArray(), prediction.ToArray(), kind);
    }

    /// <summary>A figure that <see cref="AgreementBootstrap"/> has intervals of; null where it is undefined.</summary>
    public double? Value(AgreementMeasure measure) => measure switch
    {
        AgreementMeasure.MeanAbsoluteError => MeanAbsoluteError,
        AgreementMeasure.RootMeanSquareError => RootMeanSquareError,
        AgreementMeasure.Bias => Bias,
        AgreementMeasure.R2 => R2,
        AgreementMeasure.Pearson => Pearson,
        AgreementMeasure.Spearman => Spearman,
        AgreementMeasure.Intraclass => Intraclass?.Agreement,
        AgreementMeasure.CalibrationSlope => Calibration?.Slope,
        AgreementMeasure.Concordance => Concordance,
        AgreementMeasure.WithinOnePoint => WithinOnePoint,
        _ => throw new SeverityException(SeverityError.InvalidArgument, $"{measure} is no measure that is known"),
    };

    /// <summary>The truth at which images are told apart.</summary>
    static double[] Thresholds(ScoreKind kind) => kind == ScoreKind.GeographicExtent ? [1, 2, 4, 6] : [1, 2, 3, 4];

    static double? Defined(double value) => double.IsNaN(value) ? null : value;

    static ConfidenceInterval? FisherInterval(double r, int count)
    {
        if (count < 4)
            return null;
        double z = Math.Atanh(r), width = Distributions.Normal975 / Math.Sqrt(count - 3);
        return new ConfidenceInterval(Math.Tanh(z - width), Math.Tanh(z + width));
    }

    static double SpearmanOf(double[] truth, double[] ranks)
    {
        double[] x = new Ranks(truth).Midranks();
        PairMoments sums = default;
        double middle = (truth.Length + 1) / 2.0;
        for (int i = 0; i < x.Length; i++)
            sums.Add(x[i] - middle, ranks[i] - middle);
        return sums.Pearson;
    }

    static LinearFit Fit(in PairMoments sums, double middle)
    {
        double slope = sums.CalibrationSlope;
        // What the line leaves of truth's squares; below 0 by rounding alone.
        double left = Math.Max(0, sums.TruthSquares - slope * sums.Products);
        return new LinearFit(slope, middle + sums.MeanTruth - slope * (middle + sums.MeanPrediction),
            Math.Sqrt(left / (sums.Count - 2) / sums.PredictionSquares));
    }

    static ThresholdAuc? Auc(double[] truth, double[] ranks, double threshold)
    {
        long positives = truth.LongCount(t => t >= threshold), negatives = truth.Length - positives;
        if (positives == 0 || negatives == 0)
            return null;
        double sum = 0;
        for (int i = 0; i < truth.Length; i++)
            sum += truth[i] >= threshold ? ranks[i] : 0;
        // Mann and Whitney's U over the number of pairs.
        return new ThresholdAuc(threshold, (int)positives, (sum - positives * (positives + 1) / 2.0) / positives / negatives);
    }

    static double? Kappa(double[] truth, double[] prediction, ScoreRange range)
    {
        // With quadratic weights the chance's disagreement is that of the categories' means and variances alone.
        double observed = 0, sumT = 0, sumP = 0, squares = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            double t = Category(truth[i], range), p = Category(prediction[i], range);
            observed += (t - p) * (t - p);
            sumT += t;
            sumP += p;
            squares += t * t + p * p;
        }
        double byChance = squares - 2 * sumT * sumP / truth.Length;
        return byChance > 0 ? 1 - observed / byChance : null;
    }

    static double Category(double score, ScoreRange range) => range.Clamp(Math.Floor(score + 0.5));
}

/// <summary>
/// The differences of two scores against their mean: Bland and Altman, Statistical Methods for Assessing Agreement between Two Methods of
/// Clinical Measurement, 1986.
/// </summary>
public sealed class BlandAltman
{
    internal BlandAltman(double[] truth, double[] prediction, in PairMoments sums)
    {
        int n = truth.Length;
        double bias = sums.Bias, t = Distributions.T975(n - 1);
        Deviation = Math.Sqrt(sums.DifferenceSquares / (n - 1));
        BiasInterval = new(bias - t * Deviation / Math.Sqrt(n), bias + t * Deviation / Math.Sqrt(n));
        LowerLimit = bias - Distributions.Normal975 * Deviation;
        UpperLimit = bias + Distributions.Normal975 * Deviation;
        LimitHalfWidth = t * Deviation * Math.Sqrt(1.0 / n + Distributions.Normal975 * Distributions.Normal975 / (2 * (n - 1)));
        if (!sums.IsCorrelated)
            return;
        PairMoments trend = default;
        double middle = truth.Average();
        for (int i = 0; i < n; i++)
            trend.Add(prediction[i] - truth[i], (prediction[i] + truth[i]) / 2 - middle);
        if (trend.PredictionSquares == 0)
            return;
        double slope = trend.Products / trend.PredictionSquares;
        double left = Math.Max(0, trend.TruthSquares - slope * trend.Products);
        Slope = slope;
        SlopeP = slope == 0 ? 1 : Distributions.TwoSidedT(slope / Math.Sqrt(left / (n - 2) / trend.PredictionSquares), n - 2);
    }

    /// <summary>The standard deviation (n - 1) of the differences.</summary>
    public double Deviation { get; }

    /// <summary>The bias's interval, by Student's t.</summary>
    public ConfidenceInterval BiasInterval { get; }

    /// <summary>The bias less 1.96 deviations: 95 % of differences lie between the limits, where they are normal.</summary>
    public double LowerLimit { get; }

    /// <summary>The bias plus 1.96 deviations.</summary>
    public double UpperLimit { get; }

    /// <summary>Half the width of each limit's own 95 % interval.</summary>
    public double LimitHalfWidth { get; }

    /// <summary>A limit's own interval.</summary>
    internal ConfidenceInterval Around(double limit) => new(limit - LimitHalfWidth, limit + LimitHalfWidth);

    /// <summary>
    /// The slope of the differences on the means: below 0 high scores read low; null where <see cref="AgreementStatistics.Pearson"/> is, or
    /// the means are constant.
    /// </summary>
    public double? Slope { get; }

    /// <summary>The probability of such a slope by chance, two-sided.</summary>
    public double? SlopeP { get; }
}

/// <summary>A line of least squares.</summary>
/// <param name="Slope">The slope.</param>
/// <param name="Intercept">The intercept.</param>
/// <param name="SlopeStandardError">The slope's standard error.</param>
public readonly record struct LinearFit(double Slope, double Intercept, double SlopeStandardError);

/// <summary>How well a score tells severe images from others: the area under the receiver operating characteristic.</summary>
/// <param name="Threshold">Images are severe where the truth is at or above it.</param>
/// <param name="Positives">How many are.</param>
/// <param name="Auc">The probability that a severe image scores higher than another, ties counting half.</param>
public readonly record struct ThresholdAuc(double Threshold, int Positives, double Auc);
