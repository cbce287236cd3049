namespace SeverityEngine.Evaluation.Agreement;

/// <summary>One score of one series against the readers, over one set of images.</summary>
/// <param name="Kind">The score.</param>
/// <param name="Figures">The figures.</param>
/// <param name="Intervals">The bootstrap intervals of those that have one.</param>
/// <param name="Patients">How many patients were resampled; images where readers' scores name none.</param>
/// <param name="Coverage">How many readers' scores lie in the intervals that rows give; null where rows give none.</param>
sealed record ScoreAgreement(
    ScoreKind Kind, AgreementStatistics Figures, IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> Intervals, int Patients,
    IntervalCoverage? Coverage);

/// <summary>How often readers' scores lie in the model's intervals.</summary>
/// <param name="Level">The share that shall, 0 to 1.</param>
/// <param name="Images">Images whose rows have an interval of this level.</param>
/// <param name="Inside">Of them, those whose readers' score lies in it.</param>
readonly record struct IntervalCoverage(double Level, int Images, int Inside);

/// <summary>Two series side by side, on the images that both scored.</summary>
/// <param name="First">The first series' place.</param>
/// <param name="Second">The second's.</param>
/// <param name="Kind">The score.</param>
/// <param name="FirstFigures">The first's figures on these images.</param>
/// <param name="SecondFigures">The second's.</param>
/// <param name="Intervals">The paired bootstrap intervals of second less first.</param>
sealed record SeriesDifference(
    int First, int Second, ScoreKind Kind, AgreementStatistics FirstFigures, AgreementStatistics SecondFigures,
    IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> Intervals)
{
    /// <summary>The second's figure less the first's; null where either is undefined.</summary>
    public double? Difference(AgreementMeasure measure) => SecondFigures.Value(measure) - FirstFigures.Value(measure);

    /// <summary>The interval of the difference; null where it has none.</summary>
    public ConfidenceInterval? Interval(AgreementMeasure measure) =>
        Intervals.TryGetValue(measure, out ConfidenceInterval interval) ? interval : null;
}

/// <summary>A set of images with one value in a column.</summary>
/// <param name="Value">The value; null for images without one.</param>
/// <param name="Scores">For each series its scores that any of these images has.</param>
sealed record AgreementGroup(string? Value, IReadOnlyList<IReadOnlyList<ScoreAgreement>> Scores);
