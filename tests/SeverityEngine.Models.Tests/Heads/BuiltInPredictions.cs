using SeverityEngine.Phantoms;

namespace SeverityEngine.Models.Tests.Heads;

/// <summary>A few phantoms, and what models say of them.</summary>
static class BuiltInPredictions
{
    static readonly XRayImage[] s_images =
    [
        .. Enumerable.Range(0, 5).Select(i => new ChestPhantom
        {
            Seed = 40 + i, Width = 256, Height = 256, GeographicExtent = 2 * i, Opacity = ChestPhantom.UsualOpacity(2 * i),
        }.Render()),
    ];

    public static Prediction[] Of(ModelFile model, SaliencyOptions? saliency = null)
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = model, Threads = 1 });
        return [.. s_images.Select(image => predictor.Analyze(image, new PredictionOptions { Features = true, Saliency = saliency }))];
    }
}
