using SeverityEngine.Refits;

namespace SeverityEngine.Evaluation.Calibration;

/// <summary>One way to refit a score, and how well it does on images that it was not fitted to.</summary>
/// <param name="Method">The way.</param>
/// <param name="Predicted">The score of each image from what the other parts of the sample give, clamped to its range.</param>
/// <param name="Figures">How far these are from the readers'.</param>
sealed record RefitCandidate(RefitMethod Method, IReadOnlyList<double> Predicted, RefitFigures Figures);

/// <summary>The ways in which a score can be refitted, compared by cross-validation, and the one that was chosen.</summary>
sealed class ScoreCalibration
{
    /// <summary>Parts into which a sample is divided; each is tried on what the others give.</summary>
    public const int Folds = 10;

    /// <summary>With fewer images nothing is fitted; an interval at 90 % takes as many.</summary>
    public const int FewestImages = 10;

    /// <summary>With fewer patients the parts of the sample tell nothing of other patients.</summary>
    public const int FewestGroups = 5;

    const ulong Seed = 1;

    ScoreCalibration(CalibrationSample sample, int parts, IReadOnlyList<RefitCandidate> candidates, RefitCandidate chosen, ScoreRefit refit)
    {
        Sample = sample;
        Parts = parts;
        Candidates = candidates;
        Chosen = chosen;
        Refit = refit;
    }

    /// <summary>What was fitted to.</summary>
    public CalibrationSample Sample { get; }

    /// <summary>Into how many parts it was divided.</summary>
    public int Parts { get; }

    /// <summary>Those that were tried, the score as it is first.</summary>
    public IReadOnlyList<RefitCandidate> Candidates { get; }

    /// <summary>The one that was chosen.</summary>
    public RefitCandidate Chosen { get; }

    /// <summary>It, fitted to the whole sample.</summary>
    public ScoreRefit Refit { get; }

    /// <summary>The score as it is.</summary>
    public RefitCandidate AsIs => Candidates[0];

    /// <summary>Compares the ways, and chooses the one with the least mean absolute error; of equal ones the first.</summary>
    /// <param name="sample">The images; at least <see cref="FewestImages"/> of <see cref="FewestGroups"/> groups.</param>
    /// <param name="range">The score's range.</param>
    /// <param name="mustRefit">Whether the score as it is may not be chosen.</param>
    /// <param name="progress">Hears which share is done, 0 to 1.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static ScoreCalibration Of(CalibrationSample sample, ScoreRange range, bool mustRefit = false,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        RefitMethod[] methods = [.. Enum.GetValues<RefitMethod>().Where(m => m != RefitMethod.Ridge || sample.Features is not null)];
        int[] folds = GroupFolds.Of(sample.Groups, Folds, Seed);
        int parts = folds.Max() + 1;
        double[][] predicted = [.. methods.Select(_ => new double[sample.Count])];
        for (int part = 0; part < parts; part++)
        {
            (int[] inside, int[] outside) = GroupFolds.Split(folds, part);
            CalibrationSample others = sample.Of(outside);
            for (int m = 0; m < methods.Length; m++)
            {
                cancellation.ThrowIfCancellationRequested();
                ScoreRefit refit = RefitFit.Of(methods[m], others, Seed, cancellation);
                foreach (int i in inside)
                    predicted[m][i] = range.Clamp(refit.Predict(sample.Raw[i], sample.FeaturesOf(i)));
            }
            progress?.Report((part + 1.0) / (parts + 1));
        }
        RefitCandidate[] candidates =
            [.. methods.Zip(predicted, (m, p) => new RefitCandidate(m, p, RefitFigures.Of(sample.Truth, p)))];
        RefitCandidate chosen = candidates.Skip(mustRefit ? 1 : 0).MinBy(c => c.Figures.Mae)!;
        ScoreRefit fitted = RefitFit.Of(chosen.Method, sample, Seed, cancellation);
        progress?.Report(1);
        return new ScoreCalibration(sample, parts, candidates, chosen, fitted);
    }

    /// <summary>The half-width around the score that holds a share of the readers' scores; null where there are too few images.</summary>
    /// <param name="level">The share, 0 to 1.</param>
    public double? HalfWidth(double level) =>
        SplitConformal.HalfWidth([.. Chosen.Predicted.Zip(Sample.Truth, (p, t) => Math.Abs(p - t))], level);
}
