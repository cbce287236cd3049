namespace SeverityEngine;

public sealed partial class SeverityPredictor
{
    /// <summary>Finds where the model looked in an image file, and scores it.</summary>
    /// <param name="path">The file: DICOM, JPEG, PNG, BMP, GIF, TGA, PSD, TIFF, PGM or PPM.</param>
    /// <param name="options">What to explain, and how; null for the gradient of geographic extent.</param>
    /// <exception cref="SeverityException">A file that cannot be read, is not an image, or is too large, truncated or corrupt; and as for
    /// <see cref="Explain(in XRayPixels, SaliencyOptions?)"/>.</exception>
    public SaliencyMap Explain(string path, SaliencyOptions? options = null) => Analyze(path, Wanted(options)).Saliency!;

    /// <summary>Finds where the model looked in an image file that is in memory, and scores it.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <param name="options">What to explain, and how; null for the gradient of geographic extent.</param>
    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt; and as for
    /// <see cref="Explain(in XRayPixels, SaliencyOptions?)"/>.</exception>
    public SaliencyMap Explain(ReadOnlySpan<byte> encoded, string name = "image", SaliencyOptions? options = null) =>
        Analyze(encoded, name, Wanted(options)).Saliency!;

    /// <summary>Finds where the model looked in a decoded image, and scores it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="options">What to explain, and how; null for the gradient of geographic extent.</param>
    /// <exception cref="SeverityException">As for <see cref="Explain(in XRayPixels, SaliencyOptions?)"/>.</exception>
    public SaliencyMap Explain(XRayImage image, SaliencyOptions? options = null) => Analyze(image, Wanted(options)).Saliency!;

    /// <summary>Finds where the model looked in raw pixels, and scores them.</summary>
    /// <remarks>
    /// The first call for a score and a method derives a graph from the model's and makes a session of its own, which takes some tenths of
    /// a second and the memory of a further model or two; predicting alone needs neither. The scores can differ from
    /// <see cref="Predict(in XRayPixels)"/>'s in the last digits of a float32.
    /// </remarks>
    /// <param name="pixels">The pixels.</param>
    /// <param name="options">What to explain, and how; null for the gradient of geographic extent.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelUnsupported"/> where the method does not apply to the model,
    /// <see cref="SeverityError.ModelNotFound"/> where the model's file is gone since, <see cref="SeverityError.InvalidArgument"/> for an
    /// empty view, <see cref="SeverityError.Disposed"/>, <see cref="SeverityError.InferenceFailed"/>.</exception>
    public SaliencyMap Explain(in XRayPixels pixels, SaliencyOptions? options = null)
    {
        options ??= SaliencyOptions.Default;
        int size = Model.InputSize;
        float[] map = new float[size * size], input = new float[size * size];
        SeverityScore score = Run(pixels, TimeSpan.Zero, new Outputs { Saliency = options, Map = map, Input = input }, _cancellations.Now);
        return new SaliencyMap(score, options, size, map, input);
    }

    /// <summary>
    /// Finds where the model looked in raw pixels, and scores them. After a caller's first such call this allocates nothing.
    /// </summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="map">Takes the values of <see cref="SaliencyMap.Values"/>: <see cref="ModelInfo.InputSize"/> squared floats.</param>
    /// <param name="options">What to explain, and how; null for the gradient of geographic extent.</param>
    /// <exception cref="SeverityException">
    /// As for <see cref="Explain(in XRayPixels, SaliencyOptions?)"/>; <see cref="SeverityError.InvalidArgument"/> for a span of another
    /// length.
    /// </exception>
    public SeverityScore Explain(in XRayPixels pixels, Span<float> map, SaliencyOptions? options = null)
    {
        int size = Model.InputSize;
        if (map.Length != size * size)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{_model.Source}: a saliency map of model {Model.Name} has {size} x {size} values, and there is room for {map.Length}");
        }
        return Run(pixels, TimeSpan.Zero, new Outputs { Saliency = options ?? SaliencyOptions.Default, Map = map }, _cancellations.Now);
    }

    /// <summary>Makes ready for <see cref="Explain(in XRayPixels, SaliencyOptions?)"/> what its first call would make.</summary>
    /// <param name="options">What will be explained, and how; null for the gradient of geographic extent.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelUnsupported"/> where the method does not apply to the model,
    /// <see cref="SeverityError.ModelNotFound"/> where the model's file is gone since, <see cref="SeverityError.Disposed"/>.</exception>
    public void PrepareToExplain(SaliencyOptions? options = null) => _explainers.For(options ?? SaliencyOptions.Default);

    static PredictionOptions Wanted(SaliencyOptions? options) => new() { Saliency = options ?? SaliencyOptions.Default };
}
