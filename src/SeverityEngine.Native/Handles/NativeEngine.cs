using System.Runtime.InteropServices;
using SeverityEngine.Inference;
using SeverityEngine.Native.Abi;

namespace SeverityEngine.Native.Handles;

/// <summary>What a handle stands for: a predictor, its log, and what C asked of its model.</summary>
sealed unsafe partial class NativeEngine : IDisposable
{
    const int LogInformation = 1;
    const int LogWarning = 2;

    readonly SeverityPredictor _predictor;
    readonly ModelOrigin _origin;
    readonly string _source;
    readonly delegate* unmanaged<void*, int, byte*, void> _log;
    readonly void* _logContext;
    readonly Lock _gate = new();
    readonly List<nint> _texts = [];
    int _cancellations;
    NativeModelInfo _info;
    string? _hash;
    byte* _sha256;
    KeyValuePair<nint, nint>[]? _metadata;

    /// <exception cref="SeverityException">Options or a model that cannot be.</exception>
    public NativeEngine(ModelFile model, in NativeOptions options)
    {
        options.Check();
        Limits = options.Limits();
        _origin = model.Origin;
        Concurrency = options.MaxConcurrency > 0
            ? Math.Min(options.MaxConcurrency, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        _log = options.Log;
        _logContext = options.LogContext;
        _source = model.Source;
        _predictor = SeverityPredictor.Create(new PredictorOptions
        {
            Model = model,
            Threads = options.Threads,
            MaxConcurrency = options.MaxConcurrency,
            Limits = Limits,
            TrustModel = options.TrustModel != 0,
            RefuseOutside = options.RefuseOutside != 0,
            IntervalLevel = options.IntervalPercent > 0 ? options.IntervalPercent / 100.0 : PredictorOptions.UsualIntervalLevel,
            Dicom = Limits.Dicom,
        });
        if (_log is not null)
            Log(LogInformation,
                $"{_source}: {_predictor.Model.Name} {_predictor.Model.Version}, at most {Concurrency} predictions at once");
    }

    public nint Handle { get; set; }

    /// <summary>The process that made it.</summary>
    public int ProcessId { get; set; }

    public ImageLimits Limits { get; }

    /// <summary>Predictions that run at once.</summary>
    public int Concurrency { get; }

    /// <summary>How often <see cref="Cancel"/> was called: a batch ends with the first call after its beginning.</summary>
    public int Cancellations => Volatile.Read(ref _cancellations);

    /// <summary>Cancels what runs, and what waits for its turn.</summary>
    public void Cancel()
    {
        Interlocked.Increment(ref _cancellations);
        _predictor.Cancel();
    }

    /// <summary>Scores raw pixels; after a thread's first call this allocates nothing.</summary>
    public NativeResult Predict(in NativePixels pixels) => NativeResult.From(_predictor.Predict(pixels.View(Limits)), 0);

    /// <summary>Reads, decodes and scores a file.</summary>
    public NativeResult Predict(string path) => Give(_predictor.Analyze(path), default);

    /// <summary>Reads, decodes and scores a file of several; the caller tells the warnings.</summary>
    public NativeResult Predict(string path, out IReadOnlyList<string> warnings)
    {
        Prediction prediction = _predictor.Analyze(path);
        warnings = prediction.Warnings;
        return NativeResult.From(prediction.Score, warnings.Count);
    }

    /// <summary>Decodes and scores a file that is in memory.</summary>
    public NativeResult Predict(ReadOnlySpan<byte> encoded, string name) => Give(_predictor.Analyze(encoded, name), default);

    /// <summary>Scores raw pixels and fills the map; after a thread's first call this allocates nothing.</summary>
    public NativeResult Explain(in NativePixels pixels, in NativeMap map) =>
        NativeResult.From(_predictor.Explain(pixels.View(Limits), map.Destination(_predictor.Model.InputSize), map.Options()), 0);

    /// <summary>Reads, decodes and scores a file, and fills the map.</summary>
    public NativeResult Explain(string path, in NativeMap map) => Give(_predictor.Analyze(path, Wanted(map)), map);

    /// <summary>Decodes and scores a file that is in memory, and fills the map.</summary>
    public NativeResult Explain(ReadOnlySpan<byte> encoded, string name, in NativeMap map) =>
        Give(_predictor.Analyze(encoded, name, Wanted(map)), map);

    /// <summary>What the model says of itself; the texts live as long as the engine.</summary>
    public NativeModelInfo Info()
    {
        lock (_gate)
        {
            if (_info.ModelName is null)
            {
                ModelInfo model = _predictor.Model;
                _info = new NativeModelInfo
                {
                    InputSize = model.InputSize,
                    GeographicExtentLowest = model.GeographicExtentRange.Lowest,
                    GeographicExtentHighest = model.GeographicExtentRange.Highest,
                    OpacityLowest = model.OpacityRange.Lowest,
                    OpacityHighest = model.OpacityRange.Highest,
                    Version = Keep(model.Version),
                    Source = Keep(_source),
                    MetadataCount = (nuint)model.Metadata.Count,
                    LabelCount = (nuint)model.Labels.Count,
                    Labels = Keep(model.Labels),
                    FeatureCount = (nuint)model.FeatureCount,
                    ModelName = Keep(model.Name),
                };
            }
            return _info;
        }
    }

    /// <summary>One of the things that the model's file says, in the order of their keys; the texts live as long as the engine.</summary>
    public void Metadata(nuint index, out byte* key, out byte* value)
    {
        lock (_gate)
        {
            _metadata ??= [.. _predictor.Model.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => KeyValuePair.Create((nint)Keep(pair.Key), (nint)Keep(pair.Value)))];
            if (index >= (nuint)_metadata.Length)
                throw new SeverityException(
                    SeverityError.InvalidArgument, $"metadata {index}: the model has {_metadata.Length}, counted from 0");
            key = (byte*)_metadata[index].Key;
            value = (byte*)_metadata[index].Value;
        }
    }

