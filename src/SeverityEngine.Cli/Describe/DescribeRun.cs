using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Models.Domain;
using SeverityEngine.Quality;

namespace SeverityEngine.Cli.Describe;

/// <summary>A run of <c>severity model describe</c>: from images to a model's domain statistics.</summary>
sealed class DescribeRun(InputList inputs, ModelFile modelFile, IRunHost host)
{
    /// <summary>With fewer, more X-rays are refused and more of what is none is let through.</summary>
    const int FewForThresholds = 200;

    readonly BatchCounts _counts = new();
    readonly LeftOut _leftOut = new();
    readonly DescribedImages _images = new();
    FeatureStatistics? _known;

    /// <summary>Whether the model may be code.</summary>
    public bool TrustModel { get; init; }

    /// <summary>Cores to use; 0 for all.</summary>
    public int Threads { get; init; }

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Whether warnings and progress are left away.</summary>
    public bool Quiet { get; init; }

    /// <summary>Runs it; null when it was stopped.</summary>
    /// <exception cref="SeverityException">
    /// A fault of the model; <see cref="SeverityError.InvalidArgument"/>: too few images, or images that are all alike.
    /// </exception>
    public DomainStatistics? Run()
    {
        Collect();
        if (host.StopExitCode != 0)
            return null;
        if (_counts.Done == 0)
            throw _leftOut.NoImages();
        Say();
        WorkProgress progress = new("fitting the statistics");
        DomainStatistics? statistics = null;
        try
        {
            Show(progress, () => statistics = DomainFit.Run(_images.Thumbnails, _images.Features, _known, progress, host.Stop));
        }
        catch (SeverityException e) when (e.Code == SeverityError.Canceled)
        {
            return null;
        }
        return statistics;
    }

    void Collect()
    {
        int cores = Threads > 0 ? Math.Min(Threads, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions
        {
            Model = modelFile,
            TrustModel = TrustModel,
            Threads = 1,
            MaxConcurrency = cores,
            CheckDomain = false,
            Cancellation = host.Abandon,
        });
        Extras extras = new(Findings: false, Features: predictor.Model.FeatureCount > 0, Intervals: false, Saliency: null) { Input = true };
        ImageScorer scorer = new(Task.FromResult(predictor), extras, hashes: true, resume: null);
        BatchPipeline pipeline = new(scorer, new BatchOptions(cores, Ordered: true) { Limits = Limits }, host.Stop);
        _counts.CountAhead(inputs);
        Show(_counts, () => pipeline.Run(inputs.Enumerate(_leftOut), Take));
        if (_images.Count < DomainFit.FewestForFeatures)
            _known = ModelQuality.Of(predictor.Model, modelFile.Source, checksDomain: true).Domain!.Features;
    }

    void Take(ScoreRow row)
    {
        _counts.Add(row);
        if (row.Prediction is { } prediction)
            _images.Add(row.Sha256!, prediction);
        if (Quiet)
            return;
        foreach (string warning in row.Prediction?.Warnings ?? [])
            host.Warning(warning);
        if (row.Error is not null)
            host.Warning($"{row.Error.Message}; it is left out");
    }

    void Show(IRunProgress progress, Action body)
    {
        if (Quiet)
            body();
        else
            host.ShowProgress(progress, body);
    }

    /// <summary>Says what the statistics are made of, and how little that is.</summary>
    void Say()
    {
        if (Quiet)
            return;
        foreach (string line in _leftOut.Lines())
            host.Line($"severity: {line}");
        if (_counts.Failed > 0)
            host.Warning($"{_counts.Failed} of {_counts.Done} images could not be read and are left out");
        if (_images.Repeated > 0)
            host.Warning($"{_images.Repeated} of {_counts.Done} images are the same as others and count once");
        if (_images.Added > _images.Count)
            host.Line($"severity: {_images.Count} of the {_images.Added} images are taken, by chance; more make it no better");
        if (_images.Count is >= DomainFit.FewestImages and < FewForThresholds)
        {
            host.Warning($"{_images.Count} images are few: expect more X-rays to be refused, and more of what is none to be let through, "
                + $"than with the several hundred that are recommended");
        }
    }
}
