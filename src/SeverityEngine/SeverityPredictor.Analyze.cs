using System.Diagnostics;

namespace SeverityEngine;

public sealed partial class SeverityPredictor
{
    /// <summary>Reads, decodes and scores an image file, and gives what else is asked for.</summary>
    /// <param name="path">The file: DICOM, JPEG, PNG, BMP, GIF, TGA, PSD, TIFF, PGM or PPM.</param>
    /// <param name="options">What is wanted beyond the two scores; null for nothing.</param>
    /// <exception cref="SeverityException">A file that cannot be read, is not an image, or is too large, truncated or corrupt; and as for
    /// <see cref="Analyze(XRayImage, PredictionOptions?)"/>.</exception>
    public Prediction Analyze(string path, PredictionOptions? options = null)
    {
        long start = Stopwatch.GetTimestamp();
        int begun = _cancellations.Now;
        using ImageFile file = ImageFile.Open(path, _limits);
        return Analyze(file.Bytes, file.Name, options, start, begun);
    }

    /// <summary>Decodes and scores an image file that is in memory, and gives what else is asked for.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <param name="options">What is wanted beyond the two scores; null for nothing.</param>
    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt; and as for
    /// <see cref="Analyze(XRayImage, PredictionOptions?)"/>.</exception>
    public Prediction Analyze(ReadOnlySpan<byte> encoded, string name = "image", PredictionOptions? options = null) =>
        Analyze(encoded, name, options, Stopwatch.GetTimestamp(), _cancellations.Now);

    /// <summary>Scores a decoded image, and gives what else is asked for: the network runs once, whatever that is.</summary>
    /// <param name="image">The image.</param>
    /// <param name="options">What is wanted beyond the two scores; null for nothing.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelUnsupported"/> where the model lacks what is wanted,
    /// <see cref="SeverityError.ModelNotFound"/> where a saliency map is wanted and the model's file is gone since,
    /// <see cref="SeverityError.Disposed"/>, <see cref="SeverityError.Canceled"/>, <see cref="SeverityError.InferenceFailed"/>.</exception>
    public Prediction Analyze(XRayImage image, PredictionOptions? options = null) => Analyze(image, options, _cancellations.Now);

    /// <summary>
    /// The cancellations that there were until now; who asks for it before a file is read gives it to the call that scores it.
    /// </summary>
    internal int CanceledSoFar => _cancellations.Now;

    /// <summary>Scores raw pixels, and fills what is wanted. After a caller's first such call this allocates nothing.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="decode">How long they took to decode.</param>
    /// <param name="outputs">What is wanted; spans for a map and an input have the network's S x S places.</param>
    /// <param name="begun">What <see cref="CanceledSoFar"/> was when the caller's call began.</param>
    /// <exception cref="SeverityException">As for <see cref="Analyze(XRayImage, PredictionOptions?)"/>, and
    /// <see cref="SeverityError.InvalidArgument"/> for a span of another length.</exception>
    internal SeverityScore Analyze(in XRayPixels pixels, TimeSpan decode, in Outputs outputs, int begun)
    {
        CheckLength(outputs.Logits.Length, Model.Labels.Count, "logits");
        CheckLength(outputs.Features.Length, Model.FeatureCount, "features");
        return Run(pixels, decode, outputs, begun);
    }

    /// <summary>Scores a decoded image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="options">What is wanted beyond the two scores; null for nothing.</param>
    /// <param name="begun">What <see cref="CanceledSoFar"/> was when the caller's call began.</param>
    internal Prediction Analyze(XRayImage image, PredictionOptions? options, int begun)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= PredictionOptions.Default;
        ModelInfo model = Model;
        if (options.Findings && model.Labels.Count == 0)
            throw Lacks("logits");
        if (options.Features && model.FeatureCount == 0)
            throw Lacks("features");
        int pixels = options.Saliency is null ? 0 : model.InputSize * model.InputSize;
        float[] logits = new float[options.Findings ? model.Labels.Count : 0];
        float[] features = new float[options.Features ? model.FeatureCount : 0];
        float[] map = new float[pixels], input = new float[options.Input ? model.InputSize * model.InputSize : pixels];
        SeverityScore score = Run(image.Pixels, image.DecodeTime,
            new Outputs
            {
                Name = image.Name,
                Logits = logits,
                Features = features,
                Saliency = options.Saliency,
                Map = map,
                Input = input,
            },
            begun);
        double[]? findings = options.Findings ? new double[logits.Length] : null;
        if (findings is not null)
            model.Calibrate(logits, findings);
        return new Prediction
        {
            Score = score,
            Model = model,
            Name = image.Name,
            Width = image.Width,
            Height = image.Height,
            Format = image.Format,
            Uids = image.Uids,
            Warnings = score.Domain.Warning is { } warning ? [.. image.Warnings, $"{image.Name}: {warning}"] : image.Warnings,
            Findings = findings,
            Features = features,
            Input = input,
            Saliency = options.Saliency is null ? null : new SaliencyMap(score, options.Saliency, model.InputSize, map, input),
        };
    }

    Prediction Analyze(ReadOnlySpan<byte> encoded, string name, PredictionOptions? options, long start, int begun)
    {
        using XRayImage image = XRayImage.Decode(encoded, name, _limits);
        image.DecodeTime = Stopwatch.GetElapsedTime(start);
        return Analyze(image, options, begun);
    }
}
