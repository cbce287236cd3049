using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Server.Http;
using SeverityEngine.Server.Monitoring;

namespace SeverityEngine.Server.Scoring;

/// <summary>All that turns the images of requests into rows: the model, the workers, and what bounds them.</summary>
sealed class ScoringRoom : IDisposable
{
    /// <summary>The bytes of images that may wait for their scores, some hundred as X-rays are; more where one alone may be larger.
    /// </summary>
    const long MostUploadBytes = 256L << 20;

    readonly SeverityPredictor _predictor;
    readonly ModelStamp _stamp;
    readonly Admission _admission;

    /// <param name="options">How much at once.</param>
    /// <param name="model">The model.</param>
    /// <param name="metrics">Hears what becomes of each image.</param>
    /// <param name="dicom">What writes results of images that come by DICOMweb; null for none.</param>
    /// <param name="abandon">Canceled when the images in work shall be finished no more.</param>
    public ScoringRoom(ServerOptions options, ModelFile model, ServerMetrics metrics, DicomFiles? dicom, CancellationToken abandon)
    {
        Options = options;
        _predictor = SeverityPredictor.Create(new PredictorOptions
        {
            Model = model,
            TrustModel = options.TrustModel,
            Threads = options.Threads,
            MaxConcurrency = options.Workers,
            Cancellation = abandon,
        });
        _stamp = new ModelStamp(_predictor.Model.Name, _predictor.Model.Version, model.Sha256);
        _admission = new Admission(options.Workers + options.MostQueued);
        // One image always fits.
        UploadMemory memory = new(Math.Max(MostUploadBytes, Math.Min(options.Limits.MaxFileBytes, Array.MaxLength) + (1 << 20)));
        Reader = new UploadReader(memory, options.Limits, metrics);
        Workers = new ScoringWorkers(options.Workers, options.Limits, metrics, abandon);
        Plain = Scorer(saliency: null, dicom: null);
        Explaining = Scorer(new SaliencyFiles(SaliencyOptions.Default), dicom: null);
        Storing = Scorer(saliency: null, dicom);
        metrics.Model = _stamp;
        metrics.Admitted = () => _admission.Count;
        metrics.Waiting = () => Workers.Waiting;
        metrics.Held = () => memory.Taken;
    }

    public ServerOptions Options { get; }

    public UploadReader Reader { get; }

    public ScoringWorkers Workers { get; }

    /// <summary>Scores alone.</summary>
    public IImageScorer Plain { get; }

    /// <summary>Scores with a saliency map.</summary>
    public IImageScorer Explaining { get; }

    /// <summary>Scores and writes DICOM results.</summary>
    public IImageScorer Storing { get; }

    /// <summary>What the model says of itself.</summary>
    public ModelInfo Model => _predictor.Model;

    /// <summary>Lets a request come near; it enters with its first image.</summary>
    /// <exception cref="RequestFault">429.</exception>
    public Entrance Approach() => _admission.IsFull ? throw RequestFault.Busy(_admission.Count) : new Entrance(_admission);

    /// <summary>Has an image scored, which is this call's from here on.</summary>
    public async Task<ScoreRow> Score(InputItem image, IImageScorer scorer, CancellationToken gone) =>
        await Workers.Score(image, scorer, gone) with { MadeBy = _stamp };

    public void Dispose()
    {
        Workers.Dispose();
        _predictor.Dispose();
    }

    ImageScorer Scorer(SaliencyFiles? saliency, DicomFiles? dicom) => new(Task.FromResult(_predictor),
        new Extras(Findings: false, Features: false, Intervals: false, saliency) { Dicom = dicom }, hashes: true, resume: null);
}

/// <summary>A request's place among those whose images wait or are being scored: taken with its first image, and given back at its end.
/// </summary>
sealed class Entrance(Admission admission) : IDisposable
{
    bool _isIn;

    /// <summary>Takes the place, if it is not taken yet.</summary>
    /// <param name="image">The image that comes; it is disposed where there is no place.</param>
    /// <exception cref="RequestFault">429.</exception>
    public void Enter(InputItem image)
    {
        if (_isIn || admission.TryEnter())
        {
            _isIn = true;
            return;
        }
        (image as IDisposable)?.Dispose();
        throw RequestFault.Busy(admission.Count);
    }

    public void Dispose()
    {
        if (_isIn)
            admission.Leave();
        _isIn = false;
    }
}
