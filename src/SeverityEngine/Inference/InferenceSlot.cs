using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SeverityEngine.Interop;
using SeverityEngine.Preprocessing;
using SeverityEngine.Quality;
using SeverityEngine.Saliency;

namespace SeverityEngine.Inference;

/// <summary>
/// Everything one caller needs at a time: the bound input and outputs over the engine's own memory, and a preprocessor that writes
/// straight into that input. After it is made, a prediction allocates nothing.
/// </summary>
sealed class InferenceSlot : IDisposable
{
    readonly SeverityModel _model;
    readonly Preprocessor _preprocessor;
    readonly AlignedBuffer _input;
    readonly AlignedBuffer _extent;
    readonly AlignedBuffer _opacity;
    readonly Stack<IDisposable> _owned = new();
    readonly OrtIoBinding _binding;
    readonly RunOptions _runOptions;
    bool _isCanceled;

    // Of a model that explains its scores.
    readonly AlignedBuffer? _map;
    readonly AlignedBuffer? _scratch;

    // Of a model whose pictures are held against its domain.
    readonly DomainCheck? _domain;

    // For callers who ask for more than the scores, made for the first of them; features also where the domain check asks for them.
    OrtIoBinding? _fullBinding;
    AlignedBuffer? _logits;
    AlignedBuffer? _features;

