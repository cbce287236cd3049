using System.Numerics.Tensors;
using MathNet.Numerics.Statistics;
using SeverityEngine.Quality;

namespace SeverityEngine.Models.Domain;

/// <summary>
/// Makes a model's domain statistics from images of the kind that it is made for. The same images give the same statistics on the same
/// machine, in whatever order they come.
/// </summary>
static class DomainFit
{
    /// <summary>With fewer there is too little to learn from.</summary>
    public const int FewestImages = 50;

    /// <summary>With fewer the features' directions are chance, and the pictures alone tell more.</summary>
    public const int FewestForFeatures = 100;

    /// <summary>The share of the images that each threshold accepts: both together accept about 97.5 %.</summary>
    public const double Quantile = 0.9875;

    /// <summary>Distances below it are rounding.</summary>
    const double LeastThreshold = 1e-6;

    const int Folds = 5;

    const int Seed = 1;

    /// <summary>Makes the statistics.</summary>
    /// <param name="thumbnails">The images as <see cref="Thumbnail.Normalize"/> leaves them.</param>
    /// <param name="features">The model's features of the same images, in the same order; empty for a model without.</param>
    /// <param name="known">
    /// What the model says of its features already; null where it does not. Where there are too few images to learn from, it stays, with
    /// its threshold raised as far as these images need it.
    /// </param>
    /// <param name="progress">Hears which share is done, 0 to 1.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: there are too few images, they are all alike, or something is not finite.
    /// <see cref="SeverityError.Canceled"/>.
    /// </exception>
    public static DomainStatistics Run(
        IReadOnlyList<float[]> thumbnails,
        IReadOnlyList<float[]> features,
        FeatureStatistics? known = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        if (thumbnails.Count < FewestImages)
            throw Refused($"{thumbnails.Count} images are too few to tell X-rays by; take at least {FewestImages}, better several hundred");
        if (features.Count > 0 && features.Count != thumbnails.Count)
            throw Refused($"there are the features of {features.Count} images, and {thumbnails.Count} images");
        if (!thumbnails.Concat(features).All(row => TensorPrimitives.IsFiniteAll<float>(row)))
            throw Refused("the model gives features that are not finite; check the model");
        try
        {
            (float[][] pictures, float[][] roots) = Arranged(thumbnails, features);
            bool withFeatures = pictures.Length >= FewestForFeatures && roots is [{ Length: > 1 }, ..];
            double done = 0, steps = (Folds + 1) * (withFeatures ? 2 : 1);
            PictureStatistics picture = Fit(
                pictures, rows => new PictureStatistics { Prototypes = Prototypes.Fit(rows, Seed, cancellation), Threshold = 1 },
                (row, fitted) => DomainCheck.PictureDistance(row, fitted), (fitted, threshold) => fitted with { Threshold = threshold });
            FeatureStatistics? feature = !withFeatures ? Widened(known, roots) : Fit(
                roots, rows => PrincipalDirections.Fit(rows, cancellation),
                FeatureDistance, (fitted, threshold) => fitted with { Threshold = threshold });
            return new DomainStatistics
            {
                Images = pictures.Length,
                Quantile = Quantile,
                Features = feature,
                Picture = picture,
                Aspect = AspectRange.Usual,
            };

            T Fit<T>(
                float[][] rows, Func<float[][], T> fit, Func<float[], T, double> distance, Func<T, double, T> withThreshold)
            {
                // What a threshold is to accept must not have been seen: each part's distances are from statistics of the others.
                List<double> distances = [];
                for (int fold = 0; fold < Folds; fold++)
                {
                    T others = fit([.. rows.Where((_, i) => i % Folds != fold)]);
                    distances.AddRange(rows.Where((_, i) => i % Folds == fold).Select(row => distance(row, others)));
                    progress?.Report(++done / steps);
                }
                T all = fit(rows);
                progress?.Report(++done / steps);
                double threshold = QuantileOf([.. distances], Quantile);
                return threshold > LeastThreshold
                    ? withThreshold(all, threshold)
                    : throw Refused("the images are all alike; take different ones");
            }
        }
        catch (OperationCanceledException e)
        {
            throw new SeverityException(SeverityError.Canceled, "describing the model's images was interrupted", e);
        }
    }

    /// <summary>Statistics of other images, so that they accept the share of these that they are to accept.</summary>
    static FeatureStatistics? Widened(FeatureStatistics? known, float[][] roots) => known is null || roots.Length == 0 ? known : known with
    {
        Threshold = Math.Max(known.Threshold, QuantileOf([.. roots.Select(row => FeatureDistance(row, known))], Quantile)),
    };

    /// <summary>The value below which a share of the values is, interpolated as NumPy does.</summary>
    internal static double QuantileOf(double[] values, double share)
    {
        Array.Sort(values);
        return SortedArrayStatistics.QuantileCustom(values, share, QuantileDefinition.R7);
    }

    /// <summary>
    /// The images in an order of their own, shuffled: neighbors in a folder are often alike, and folds are made by place. Of features, the
    /// roots.
    /// </summary>
    static (float[][] Pictures, float[][] Roots) Arranged(IReadOnlyList<float[]> thumbnails, IReadOnlyList<float[]> features)
    {
        int[] order = [.. Enumerable.Range(0, thumbnails.Count)];
        Array.Sort(order, (a, b) =>
        {
            int byPicture = thumbnails[a].AsSpan().SequenceCompareTo(thumbnails[b]);
            return byPicture != 0 || features.Count == 0 ? byPicture : features[a].AsSpan().SequenceCompareTo(features[b]);
        });
        new Random(Seed).Shuffle(order);
        return ([.. order.Select(i => thumbnails[i])], features.Count == 0 ? [] : [.. order.Select(i => Roots(features[i]))]);
    }

    static float[] Roots(float[] features)
    {
        float[] roots = new float[features.Length];
        DomainCheck.TransformFeatures(features, roots);
        return roots;
    }

    static double FeatureDistance(float[] roots, FeatureStatistics statistics)
    {
        float[] centered = new float[roots.Length];
        TensorPrimitives.Subtract(roots, statistics.Mean, centered);
        return DomainCheck.FeatureDistance(centered, statistics);
    }

    static SeverityException Refused(string fault) => new(SeverityError.InvalidArgument, fault);
}
