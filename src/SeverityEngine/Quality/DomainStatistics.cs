namespace SeverityEngine.Quality;

/// <summary>
/// What the images that a model is made for look like, in numbers that a picture is held against: <c>severity.domain</c> in a model's
/// metadata. The arrays are shared and never written.
/// </summary>
sealed record DomainStatistics
{
    /// <summary>How many images they were made from.</summary>
    public required int Images { get; init; }

    /// <summary>The share of the images that each threshold accepts.</summary>
    public required double Quantile { get; init; }

    /// <summary>Those of the model's pooled features; null where there are none.</summary>
    public FeatureStatistics? Features { get; init; }

    /// <summary>Those of the pictures themselves.</summary>
    public required PictureStatistics Picture { get; init; }

    /// <summary>Width over height that the pictures have.</summary>
    public required AspectRange Aspect { get; init; }
}

/// <summary>
/// Features as a cloud around a mean: a few directions in which they vary most, and one variance for what is left. The features' square
/// roots are taken first, since pooled activations have long tails.
/// </summary>
sealed record FeatureStatistics
{
    /// <summary>The mean of each feature's root.</summary>
    public required float[] Mean { get; init; }

    /// <summary>The principal directions, one after the other; each is as long as <see cref="Mean"/> and has the norm 1.</summary>
    public required float[] Basis { get; init; }

    /// <summary>The variance along each direction.</summary>
    public required float[] Variance { get; init; }

    /// <summary>The variance along each direction that is left.</summary>
    public required double ResidualVariance { get; init; }

    /// <summary>The distance from which on features are outside.</summary>
    public required double Threshold { get; init; }
}

/// <summary>Pictures as prototypes: what X-rays look like at 16 x 16.</summary>
sealed record PictureStatistics
{
    /// <summary>The prototypes, one after the other, <see cref="Thumbnail.Length"/> values each.</summary>
    public required float[] Prototypes { get; init; }

    /// <summary>The distance from which on a picture is outside.</summary>
    public required double Threshold { get; init; }
}

/// <summary>A range of width over height, both ends included.</summary>
readonly record struct AspectRange(double Lowest, double Highest)
{
    /// <summary>That of radiographs; beyond it, cropping to a square takes much away.</summary>
    public static AspectRange Usual => new(0.65, 1.6);

    /// <summary>How far an aspect is out: 1 at either end, more beyond it.</summary>
    public double Ratio(double aspect) => Math.Max(aspect / Highest, Lowest / aspect);
}