    /// <summary>Makes a slot for one image, or for several in one run of the network.</summary>
    public InferenceSlot(SeverityModel model, int images = 1)
    {
        _model = model;
        Images = images;
        _preprocessor = new Preprocessor(model.InputSize);
        try
        {
            _input = Own(new AlignedBuffer(images * model.InputSize * model.InputSize));
            _extent = Own(new AlignedBuffer(images));
            _opacity = Own(new AlignedBuffer(images));
            if (model.MapOutput is not null)
            {
                _map = Own(new AlignedBuffer(model.InputSize * model.InputSize));
                _scratch = Own(new AlignedBuffer(GaussianBlur.ScratchLength(model.InputSize)));
            }
            if (model.Quality.Domain is { } domain)
            {
                _domain = new DomainCheck(domain, model.InputSize);
                if (domain.Features is not null)
                    _features = Own(new AlignedBuffer(images * model.Info.FeatureCount));
            }
            _runOptions = Own(new RunOptions());
            _binding = BindScores();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many images one run scores.</summary>
    public int Images { get; }

    /// <summary>The network's input, S x S floats; what is written here is what <see cref="Run"/> reads.</summary>
    public Span<float> Input => _input.Span;

    /// <summary>The raw score of the last run.</summary>
    public float GeographicExtent => _extent.Span[0];

    /// <summary>The raw score of the last run.</summary>
    public float Opacity => _opacity.Span[0];

    /// <summary>The map of the last run, S x S floats; of a model with <see cref="SeverityModel.MapOutput"/>.</summary>
    public ReadOnlySpan<float> Map => _map is null ? [] : _map.Span;

    /// <summary>Memory for what is made of the map.</summary>
    public Span<float> Scratch => _scratch is null ? [] : _scratch.Span;

    /// <summary>The logits of the last full run.</summary>
    public ReadOnlySpan<float> Logits => _logits is null ? [] : _logits.Span;

    /// <summary>The pooled features of the last run, or where no domain is checked, the last full run.</summary>
    public ReadOnlySpan<float> Features => _features is null ? [] : _features.Span;

    /// <summary>Fills <see cref="Input"/> from pixels.</summary>
    public void Preprocess(in XRayPixels pixels) => _preprocessor.Run(pixels, Input);

    /// <summary>Fills the input of one of several images.</summary>
    public void Preprocess(in XRayPixels pixels, int image)
    {
        int length = Input.Length / Images;
        _preprocessor.Run(pixels, Input.Slice(image * length, length));
    }

    /// <summary>The raw scores of one of several images in the last run.</summary>
    public (float GeographicExtent, float Opacity) Scores(int image) => (_extent.Span[image], _opacity.Span[image]);

    /// <summary>Holds one of several images against the model's domain, after a run.</summary>
    /// <param name="width">The picture's width, before it was cropped.</param>
    /// <param name="height">Its height.</param>
    /// <param name="image">Which image.</param>
    public DomainResult CheckDomain(int width, int height, int image = 0)
    {
        if (_domain is null)
            return default;
        int length = Input.Length / Images, features = Features.Length / Images;
        return _domain.Run(Input.Slice(image * length, length), Features.Slice(image * features, features), width, height);
    }

    /// <summary>Corrects what may be wrong with a picture, runs the network on it, and says whether it was that.</summary>
    /// <param name="result">What was found of the picture.</param>
    /// <param name="input">Its input, of this slot or another.</param>
    public DomainResult Confirm(in DomainResult result, ReadOnlySpan<float> input)
    {
        if (result.Candidate is not { } fault || result.FeatureRatio is null)
            return result;
        input.CopyTo(Input);
        fault.Correct(Input, _model.InputSize);
        Run();
        return _domain!.Confirm(result, Features);
    }

    /// <summary>The input of one of several images.</summary>
    public ReadOnlySpan<float> InputOf(int image) => Input.Slice(image * (Input.Length / Images), Input.Length / Images);

    /// <summary>Runs the network on <see cref="Input"/>.</summary>
    public void Run() => RunBinding(_binding, this);

    /// <summary>The same, to be ended by canceling another slot.</summary>
    public void RunUnder(InferenceSlot admission) => RunBinding(_binding, admission);

    /// <summary>
    /// Ends the run: the operator that is computed is finished, no other is begun. Until <see cref="Renew"/> no run succeeds. Called by any
    /// thread while the slot is lent, one at a time.
    /// </summary>
    public void Cancel()
    {
        Volatile.Write(ref _isCanceled, true);
        _runOptions.Terminate = true;
    }

    /// <summary>Lets a slot that was canceled run again.</summary>
    public void Renew()
    {
        if (!_isCanceled)
            return;
        _runOptions.Terminate = false;
        Volatile.Write(ref _isCanceled, false);
    }

    /// <summary>
    /// Runs the network on <see cref="Input"/> and gives <see cref="Logits"/> and <see cref="Features"/> too, as far as the model has them.
    /// </summary>
    public void RunFully() => RunBinding(_fullBinding ??= BindAll(), this);

    /// <summary>
    /// Frees the handles in reverse order of their making. A binding shares its values with ONNX Runtime's own, so they may go before it;
    /// their memory goes last.
    /// </summary>
    public void Dispose()
    {
        while (_owned.TryPop(out IDisposable? handle))
            handle.Dispose();
    }

    void RunBinding(OrtIoBinding binding, InferenceSlot admission)
    {
        try
        {
            _model.Session.RunWithBinding(admission._runOptions, binding);
        }
        catch (OnnxRuntimeException e)
        {
            if (Volatile.Read(ref admission._isCanceled))
                throw Cancellations.Error(e);
            if (OnnxFaults.IsLackOfResources(e))
                throw OnnxFaults.LackOfResources(_model.Source, "run", e);
            throw new SeverityException(SeverityError.InferenceFailed,
                $"{_model.Source}: ONNX Runtime failed to run the model: {e.Message}; check the model with another runtime", e);
        }
    }

    OrtIoBinding BindScores()
    {
        OrtIoBinding binding = Own(_model.Session.CreateIoBinding());
        binding.BindInput(ModelContract.ImageInput, Own(Tensor(_input, [Images, 1, _model.InputSize, _model.InputSize])));
        binding.BindOutput(ModelContract.GeographicExtentOutput, Own(Tensor(_extent, [Images, 1])));
        binding.BindOutput(ModelContract.OpacityOutput, Own(Tensor(_opacity, [Images, 1])));
        if (_map is not null)
            binding.BindOutput(_model.MapOutput!, Own(Tensor(_map, [1, 1, _model.InputSize, _model.InputSize])));
        if (_features is not null)
            binding.BindOutput(ModelContract.FeaturesOutput, Own(Tensor(_features, [Images, _model.Info.FeatureCount])));
        return binding;
    }

    OrtIoBinding BindAll()
    {
        if (_model.Info.Labels.Count > 0)
            _logits ??= Own(new AlignedBuffer(_model.Info.Labels.Count));
        if (_model.Info.FeatureCount > 0)
            _features ??= Own(new AlignedBuffer(_model.Info.FeatureCount));
        OrtIoBinding binding = BindScores();
        if (_logits is not null)
            binding.BindOutput(ModelContract.LogitsOutput, Own(Tensor(_logits, [1, _logits.Length])));
        return binding;
    }

    static OrtValue Tensor(AlignedBuffer memory, long[] shape) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, TensorElementType.Float, shape, memory.Address, (long)memory.Length * sizeof(float));

    T Own<T>(T handle) where T : IDisposable
    {
        _owned.Push(handle);
        return handle;
    }
}
