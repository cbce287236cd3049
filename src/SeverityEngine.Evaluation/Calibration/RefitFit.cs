using SeverityEngine.Refits;

namespace SeverityEngine.Evaluation.Calibration;

/// <summary>Fits refits to what readers say.</summary>
static class RefitFit
{
    /// <summary>Fits one.</summary>
    /// <param name="method">Which.</param>
    /// <param name="sample">What it is fitted to, of two groups at least; for <see cref="RefitMethod.Ridge"/> with features.</param>
    /// <param name="seed">For what is chosen by chance.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static ScoreRefit Of(RefitMethod method, CalibrationSample sample, ulong seed, CancellationToken cancellation = default) =>
        method switch
        {
            RefitMethod.Offset => new AffineRefit(1, sample.Truth.Average() - sample.Raw.Average()),
            RefitMethod.Linear => Line(sample.Raw, sample.Truth),
            RefitMethod.Isotonic => IsotonicRegression.Fit(sample.Raw, sample.Truth),
            RefitMethod.Ridge => RidgeRegression.Fit(sample, seed, cancellation),
            _ => AffineRefit.None,
        };

    /// <summary>Least squares of the readers' scores on the model's; where that never varies, their mean.</summary>
    static AffineRefit Line(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double xMean = x.Average(), yMean = y.Average(), squares = 0, products = 0;
        for (int i = 0; i < x.Count; i++)
        {
            squares += (x[i] - xMean) * (x[i] - xMean);
            products += (x[i] - xMean) * (y[i] - yMean);
        }
        double slope = squares > 0 ? products / squares : 0;
        return new AffineRefit(slope, yMean - (slope * xMean));
    }
}
