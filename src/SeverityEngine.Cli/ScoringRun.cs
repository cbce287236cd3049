using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Cli;

/// <summary>Scores the images that a command learns from, and says what became of them.</summary>
sealed class ScoringRun(InputList inputs, ModelFile modelFile, IRunHost host)
{
    readonly LeftOut _leftOut = new();

    /// <summary>Whether the model may be code.</summary>
    public bool TrustModel { get; init; }

    /// <summary>Cores to use; 0 for all.</summary>
    public int Threads { get; init; }

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Whether each picture is held against those that the model is made for.</summary>
    public bool CheckDomain { get; init; }

    /// <summary>Whether the network's input is wanted too.</summary>
    public bool Input { get; init; }

    /// <summary>Whether warnings and progress are left away.</summary>
    public bool Quiet { get; init; }

    /// <summary>How many images there were, and how many could not be read.</summary>
    public BatchCounts Counts { get; } = new();

    /// <summary>Runs it.</summary>
    /// <param name="take">Takes each image's row, with the hash of its content, and its features where the model gives them.</param>
    /// <returns>The model; null when the run was stopped.</returns>
    /// <exception cref="SeverityException">
    /// A fault of the model; <see cref="SeverityError.FileNotFound"/>: there are no images.
    /// </exception>
    public ModelInfo? Run(Action<ScoreRow> take)
    {
        int cores = Threads > 0 ? Math.Min(Threads, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions
        {
            Model = modelFile,
            TrustModel = TrustModel,
            Threads = 1,
            MaxConcurrency = cores,
            CheckDomain = CheckDomain,
            Cancellation = host.Abandon,
        });
        Extras extras = new(Findings: false, Features: predictor.Model.FeatureCount > 0, Intervals: false, Saliency: null) { Input = Input };
        ImageScorer scorer = new(Task.FromResult(predictor), extras, hashes: true, resume: null);
        BatchPipeline pipeline = new(scorer, new BatchOptions(cores, Ordered: true) { Limits = Limits }, host.Stop);
        Counts.CountAhead(inputs);
        Show(Counts, () => pipeline.Run(inputs.Enumerate(_leftOut), row =>
        {
            Counts.Add(row);
            take(row);
            Say(row);
        }));
        if (host.StopExitCode != 0)
            return null;
        if (Counts.Done == 0)
            throw _leftOut.NoImages();
        Say();
        return predictor.Model;
    }

    /// <summary>Shows how far some work has come, unless nothing is to be said.</summary>
    public void Show(IRunProgress progress, Action body)
    {
        if (Quiet)
            body();
        else
            host.ShowProgress(progress, body);
    }

    void Say(ScoreRow row)
    {
        if (Quiet)
            return;
        foreach (string warning in row.Prediction?.Warnings ?? [])
            host.Warning(warning);
        if (row.Error is not null)
            host.Warning($"{row.Error.Message}; it is left out");
    }

    void Say()
    {
        if (Quiet)
            return;
        foreach (string line in _leftOut.Lines())
            host.Line($"severity: {line}");
        if (Counts.Failed > 0)
            host.Warning($"{Counts.Failed} of {Counts.Done} images could not be read and are left out");
    }
}
