using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using SeverityEngine.Inference;
using SeverityEngine.Saliency;

namespace SeverityEngine;

/// <summary>
/// Scores chest X-rays: one model, made once, for any number of threads. Research only, not for medical use.
/// </summary>
/// <example>
/// <code>
/// using SeverityPredictor predictor = SeverityPredictor.Create();
/// SeverityScore score = predictor.Predict("chest.jpeg");
/// Console.WriteLine($"{score.GeographicExtent:0.0} of 8, {score.Opacity:0.0} of 6");
/// </code>
/// </example>
public sealed partial class SeverityPredictor : IDisposable
{
    readonly SeverityModel _model;
    readonly SlotPool _slots;
    readonly ImageLimits _limits;
    readonly bool _refusesOutside;
    readonly double _intervalLevel;
    readonly Explainers _explainers;
    readonly Cancellations _cancellations;
    readonly CancellationTokenRegistration _registration;
    readonly Lock _disposal = new();

    SeverityPredictor(SeverityModel model, ModelOrigin origin, int threads, int concurrency, PredictorOptions options)
    {
        _model = model;
        _cancellations = new Cancellations(options.Cancellation);
        _slots = new SlotPool(model, concurrency, _cancellations);
        _explainers = new Explainers(model, origin, threads, concurrency, _cancellations);
        _limits = ImageLimits.With(options.Limits, options.Dicom);
        _refusesOutside = options.RefuseOutside;
        _intervalLevel = options.IntervalLevel;
        _registration = options.Cancellation.Register(Cancel);
    }

    /// <summary>What the model says of itself.</summary>
    public ModelInfo Model => _model.Info;

