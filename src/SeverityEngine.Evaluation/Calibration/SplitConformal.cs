namespace SeverityEngine.Evaluation.Calibration;

/// <summary>Intervals from the errors of predictions (Lei et al., Distribution-Free Predictive Inference for Regression, 2018).</summary>
static class SplitConformal
{
    /// <summary>
    /// Half of an interval around a prediction that holds a share of what comes: the ceil((n + 1) level)-th smallest error.
    /// </summary>
    /// <param name="errors">The absolute errors of n images that were not fitted to.</param>
    /// <param name="level">The share, between 0 and 1.</param>
    /// <returns>The half-width; null where there are too few images for the level.</returns>
    public static double? HalfWidth(IReadOnlyList<double> errors, double level)
    {
        // What is a whole number but for rounding is that number.
        int place = (int)Math.Ceiling(((errors.Count + 1) * level) - 1e-9);
        return place <= errors.Count ? errors.Order().ElementAt(place - 1) : null;
    }
}
