using MathNet.Numerics;

namespace SeverityEngine.Evaluation.Statistics;

/// <summary>Probabilities and quantiles of Student's t and Fisher's F, through the regularized incomplete beta function.</summary>
static class Distributions
{
    /// <summary>The 97.5th percentile of the standard normal distribution.</summary>
    public const double Normal975 = 1.959963984540054;

    /// <summary>The probability that Student's t is as far from 0 as <paramref name="t"/>, or farther, on either side.</summary>
    /// <param name="t">The statistic.</param>
    /// <param name="degrees">The degrees of freedom, above 0.</param>
    public static double TwoSidedT(double t, double degrees) =>
        double.IsInfinity(t) ? 0 : SpecialFunctions.BetaRegularized(degrees / 2, 0.5, degrees / (degrees + t * t));

    /// <summary>The 97.5th percentile of Student's t.</summary>
    /// <param name="degrees">The degrees of freedom, above 0.</param>
    public static double T975(double degrees)
    {
        double x = InverseBeta(degrees / 2, 0.5, 0.05);
        return Math.Sqrt(degrees * (1 - x) / x);
    }

    /// <summary>The 97.5th percentile of Fisher's F.</summary>
    /// <param name="numerator">Degrees of freedom of the numerator, above 0.</param>
    /// <param name="denominator">Those of the denominator.</param>
    public static double F975(double numerator, double denominator)
    {
        double x = InverseBeta(numerator / 2, denominator / 2, 0.975);
        return denominator * x / (numerator * (1 - x));
    }

    /// <summary>Where the regularized incomplete beta function, which rises from 0 to 1, takes a value: by halving.</summary>
    static double InverseBeta(double a, double b, double value)
    {
        double low = 0, high = 1;
        for (; ; )
        {
            double middle = low + (high - low) / 2;
            if (middle == low || middle == high)
                return middle;
            if (SpecialFunctions.BetaRegularized(a, b, middle) < value)
                low = middle;
            else
                high = middle;
        }
    }
}
