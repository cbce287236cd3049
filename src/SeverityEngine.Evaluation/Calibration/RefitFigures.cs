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
        double truthMean = truth.Average(), predictedMean = predicted.Average();
        double absolute = 0, squares = 0, ofTruth = 0, ofPredicted = 0, products = 0;
        for (int i = 0; i < truth.Count; i++)
        {
            double error = predicted[i] - truth[i], t = truth[i] - truthMean, p = predicted[i] - predictedMean;
            absolute += Math.Abs(error);
            squares += error * error;
            ofTruth += t * t;
            ofPredicted += p * p;
            products += t * p;
        }
        return new RefitFigures(absolute / truth.Count, ofTruth > 0 ? 1 - (squares / ofTruth) : double.NaN,
            ofTruth > 0 && ofPredicted > 0 ? products / Math.Sqrt(ofTruth * ofPredicted) : double.NaN);
    }
}
