using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>What <c>severity predict</c> gives beyond the two scores: findings, features, and saliency maps. Safe for use by several threads.</summary>
/// <param name="Findings">Whether the probabilities of the model's findings are wanted.</param>
/// <param name="Features">Whether its pooled features are.</param>
/// <param name="Saliency">What writes saliency maps; null where none are wanted.</param>
sealed record Extras(bool Findings, bool Features, SaliencyFiles? Saliency)
{
    /// <summary>Refuses a model that lacks what is wanted; it is disposed then.</summary>
    public SeverityPredictor Check(SeverityPredictor predictor)
    {
        ModelInfo model = predictor.Model;
        string? lack = Findings && model.Labels.Count == 0 ? "no logits, of which --findings are made"
            : Features && model.FeatureCount == 0 ? "no features for --features"
            : null;
        if (lack is null)
            return Saliency?.Check(predictor) ?? predictor;
        predictor.Dispose();
        throw new SeverityException(SeverityError.ModelUnsupported,
            $"model {model.Name} has {lack}; use a published one, such as --model xrv-densenet121-cidc ('severity model list')");
    }

    /// <summary>Scores an image, and adds to its row what is wanted.</summary>
    public ScoreRow Predict(SeverityPredictor predictor, XRayImage image, ScoreRow row)
    {
        WrittenSaliency? saliency = Saliency?.Write(predictor, row.Name, image);
        ModelInfo model = predictor.Model;
        float[] logits = new float[Findings ? model.Labels.Count : 0];
        float[] features = new float[Features ? model.FeatureCount : 0];
        SeverityScore score = predictor.Predict(image, logits, features);
        double[]? probabilities = Findings ? new double[logits.Length] : null;
        if (probabilities is not null)
            model.Calibrate(logits, probabilities);
        return row with { Model = model, Score = score, Findings = probabilities, Features = Features ? features : null, Saliency = saliency };
    }
}
