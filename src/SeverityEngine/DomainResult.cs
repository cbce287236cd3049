using SeverityEngine.Quality;

namespace SeverityEngine;

/// <summary>Whether a picture is of the kind that a model is made for.</summary>
public enum DomainVerdict
{
    /// <summary>Nobody looked.</summary>
    NotChecked = 0,

    /// <summary>It looks like a frontal chest X-ray.</summary>
    Inside = 1,

    /// <summary>It does not: its scores mean nothing.</summary>
    Outside = 2,
}

/// <summary>Why a picture is outside a model's domain.</summary>
public enum DomainReason
{
    /// <summary>It is not outside, or nobody looked.</summary>
    None = 0,

    /// <summary>It does not look like a frontal chest X-ray.</summary>
    NotAnXRay = 1,

    /// <summary>It is so wide or so high that much of it is cropped away.</summary>
    Aspect = 2,

    /// <summary>It is an X-ray turned counterclockwise by 90 degrees.</summary>
    TurnedCounterclockwise = 3,

    /// <summary>It is an X-ray upside down.</summary>
    UpsideDown = 4,

    /// <summary>It is an X-ray turned clockwise by 90 degrees.</summary>
    TurnedClockwise = 5,

    /// <summary>It is an X-ray whose black and white are exchanged.</summary>
    Inverted = 6,

    /// <summary>The same, and turned counterclockwise.</summary>
    InvertedTurnedCounterclockwise = 7,

    /// <summary>The same, and upside down.</summary>
    InvertedUpsideDown = 8,

    /// <summary>The same, and turned clockwise.</summary>
    InvertedTurnedClockwise = 9,
}

/// <summary>
/// How a picture compares with the images that a model is made for. Each ratio is a distance from them over its limit: 1 at the limit,
/// above that outside.
/// </summary>
public readonly record struct DomainResult
{
    internal DomainResult(
        double pictureRatio, double? featureRatio, double aspectRatio, double contrastRatio, PictureFault? candidate)
    {
        PictureRatio = pictureRatio;
        FeatureRatio = featureRatio;
        AspectRatio = aspectRatio;
        ContrastRatio = contrastRatio;
        Candidate = candidate;
        // Not a number is not inside.
        bool isInside = pictureRatio <= 1 && featureRatio is null or <= 1 && aspectRatio <= 1;
        Verdict = isInside ? DomainVerdict.Inside : DomainVerdict.Outside;
    }

    /// <summary>The verdict.</summary>
    public DomainVerdict Verdict { get; }

    /// <summary>How far the picture itself is, averaged to 16 x 16; 0 where nobody looked.</summary>
    public double PictureRatio { get; }

    /// <summary>
    /// How far what the network makes of it is: the model's pooled features; null where the model says nothing of theirs.
    /// </summary>
    public double? FeatureRatio { get; }

    /// <summary>How far its width over height is from a radiograph's.</summary>
    public double AspectRatio { get; }

    /// <summary>
    /// How strong its contrast is within small areas, beside that of the whole picture. Above 1 it is likely to have been enhanced (CLAHE,
    /// sharpening), so that the scores may be off; the verdict does not look at it.
    /// </summary>
    public double ContrastRatio { get; }

    /// <summary>
    /// What may be wrong with the picture as a whole; null where nothing is likely. It is known only when the corrected picture's features
    /// are inside: see <see cref="DomainCheck.Confirm"/>.
    /// </summary>
    internal PictureFault? Candidate { get; }

    /// <summary>Whether a second run has shown that <see cref="Candidate"/> is what is wrong.</summary>
    internal bool IsConfirmed { get; init; }

    /// <summary>
    /// One number for all: the larger of the picture's ratio and the features', and the aspect's too where that is outside. It is above 1,
    /// or not a number, exactly where the verdict is <see cref="DomainVerdict.Outside"/>.
    /// </summary>
    public double Ratio
    {
        get
        {
            double ratio = Math.Max(PictureRatio, FeatureRatio ?? 0);
            return AspectRatio > 1 ? Math.Max(ratio, AspectRatio) : ratio;
        }
    }

    /// <summary>
    /// Why it is outside. That a picture is inverted or turned was confirmed by a run of the network on the corrected picture.
    /// </summary>
    public DomainReason Reason =>
        Verdict != DomainVerdict.Outside ? DomainReason.None
        : IsConfirmed && Candidate is { } fault ? fault.Reason
        : PictureRatio <= 1 && FeatureRatio is null or <= 1 ? DomainReason.Aspect
        : DomainReason.NotAnXRay;

    /// <summary>What a warning says of it, after the picture's name; null where nothing is odd.</summary>
    internal string? Warning => Reason switch
    {
        DomainReason.None => ContrastRatio > 1
            ? "its contrast looks enhanced locally (CLAHE, sharpening); the score may be off, so score the picture as it was taken" : null,
        DomainReason.NotAnXRay => "does not look like a frontal chest X-ray; the score means nothing",
        DomainReason.Aspect => "is too wide or too high for a chest X-ray, and much of it is cropped away; the score means nothing",
        DomainReason.Inverted => "looks inverted: is its photometric interpretation right? The score means nothing",
        _ => $"looks {Candidate}; the score means nothing",
    };
}

/// <summary>Where an expert's score lies, with the probability of a level.</summary>
/// <param name="Lowest">The lower end.</param>
/// <param name="Highest">The upper end.</param>
public readonly record struct ScoreInterval(double Lowest, double Highest)
{
    /// <summary>A score and what is at most a half-width from it, cut at the score's range.</summary>
    internal static ScoreInterval Around(double score, double halfWidth, ScoreRange range) =>
        new(range.Clamp(score - halfWidth), range.Clamp(score + halfWidth));
}

/// <summary>How sure a score is: where experts' scores lie, of images that the model never saw.</summary>
/// <param name="Level">The share of experts' scores that lie in such intervals: 0.8, 0.9 or 0.95 for the built-in model.</param>
/// <param name="GeographicExtent">That of geographic extent.</param>
/// <param name="Opacity">That of opacity.</param>
public readonly record struct ScoreIntervals(double Level, ScoreInterval GeographicExtent, ScoreInterval Opacity);
