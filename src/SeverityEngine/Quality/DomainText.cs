using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace SeverityEngine.Quality;

/// <summary><see cref="DomainStatistics"/> as a text in a model's metadata, and back.</summary>
static class DomainText
{
    const int Version = 1;

    const string Transform = "sign(v)*sqrt(|v|)";

    /// <summary>More than this is no list of features, or of what X-rays look like.</summary>
    const int MostFeatures = 1 << 16, MostComponents = 1 << 12, MostPrototypes = 1 << 12;

    /// <summary>Reads the text.</summary>
    /// <param name="text">What the metadata have under <see cref="ModelContract.DomainKey"/>.</param>
    /// <param name="featureCount">How many features the model gives, 0 for none; null where any number will do.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelContract"/>: it cannot be read, or was made for other features. The message names the key.
    /// </exception>
    public static DomainStatistics Read(string text, int? featureCount)
    {
        DomainJson json = QualityJson.Read(text, ModelContract.DomainKey, DomainJson.Of);
        Check(json.Version == Version, $"its version is {json.Version}, and this engine reads {Version}");
        Check(json.Images > 0, $"images is {json.Images}");
        Check(json.Quantile is > 0 and < 1, $"quantile is {json.Quantile}, which is not between 0 and 1");
        Check(json.Aspect is [> 0, _] && json.Aspect[0] < json.Aspect[1] && double.IsFinite(json.Aspect[1]),
            "aspect is no range such as [0.65, 1.6]");
        return new DomainStatistics
        {
            Images = json.Images,
            Quantile = json.Quantile,
            Features = json.Features is null ? null : Read(json.Features, featureCount),
            Picture = Read(json.Picture),
            Aspect = new AspectRange(json.Aspect[0], json.Aspect[1]),
        };
    }

    /// <summary>Writes the text.</summary>
    public static string Write(DomainStatistics statistics)
    {
        FeatureStatistics? features = statistics.Features;
        DomainJson json = new()
        {
            Version = Version,
            Images = statistics.Images,
            Quantile = statistics.Quantile,
            Features = features is null ? null : new FeaturesJson
            {
                Count = features.Mean.Length,
                Components = features.Variance.Length,
                Transform = Transform,
                Mean = Bytes(features.Mean),
                Basis = Bytes(features.Basis),
                Variance = Bytes(features.Variance),
                ResidualVariance = features.ResidualVariance,
                Threshold = features.Threshold,
            },
            Picture = new PictureJson
            {
                Size = Thumbnail.Size,
                Eps = Thumbnail.Epsilon,
                Prototypes = statistics.Picture.Prototypes.Length / Thumbnail.Length,
                PrototypeValues = Bytes(statistics.Picture.Prototypes),
                Threshold = statistics.Picture.Threshold,
            },
            Aspect = [statistics.Aspect.Lowest, statistics.Aspect.Highest],
        };
        return QualityJson.Write(json, QualityJson.Default.DomainJson);
    }

    static FeatureStatistics Read(FeaturesJson json, int? featureCount)
    {
        Check(json.Count is > 0 and <= MostFeatures, $"features.count is {json.Count}");
        Check(featureCount is null || json.Count == featureCount,
            $"features.count is {json.Count}, and the model gives {featureCount} features");
        Check(json.Components is > 0 and <= MostComponents && json.Components <= json.Count,
            $"features.components is {json.Components} for {json.Count} features");
        Check(json.Transform == Transform, $"features.transform is '{json.Transform}', and this engine knows '{Transform}'");
        CheckPositive(json.ResidualVariance, "features.residual_variance");
        CheckPositive(json.Threshold, "features.threshold");
        float[] variance = Values(json.Variance, json.Components, "features.variance_f32");
        Check(TensorPrimitives.Min<float>(variance) > 0, "features.variance_f32 has values that are not above 0");
        return new FeatureStatistics
        {
            Mean = Values(json.Mean, json.Count, "features.mean_f32"),
            Basis = Values(json.Basis, json.Components * json.Count, "features.basis_f32_kxd"),
            Variance = variance,
            ResidualVariance = json.ResidualVariance,
            Threshold = json.Threshold,
        };
    }

    static PictureStatistics Read(PictureJson json)
    {
        Check(json.Size == Thumbnail.Size, $"picture.size is {json.Size}, and this engine knows {Thumbnail.Size}");
        Check(json.Eps == Thumbnail.Epsilon, $"picture.eps is {json.Eps}, and this engine knows {Thumbnail.Epsilon}");
        Check(json.Prototypes is > 0 and <= MostPrototypes, $"picture.prototypes is {json.Prototypes}");
        CheckPositive(json.Threshold, "picture.threshold");
        return new PictureStatistics
        {
            Prototypes = Values(json.PrototypeValues, json.Prototypes * Thumbnail.Length, "picture.prototypes_f32_nx256"),
            Threshold = json.Threshold,
        };
    }

    static float[] Values(byte[] bytes, int count, string name)
    {
        // Nothing is taken but what the text itself holds: the counts are held against it first.
        Check(bytes.Length == (long)count * sizeof(float), $"{name} holds {bytes.Length} bytes, not {count} values of four");
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        Check(TensorPrimitives.IsFiniteAll<float>(values), $"{name} has values that are not finite");
        return values;
    }

    static byte[] Bytes(float[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return bytes;
    }

    static void CheckPositive(double value, string name) =>
        Check(value > 0 && double.IsFinite(value), $"{name} is {value}, which is no positive number");

    static void Check(bool isSound, string fault) => QualityJson.Check(isSound, ModelContract.DomainKey, fault);
}
