using System.Numerics.Tensors;

namespace SeverityEngine.Quality;

/// <summary>
/// Holds a picture against the images that a model is made for. An instance owns its scratch memory and serves one caller at a time; a
/// check allocates nothing.
/// </summary>
sealed class DomainCheck
{
    /// <summary>How much nearer to X-rays a picture must come by correcting it before the fault is worth a second run.</summary>
    const double Improvement = 0.8;

    /// <summary>
    /// A blank picture has nothing that could be like an X-ray, yet its distance is small, since <see cref="Thumbnail.Epsilon"/> keeps its
    /// noise small. Features mostly tell; where they do not, it gets the distance of two pictures that have nothing to do with each other.
    /// Blank is what has less contrast than that epsilon.
    /// </summary>
    const double BlankDistance = 2, BlankNorm = 0.5;

    readonly DomainStatistics _statistics;
    readonly Thumbnail _thumbnail;
    readonly LocalContrast _contrast;
    readonly float[] _picture = new float[Thumbnail.Length];
    readonly float[] _features;

    /// <param name="statistics">What the pictures are held against.</param>
    /// <param name="side">Width and height of the network's input.</param>
    public DomainCheck(DomainStatistics statistics, int side)
    {
        _statistics = statistics;
        _thumbnail = new Thumbnail(side);
        _contrast = new LocalContrast(side);
        _features = new float[statistics.Features?.Mean.Length ?? 0];
    }

    /// <summary>Looks at a picture.</summary>
    /// <param name="input">The network's input.</param>
    /// <param name="features">
    /// What the model made of it, as many as the statistics are of; empty to leave them out. Without statistics they are not looked at.
    /// </param>
    /// <param name="width">The picture's width, before it was cropped.</param>
    /// <param name="height">Its height.</param>
    public DomainResult Run(ReadOnlySpan<float> input, ReadOnlySpan<float> features, int width, int height)
    {
        _thumbnail.Average(input, _picture);
        Thumbnail.Normalize(_picture);
        double threshold = _statistics.Picture.Threshold;
        double distance = PictureDistance(_picture, _statistics.Picture);
        PictureFault? candidate = distance > threshold ? Candidate(distance) : null;
        double? featureRatio = FeatureRatio(features);
        if (distance <= threshold && featureRatio is null or <= 1 && TensorPrimitives.Norm<float>(_picture) < BlankNorm)
            distance = BlankDistance;
        return new DomainResult(
            distance / threshold, featureRatio, _statistics.Aspect.Ratio((double)width / height),
            _contrast.Run(input) / LocalContrast.Limit, candidate);
    }

    /// <summary>A result, its candidate confirmed where it is right.</summary>
    /// <param name="result">What <see cref="Run"/> found.</param>
    /// <param name="features">
    /// What the model made of the picture after <see cref="PictureFault.Correct"/>; without statistics of features nothing is confirmed.
    /// </param>
    public DomainResult Confirm(in DomainResult result, ReadOnlySpan<float> features) =>
        result with { IsConfirmed = result.Candidate is not null && FeatureRatio(features) <= 1 };

    /// <summary>The squared distance from a normalized thumbnail to the nearest prototype.</summary>
    public static double PictureDistance(ReadOnlySpan<float> picture, PictureStatistics statistics)
    {
        double nearest = double.PositiveInfinity;
        ReadOnlySpan<float> prototypes = statistics.Prototypes;
        for (; prototypes.Length >= Thumbnail.Length; prototypes = prototypes[Thumbnail.Length..])
        {
            double distance = TensorPrimitives.Distance(picture, prototypes[..Thumbnail.Length]);
            nearest = Math.Min(nearest, distance * distance);
        }
        return nearest;
    }

    /// <summary>
    /// The squared distance of features from their mean, in units of their variances: along the principal directions, and in all others
    /// together.
    /// </summary>
    /// <param name="features">The features; <see cref="TransformFeatures"/> has been through them, and their mean was taken away.</param>
    /// <param name="statistics">What they are held against.</param>
    public static double FeatureDistance(ReadOnlySpan<float> features, FeatureStatistics statistics)
    {
        double within = 0, along = 0;
        for (int i = 0; i < statistics.Variance.Length; i++)
        {
            double z = TensorPrimitives.Dot(features, statistics.Basis.AsSpan(i * features.Length, features.Length));
            along += z * z;
            within += z * z / statistics.Variance[i];
        }
        // Rounding may leave less than nothing.
        double residual = Math.Max(TensorPrimitives.SumOfSquares(features) - along, 0);
        return within + residual / statistics.ResidualVariance;
    }

    /// <summary>The root of each feature, its sign kept.</summary>
    public static void TransformFeatures(ReadOnlySpan<float> features, Span<float> roots)
    {
        TensorPrimitives.Abs(features, roots);
        TensorPrimitives.Sqrt(roots, roots);
        TensorPrimitives.CopySign(roots, features, roots);
    }

    double? FeatureRatio(ReadOnlySpan<float> features)
    {
        if (_statistics.Features is not { } statistics || features.IsEmpty)
            return null;
        TransformFeatures(features[..statistics.Mean.Length], _features);
        TensorPrimitives.Subtract(_features, statistics.Mean, _features);
        return FeatureDistance(_features, statistics) / statistics.Threshold;
    }

    /// <summary>Which fault, corrected, brings the picture nearest to X-rays; null where none brings it near enough.</summary>
    PictureFault? Candidate(double upright)
    {
        PictureFault? candidate = null;
        double nearest = upright;
        for (int turns = 0; turns < 4; turns++)
        {
            if (turns > 0)
                PictureFault.TurnCounterclockwise(_picture, Thumbnail.Size);
            for (int sign = 0; sign < 2; sign++)
            {
                double distance = PictureDistance(_picture, _statistics.Picture);
                if (distance < nearest)
                {
                    nearest = distance;
                    // What these turns correct is a turn by the rest of a whole one.
                    candidate = new PictureFault((4 - turns) % 4, sign == 1);
                }
                TensorPrimitives.Negate(_picture, _picture);
            }
        }
        return nearest <= _statistics.Picture.Threshold && nearest < Improvement * upright ? candidate : null;
    }
}