    /// <summary>The SHA-256 of the model's file, as text that lives as long as the engine.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelNotFound"/>: the file is gone or is another by now.</exception>
    public byte* Sha256()
    {
        lock (_gate)
            return _sha256 is not null ? _sha256 : _sha256 = Keep(Hash());
    }

    /// <summary>Waits for predictions that are running, then frees everything.</summary>
    public void Dispose()
    {
        _predictor.Dispose();
        lock (_gate)
        {
            foreach (nint text in _texts)
                NativeMemory.Free((void*)text);
            _texts.Clear();
        }
    }

    /// <summary>Gives what is odd about images to the log, and to the thread's text.</summary>
    public void Tell(IReadOnlyList<string> warnings)
    {
        if (_log is not null)
        {
            foreach (string warning in warnings)
                Log(LogWarning, warning);
        }
        ErrorText.Warn(warnings);
    }

    /// <summary>Gives a prediction to C: its result, its map, its warnings.</summary>
    NativeResult Give(Prediction prediction, in NativeMap map)
    {
        if (prediction.Saliency is { } saliency)
            saliency.Values.Span.CopyTo(map.Destination(_predictor.Model.InputSize));
        Tell(prediction.Warnings);
        return NativeResult.From(prediction.Score, prediction.Warnings.Count);
    }

    PredictionOptions Wanted(in NativeMap map)
    {
        // A buffer that cannot take the map is refused before anything is scored.
        _ = map.Destination(_predictor.Model.InputSize);
        return new PredictionOptions { Saliency = map.Options() };
    }

    void Log(int level, string message)
    {
        byte* text = Utf8.Copy(message);
        try
        {
            _log(_logContext, level, text);
        }
        finally
        {
            NativeMemory.Free(text);
        }
    }

    /// <summary>The SHA-256 of the model's file.</summary>
    string Hash()
    {
        lock (_gate)
            return _hash ??= _origin.Reopen().Sha256;
    }

    byte* Keep(string text)
    {
        byte* copy = Utf8.Copy(text);
        _texts.Add((nint)copy);
        return copy;
    }

    /// <summary>Copies of texts, and an array of them; NULL where there is none.</summary>
    byte** Keep(IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
            return null;
        byte** copies = (byte**)NativeMemory.Alloc((nuint)texts.Count, (nuint)sizeof(byte*));
        _texts.Add((nint)copies);
        for (int i = 0; i < texts.Count; i++)
            copies[i] = Keep(texts[i]);
        return copies;
    }
}
