namespace SeverityEngine.Quality;

/// <summary>Whether a picture is of the kind that a model is made for.</summary>
enum DomainVerdict
{
    /// <summary>Nobody looked.</summary>
    NotChecked,

    /// <summary>It looks like a frontal chest X-ray.</summary>
    Inside,

    /// <summary>It does not: its scores mean nothing.</summary>
    Outside,
}

/// <summary>What a <see cref="DomainCheck"/> found. Each ratio is 1 at its limit; above that is outside.</summary>
readonly record struct DomainResult
{
    static readonly string[] s_looks = [.. Enumerable.Range(0, PictureFault.Count).Select(i => $"it looks {PictureFault.At(i)}")];

    /// <summary>A picture that was looked at.</summary>
    /// <param name="pictureRatio">How far it is from X-rays at 16 x 16.</param>
    /// <param name="featureRatio">How far the model's features are from those of X-rays; null where they were not looked at.</param>
    /// <param name="aspectRatio">How far its width over height is from a radiograph's.</param>
    /// <param name="candidate">What may be wrong with it.</param>
    public DomainResult(double pictureRatio, double? featureRatio, double aspectRatio, PictureFault? candidate)
    {
        PictureRatio = pictureRatio;
        FeatureRatio = featureRatio;
        AspectRatio = aspectRatio;
        Candidate = candidate;
        // Not a number is not inside.
        bool isInside = pictureRatio <= 1 && featureRatio is null or <= 1 && aspectRatio <= 1;
        Verdict = isInside ? DomainVerdict.Inside : DomainVerdict.Outside;
    }

    /// <summary>The verdict.</summary>
    public DomainVerdict Verdict { get; }

    /// <summary>How far the picture is from X-rays at 16 x 16.</summary>
    public double PictureRatio { get; }

    /// <summary>How far the model's features are from those of X-rays; null where they were not looked at.</summary>
    public double? FeatureRatio { get; }

    /// <summary>How far the picture's width over height is from a radiograph's.</summary>
    public double AspectRatio { get; }

    /// <summary>
    /// What may be wrong with the picture as a whole; null where nothing is likely. It is known only when the corrected picture's features
    /// are inside: see <see cref="DomainCheck.Confirm"/>.
    /// </summary>
    public PictureFault? Candidate { get; }

    /// <summary>Whether a second run has shown that <see cref="Candidate"/> is what is wrong.</summary>
    public bool IsConfirmed { get; init; }

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

    /// <summary>Why the picture is outside, as part of a sentence about it; null where it is not.</summary>
    public string? Reason =>
        Verdict != DomainVerdict.Outside ? null
        : IsConfirmed && Candidate is { } fault ? s_looks[fault.Index]
        : PictureRatio <= 1 && FeatureRatio is null or <= 1 ? "it is too wide or too high for an X-ray, and much of it is cropped away"
        : "it does not look like a frontal chest X-ray";
}
