namespace SeverityEngine;

/// <summary>The severity of pneumonia on one frontal chest X-ray. Research only, not for medical use.</summary>
/// <remarks>
/// Scores and their meaning: Cohen et al., Predicting COVID-19 Pneumonia Severity on Chest X-ray with Deep Learning, 2020.
/// </remarks>
/// <param name="GeographicExtent">
/// How much of the lungs has ground-glass opacity or consolidation, 0 to 8: each lung 0 none, 1 under 25 %, 2 to 50 %, 3 to 75 %, 4 above.
/// </param>
/// <param name="Opacity">How dense it is, 0 to 6: each lung 0 none, 1 ground glass, 2 consolidation, 3 white-out.</param>
/// <param name="GeographicExtentRaw">Geographic extent before it was clamped to its range.</param>
/// <param name="OpacityRaw">Opacity before it was clamped to its range.</param>
/// <param name="Timings">How long it took.</param>
public readonly record struct SeverityScore(
    double GeographicExtent,
    double Opacity,
    double GeographicExtentRaw,
    double OpacityRaw,
    PredictionTimings Timings)
{
    /// <summary>Whether the picture is of the kind that the model is made for. Where it is not, the scores mean nothing.</summary>
    public DomainResult Domain { get; init; }

    /// <summary>
    /// Where experts' scores lie, at the level of <see cref="PredictorOptions.IntervalLevel"/>; null outside the domain, and where the
    /// model does not say.
    /// </summary>
    public ScoreIntervals? Interval { get; init; }
}

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

/// <summary>How long each stage of a prediction took.</summary>
/// <param name="Decode">Reading and decoding the file; zero for a prediction from pixels.</param>
/// <param name="Preprocess">Crop and resize into the network's input.</param>
/// <param name="Infer">The network.</param>
public readonly record struct PredictionTimings(TimeSpan Decode, TimeSpan Preprocess, TimeSpan Infer);