    /// <summary>Loads a model and makes it ready.</summary>
    /// <param name="options">Null for the built-in model on all cores.</param>
    /// <exception cref="SeverityException">A model that cannot be found, read or run, that breaks the contract, or that is code where
    /// <see cref="PredictorOptions.TrustModel"/> is not set; <see cref="SeverityError.Canceled"/>.</exception>
    public static SeverityPredictor Create(PredictorOptions? options = null)
    {
        options ??= new PredictorOptions();
        if (options.Threads < 0 || options.MaxConcurrency < 0)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{options.Threads} threads and {options.MaxConcurrency} predictions at once: neither may be negative; 0 chooses");
        }
        ModelFile file = options.Model ?? ModelFile.BuiltIn();
        int threads = Clamp(options.Threads), concurrency = Clamp(options.MaxConcurrency);
        if (options.Cancellation.IsCancellationRequested)
            throw Cancellations.Error();
        SeverityModel model = SeverityModel.Create(file, threads, options.TrustModel, options.CheckDomain);
        try
        {
            // Asked here, where it is not too late to say that there is none.
            model.Quality.Intervals?.HalfWidths(options.IntervalLevel);
            return new SeverityPredictor(model, file.Origin, threads, concurrency, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    static int Clamp(int asked) => asked > 0 ? Math.Min(asked, PredictorOptions.MostThreads) : Environment.ProcessorCount;

    /// <summary>Scores an image file: DICOM, JPEG, PNG, BMP, GIF, TGA, PSD, TIFF, PGM or PPM.</summary>
    /// <exception cref="SeverityException">A file that cannot be read, is not an image, or is too large, truncated or corrupt.</exception>
    public SeverityScore Predict(string path)
    {
        long start = Stopwatch.GetTimestamp();
        int begun = _cancellations.Now;
        using ImageFile file = ImageFile.Open(path, _limits);
        return DecodeAndPredict(file.Bytes, file.Name, start, begun);
    }

    /// <summary>Scores an image file that is in memory.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt.</exception>
    public SeverityScore Predict(ReadOnlySpan<byte> encoded, string name = "image") =>
        DecodeAndPredict(encoded, name, Stopwatch.GetTimestamp(), _cancellations.Now);

    /// <summary>Scores a decoded image.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.Disposed"/>, <see cref="SeverityError.InferenceFailed"/>.</exception>
    public SeverityScore Predict(XRayImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Run(image.Pixels, TimeSpan.Zero, new Outputs { Name = image.Name }, _cancellations.Now);
    }

    /// <summary>Scores raw pixels. After a caller's first prediction this allocates nothing.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for an empty view, <see cref="SeverityError.Disposed"/>,
    /// <see cref="SeverityError.InferenceFailed"/>.
    /// </exception>
    public SeverityScore Predict(in XRayPixels pixels) => Run(pixels, TimeSpan.Zero, default, _cancellations.Now);

    /// <summary>Scores a decoded image and gives what else its model knows of it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="logits">As for <see cref="Predict(in XRayPixels, Span{float}, Span{float})"/>.</param>
    /// <param name="features">As for <see cref="Predict(in XRayPixels, Span{float}, Span{float})"/>.</param>
    /// <exception cref="SeverityException">As for <see cref="Predict(in XRayPixels, Span{float}, Span{float})"/>.</exception>
    public SeverityScore Predict(XRayImage image, Span<float> logits, Span<float> features)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Predict(image.Pixels, logits, features);
    }

    /// <summary>
    /// Scores raw pixels and gives what else the model knows of them. After a caller's first such prediction this allocates nothing.
    /// </summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="logits">
    /// Takes one logit for each of <see cref="ModelInfo.Labels"/>; <see cref="ModelInfo.Calibrate"/> turns them into probabilities. Empty
    /// where they are not wanted.
    /// </param>
    /// <param name="features">Takes <see cref="ModelInfo.FeatureCount"/> pooled features. Empty where they are not wanted.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelUnsupported"/> where the model lacks what is wanted,
    /// <see cref="SeverityError.InvalidArgument"/> for a span of another length or an empty view, <see cref="SeverityError.Disposed"/>,
    /// <see cref="SeverityError.InferenceFailed"/>.</exception>
    public SeverityScore Predict(in XRayPixels pixels, Span<float> logits, Span<float> features)
    {
        CheckLength(logits.Length, Model.Labels.Count, "logits");
        CheckLength(features.Length, Model.FeatureCount, "features");
        return Run(pixels, TimeSpan.Zero, new Outputs { Logits = logits, Features = features }, _cancellations.Now);
    }

    /// <summary>
    /// Cancels the predictions that have begun: those that run or wait for their turn end with <see cref="SeverityError.Canceled"/>, as
    /// soon as the network's operator that is computed is finished; one whose network is finished already gives its score. Later
    /// predictions run as before. Any thread may call it, at any time.
    /// </summary>
    /// <remarks><see cref="PredictorOptions.Cancellation"/> does the same for good.</remarks>
    public void Cancel()
    {
        _cancellations.Add();
        _slots.Cancel();
        _explainers.Cancel();
    }

    /// <summary>
    /// Waits for predictions that are running, then frees the model. Of several threads that dispose, each returns when all is freed.
    /// </summary>
    public void Dispose()
    {
        // Not under the lock: it waits for a cancellation that is at work.
        _registration.Dispose();
        lock (_disposal)
        {
            _slots.Dispose();
            DisposeBatch();
            _explainers.Dispose();
            _model.Dispose();
        }
    }

    [DoesNotReturn]
    void ThrowNotFinite(double extent, double opacity) => throw new SeverityException(SeverityError.InferenceFailed,
        $"{_model.Source}: the model gave {extent} and {opacity}, which are not scores; check its weights");

    SeverityScore DecodeAndPredict(ReadOnlySpan<byte> encoded, string name, long start, int begun)
    {
        using XRayImage image = XRayImage.Decode(encoded, name, _limits);
        return Run(image.Pixels, Stopwatch.GetElapsedTime(start), new Outputs { Name = name }, begun);
    }

    void CheckLength(int wanted, int given, string output)
    {
        if (wanted == 0 || wanted == given)
            return;
        throw given == 0 ? Lacks(output)
            : new SeverityException(SeverityError.InvalidArgument,
                $"{_model.Source}: model {Model.Name} gives {given} {output}, and there is room for {wanted}");
    }

    SeverityException Lacks(string output) => new(SeverityError.ModelUnsupported,
        $"{_model.Source}: model {Model.Name} gives no {output}; use one that does, such as xrv-densenet121-cidc ('severity model list')");

    /// <summary>The one way from pixels to scores: preprocessing and the network run once, whatever is wanted of them.</summary>
    /// <param name="pixels">The pixels.</param>
    /// <param name="decode">How long they took to decode.</param>
    /// <param name="outputs">What is wanted.</param>
    /// <param name="begun">The cancellations that there were when the caller's call began.</param>
    SeverityScore Run(in XRayPixels pixels, TimeSpan decode, in Outputs outputs, int begun)
    {
        if (pixels.Width == 0)
            throw new SeverityException(SeverityError.InvalidArgument, "the view of pixels is empty; make it with its constructor");
        SlotPool slots = outputs.Saliency is null ? _slots : ExplainerFor(outputs.Saliency, begun).Slots;
        InferenceSlot slot = slots.Rent(begun);
        try
        {
            long start = Stopwatch.GetTimestamp();
            slot.Preprocess(pixels);
            long prepared = Stopwatch.GetTimestamp();
            if (outputs.Logits.IsEmpty && outputs.Features.IsEmpty)
                slot.Run();
            else
                slot.RunFully();
            if (outputs.Saliency is not null)
                Explainer.Finish(slot, outputs.Saliency.Method, Model.InputSize, outputs.Map);
            long done = Stopwatch.GetTimestamp();
            SeverityScore score = ScoreOf(
                slot, new PredictionTimings(decode, Stopwatch.GetElapsedTime(start, prepared), Stopwatch.GetElapsedTime(prepared, done)));
            DomainResult domain = slot.CheckDomain(pixels.Width, pixels.Height);
            if (!float.IsFinite(TensorPrimitives.Sum<float>(outputs.Map)))
                throw new SeverityException(
                    SeverityError.InferenceFailed, $"{_model.Source}: the saliency map is not finite; check the model's weights");
            if (!outputs.Logits.IsEmpty)
                slot.Logits.CopyTo(outputs.Logits);
            if (!outputs.Features.IsEmpty)
                slot.Features.CopyTo(outputs.Features);
            if (!outputs.Input.IsEmpty)
                slot.Input.CopyTo(outputs.Input);
            // What the slot holds is taken: it may run once more.
            return Judged(score, slot.Confirm(domain, slot.Input), outputs.Name);
        }
        finally
        {
            slots.Return(slot);
        }
    }

    Explainer ExplainerFor(SaliencyOptions options, int begun)
    {
        // Making one takes long enough to ask before it.
        _cancellations.ThrowIfCanceled(begun);
        return _explainers.For(options);
    }

    /// <summary>A score with what it is worth.</summary>
    /// <param name="score">The score.</param>
    /// <param name="domain">How its picture compares with those that the model is made for.</param>
    /// <param name="name">What messages call the picture.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ImageOutsideDomain"/>, with <see cref="PredictorOptions.RefuseOutside"/>.
    /// </exception>
    SeverityScore Judged(in SeverityScore score, in DomainResult domain, string? name)
    {
        bool isOutside = domain.Verdict == DomainVerdict.Outside;
        if (isOutside && _refusesOutside)
        {
            throw new SeverityException(SeverityError.ImageOutsideDomain,
                $"{name ?? "the image"}: {domain.Warning}; look at the picture, or score it without refusing those outside");
        }
        return score with
        {
            Domain = domain,
            Interval = isOutside || _model.Quality.Intervals is not { } intervals ? null
                : intervals.Around(score.GeographicExtent, score.Opacity, Model, _intervalLevel),
        };
    }

    /// <summary>The scores of an image in a slot's last run.</summary>
    SeverityScore ScoreOf(InferenceSlot slot, in PredictionTimings timings, int image = 0)
    {
        (double extent, double opacity) = slot.Scores(image);
        if (!double.IsFinite(extent) || !double.IsFinite(opacity))
            ThrowNotFinite(extent, opacity);
        return new SeverityScore(Model.GeographicExtentRange.Clamp(extent), Model.OpacityRange.Clamp(opacity), extent, opacity, timings);
    }

    /// <summary>Where results go beyond the scores; what is empty is not wanted.</summary>
    internal ref struct Outputs
    {
        /// <summary>What messages call the image; null where nobody named it.</summary>
        public string? Name;

        public Span<float> Logits;
        public Span<float> Features;
        public SaliencyOptions? Saliency;

        /// <summary>Takes the map, S x S floats, with <see cref="Saliency"/>.</summary>
        public Span<float> Map;

        /// <summary>Takes the network's input, S x S floats.</summary>
        public Span<float> Input;
    }
}
