namespace SeverityEngine;

/// <summary>
/// The range of a score, both ends included: geographic extent 0 to 8, opacity 0 to 6 (Cohen et al. 2020, both lungs together).
/// </summary>
/// <remarks>It stands in this assembly, the lowest of the engine's, so that graphs and engine speak of one type.</remarks>
/// <param name="Lowest">The score of healthy lungs.</param>
/// <param name="Highest">The worst score.</param>
public readonly record struct ScoreRange(double Lowest, double Highest)
{
    /// <summary>The value, or the end of the range that it is beyond; not a number stays that.</summary>
    public double Clamp(double value) => Math.Min(Math.Max(value, Lowest), Highest);
}
