using System.Numerics.Tensors;
using SeverityEngine.Inference;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Saliency;

/// <summary>
/// The explainers of one model, each made when it is first asked for: predicting alone costs neither their time nor their memory.
/// </summary>
sealed class Explainers(
    SeverityModel forward, ModelOrigin origin, int threads, int concurrency, Cancellations cancellations) : IDisposable
{
    readonly Lock _gate = new();
    readonly Explainer?[] _made = new Explainer?[4];
    bool _closed;

    public Explainer For(SaliencyOptions options)
    {
        if (options.Target is < SaliencyTarget.GeographicExtent or > SaliencyTarget.Opacity
            || options.Method is < SaliencyMethod.Gradient or > SaliencyMethod.ClassActivation)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"saliency of score {(int)options.Target} by method {(int)options.Method}: "
                + "both are 0 or 1");
        }
        ref Explainer? place = ref _made[((int)options.Target * 2) + (int)options.Method];
        if (Volatile.Read(ref place) is { } made)
            return made;
        lock (_gate)
        {
            if (_closed)
                throw new SeverityException(SeverityError.Disposed, "the predictor has been disposed; make a new one");
            if (place is null)
                Volatile.Write(ref place, Explainer.Create(forward, origin.Reopen(), options, threads, concurrency, cancellations));
            return place!;
        }
    }

    /// <summary>Ends what runs.</summary>
    public void Cancel()
    {
        for (int i = 0; i < _made.Length; i++)
            Volatile.Read(ref _made[i])?.Slots.Cancel();
    }

    /// <summary>
    /// Refuses new callers and waits for those inside. The explainers stay in their places, where late callers are told that they are
    /// closed.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            foreach (Explainer? explainer in _made)
                explainer?.Dispose();
        }
    }
}

/// <summary>A session of the model with one kind of map as a further output, and its slots.</summary>
sealed class Explainer : IDisposable
{
    readonly SeverityModel _model;

    Explainer(SeverityModel model, int concurrency, Cancellations cancellations)
    {
        _model = model;
        Slots = new SlotPool(model, concurrency, cancellations);
    }

    public SlotPool Slots { get; }

    /// <summary>Derives the graph and makes its session.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelUnsupported"/>: the method does not apply to the model.
    /// </exception>
    public static Explainer Create(
        SeverityModel forward, ModelFile file, SaliencyOptions options, int threads, int concurrency, Cancellations cancellations)
    {
        string score = options.Target == SaliencyTarget.Opacity ? ModelContract.OpacityOutput : ModelContract.GeographicExtentOutput;
        bool isActivation = options.Method == SaliencyMethod.ClassActivation;
        string map = isActivation ? ClassActivation.ActivationOutput : InputGradient.GradientOutput;
        byte[] bytes = OnnxFaults.Translate(file.Source, () =>
        {
            OnnxModel model = OnnxModel.Parse(file.Bytes, file.Source);
            OnnxModel derived = isActivation
                ? ClassActivation.Of(model, score, ModelContract.ImageInput) : InputGradient.Of(model, score, ModelContract.ImageInput);
            // The gradient of a 3 x 3 convolution is one again.
            WinogradConvolutions.Apply(derived);
            return derived.ToArray();
        });
        return new Explainer(SeverityModel.CreateDerived(forward, bytes, map, threads), concurrency, cancellations);
    }

    /// <summary>Makes the map of what a slot has run.</summary>
    public static void Finish(InferenceSlot slot, SaliencyMethod method, int size, Span<float> map)
    {
        if (method == SaliencyMethod.ClassActivation)
        {
            slot.Map.CopyTo(map);
            return;
        }
        TensorPrimitives.Multiply(slot.Map, slot.Map, map);
        GaussianBlur.Run(map, size, slot.Scratch);
    }

    public void Dispose()
    {
        Slots.Dispose();
        _model.Dispose();
    }
}
