using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>What rows hold beyond the two scores: findings, features, and saliency maps. Safe for use by several threads.</summary>
/// <param name="Findings">Whether the probabilities of the model's findings are wanted.</param>
/// <param name="Features">Whether its pooled features are.</param>
/// <param name="Intervals">Whether where experts' scores lie is.</param>
/// <param name="Saliency">What writes saliency maps; null where none are wanted.</param>
sealed record Extras(bool Findings, bool Features, bool Intervals, SaliencyFiles? Saliency)
{
    readonly PredictionOptions _options = new() { Findings = Findings, Features = Features, Saliency = Saliency?.Options };

    /// <summary>What writes results as DICOM objects; null where none are wanted.</summary>
    public DicomFiles? Dicom { get; init; }

    /// <summary>Whether the network's input is wanted.</summary>
    public bool Input { get => _options.Input; init => _options = _options with { Input = value }; }

    /// <summary>Refuses a model that lacks what is wanted; it is disposed then.</summary>
    public SeverityPredictor Check(SeverityPredictor predictor)
    {
        ModelInfo model = predictor.Model;
        const string Published = "use a published one, such as --model xrv-densenet121-cidc ('severity model list')";
        (string Lack, string Remedy)? fault =
            Findings && model.Labels.Count == 0 ? ("no logits, of which --findings are made", Published)
            : Features && model.FeatureCount == 0 ? ("no features for --features", Published)
            : Intervals && !model.Metadata.ContainsKey(ModelContract.IntervalsKey)
                ? ("no intervals for --interval", "leave the option away, or use the built-in model")
            : null;
        if (fault is null)
            return Saliency?.Check(predictor) ?? predictor;
        predictor.Dispose();
        throw new SeverityException(SeverityError.ModelUnsupported, $"model {model.Name} has {fault.Value.Lack}; {fault.Value.Remedy}");
    }

    /// <summary>Scores an image, writes what is wanted of it, and completes its row.</summary>
    /// <param name="predictor">Who scores.</param>
    /// <param name="image">The image.</param>
    /// <param name="row">Its row so far.</param>
    /// <param name="origin">What its DICOM results take from its file; null where none are wanted.</param>
    public ScoreRow Predict(SeverityPredictor predictor, XRayImage image, ScoreRow row, DicomOrigin? origin)
    {
        Prediction prediction = predictor.Analyze(image, _options);
        return row with
        {
            Prediction = prediction,
            Saliency = Saliency?.Write(prediction.Saliency!, row.Name, image),
            Dicom = origin is null ? null : Dicom!.Write(origin.Value, prediction, image, row.Name, Saliency),
        };
    }
}
