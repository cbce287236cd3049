namespace SeverityEngine.Evaluation.Statistics;

/// <summary>
/// Sums over pairs of truth and prediction, of which all figures but those of ranks follow. Sums of parts add up, so a sample of patients
/// is the sum of its patients' sums.
/// </summary>
/// <remarks>Values are taken from a middle that all sums share, lest large means eat the digits of small deviations.</remarks>
struct PairMoments
{
    /// <summary>Below this share of its sum of squares a variance is rounding: the values are constant.</summary>
    const double Rounding = 1e-13;

    double _truth, _prediction, _truthSquares, _predictionSquares, _products, _differenceSquares, _absolute, _within;

    /// <summary>How many pairs there are.</summary>
    public double Count { get; private set; }

    /// <summary>Adds a pair.</summary>
    /// <param name="truth">The readers' score, less the middle.</param>
    /// <param name="prediction">The model's, less the middle.</param>
    /// <param name="times">How often it counts.</param>
    public void Add(double truth, double prediction, double times = 1)
    {
        double difference = prediction - truth;
        Count += times;
        _truth += times * truth;
        _prediction += times * prediction;
        _truthSquares += times * truth * truth;
        _predictionSquares += times * prediction * prediction;
        _products += times * truth * prediction;
        _differenceSquares += times * difference * difference;
        _absolute += times * Math.Abs(difference);
        _within += Math.Abs(difference) <= 1 ? times : 0;
    }

    /// <summary>Adds the sums of other pairs a number of times.</summary>
    public void Add(in PairMoments other, double times)
    {
        Count += times * other.Count;
        _truth += times * other._truth;
        _prediction += times * other._prediction;
        _truthSquares += times * other._truthSquares;
        _predictionSquares += times * other._predictionSquares;
        _products += times * other._products;
        _differenceSquares += times * other._differenceSquares;
        _absolute += times * other._absolute;
        _within += times * other._within;
    }

    public readonly double MeanTruth => _truth / Count;

    public readonly double MeanPrediction => _prediction / Count;

    public readonly double Bias => (_prediction - _truth) / Count;

    public readonly double MeanAbsoluteError => _absolute / Count;

    public readonly double RootMeanSquareError => Math.Sqrt(_differenceSquares / Count);

    public readonly double WithinOne => _within / Count;

    /// <summary>The sum of squares of the truth about its mean; 0 for a constant.</summary>
    public readonly double TruthSquares => About(_truthSquares, _truth);

    /// <summary>That of the prediction.</summary>
    public readonly double PredictionSquares => About(_predictionSquares, _prediction);

    /// <summary>That of the differences.</summary>
    public readonly double DifferenceSquares => About(_differenceSquares, _prediction - _truth);

    /// <summary>The sum of products of both about their means.</summary>
    public readonly double Products => _products - _truth * _prediction / Count;

    /// <summary>1 - errors' sum of squares / truth's about its mean; not a number for a constant truth.</summary>
    public readonly double R2 => TruthSquares > 0 ? 1 - _differenceSquares / TruthSquares : double.NaN;

    /// <summary>Whether neither is constant, and there are three pairs: below that figures of correlation mean nothing.</summary>
    public readonly bool IsCorrelated => Count >= 3 && TruthSquares > 0 && PredictionSquares > 0;

    /// <summary>Pearson's correlation; not a number where it is undefined.</summary>
    public readonly double Pearson => IsCorrelated
        ? Math.Clamp(Products / Math.Sqrt(TruthSquares * PredictionSquares), -1, 1) : double.NaN;

    /// <summary>The slope of the least squares of truth on prediction; not a number where it is undefined.</summary>
    public readonly double CalibrationSlope => IsCorrelated ? Products / PredictionSquares : double.NaN;

    /// <summary>Lin's concordance, with population variances; not a number where it is undefined.</summary>
    public readonly double Concordance => IsCorrelated
        ? 2 * Products / (TruthSquares + PredictionSquares + Count * Bias * Bias) : double.NaN;

    /// <summary>The two-way analysis of variance of both as two raters; null where it is undefined.</summary>
    public readonly MeanSquares? TwoWay => !IsCorrelated ? null : new MeanSquares(Subjects: Count, Raters: 2,
        BetweenSubjects: (TruthSquares + PredictionSquares + 2 * Products) / 2 / (Count - 1),
        BetweenRaters: Count * Bias * Bias / 2,
        Residual: DifferenceSquares / 2 / (Count - 1));

    readonly double About(double squares, double sum)
    {
        double about = squares - sum * sum / Count;
        return about > Rounding * squares ? about : 0;
    }
}
