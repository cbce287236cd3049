using SeverityEngine.Inference;
using SeverityEngine.Onnx;

namespace SeverityEngine.Quality;

/// <summary>What a model's metadata say of how far its scores can be trusted.</summary>
/// <param name="Domain">What its pictures are held against; null where they are not checked.</param>
/// <param name="Intervals">How far its scores are from experts'; null where it does not say.</param>
sealed record ModelQuality(DomainStatistics? Domain, PredictionIntervals? Intervals)
{
    // Chest X-rays look alike to all models: what the built-in one says of pictures holds where a model says nothing.
    static readonly Lazy<DomainStatistics> s_usual = new(ReadBuiltIn);

    /// <summary>Reads it.</summary>
    /// <param name="model">What the model says of itself.</param>
    /// <param name="source">What messages call the model.</param>
    /// <param name="checksDomain">Whether pictures are checked.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelContract"/>: it cannot be read.</exception>
    public static ModelQuality Of(ModelInfo model, string source, bool checksDomain)
    {
        try
        {
            return new ModelQuality(
                !checksDomain ? null
                    : model.Metadata.TryGetValue(ModelContract.DomainKey, out string? domain) ? DomainText.Read(domain, model.FeatureCount)
                    : s_usual.Value,
                model.Metadata.TryGetValue(ModelContract.IntervalsKey, out string? intervals) ? PredictionIntervals.Read(intervals) : null);
        }
        catch (SeverityException e) when (e.Code == SeverityError.ModelContract)
        {
            throw new SeverityException(e.Code, $"{source}: {e.Message}; make the model again, or leave the key out", e);
        }
    }

    /// <summary>Pictures and aspect of the built-in model; its features are its own.</summary>
    static DomainStatistics ReadBuiltIn()
    {
        ModelFile file = ModelFile.BuiltIn();
        string text = OnnxFaults.Translate(file.Source, () => OnnxModel.ReadMetadata(file.Bytes, file.Source))[ModelContract.DomainKey];
        return DomainText.Read(text, featureCount: null) with { Features = null };
    }
}
