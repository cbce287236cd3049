using SeverityEngine.Evaluation.Statistics;

namespace SeverityEngine.Evaluation.Calibration;

/// <summary>How far predictions are from what readers say.</summary>
/// <param name="Mae">The mean absolute error.</param>
/// <param name="R2">The share of the readers' variance that is explained; NaN where they all say the same.</param>
/// <param name="Pearson">The correlation; NaN where either is constant.</param>
readonly record struct RefitFigures(double Mae, double R2, double Pearson)
{
    /// <summary>Of predictions, of which there is at least one.</summary>
    public static RefitFigures Of(IReadOnlyList<double> truth, IReadOnlyList<double> predicted)
    {
        double middle = truth.Average();
        PairMoments sums = default;
        for (int i = 0; i < truth.Count; i++)
            sums.Add(truth[i] - middle, predicted[i] - middle);
        return new RefitFigures(sums.MeanAbsoluteError, sums.R2, sums.Pearson);
    }
}
