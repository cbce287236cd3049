using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Cli;

/// <summary>Scores images for a command that makes something else of the scores than rows.</summary>
sealed class ScoringRun(InputList inputs, ModelFile model, IRunHost host)
{
    readonly LeftOut _leftOut = new();

    /// <summary>Whether the model may be code.</summary>
    public bool TrustModel { get; init; }

    /// <summary>Cores to use; 0 for all.</summary>
    public int Threads { get; init; }

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Whether pictures are held against the model's domain.</summary>
    public bool CheckDomain { get; init; } = true;

    /// <summary>Whether the model's features are wanted, where it has any.</summary>
    public bool Features { get; init; }

    /// <summary>Whether the network's input is wanted.</summary>
    public bool Input { get; init; }

    /// <summary>Whether warnings and progress are left away.</summary>
    public bool Quiet { get; init; }

    /// <summary>How far the run has come.</summary>
    public BatchCounts Counts { get; } = new();

    /// <summary>What the model says of itself; null before the run.</summary>
    public ModelInfo? Model { get; private set; }

    /// <summary>Scores them, until the host wants to stop.</summary>
    /// <param name="take">Told of each image in the inputs' order, one at a time: its scores or its error.</param>
    /// <exception cref="SeverityException">A fault of the model, or of a list of images; there are no images.</exception>
    public void Run(Action<ScoreRow> take)
    {
        int cores = Threads > 0 ? Math.Min(Threads, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions
        {
            Model = model,
            TrustModel = TrustModel,
            Threads = 1,
            MaxConcurrency = cores,
            CheckDomain = CheckDomain,
            Cancellation = host.Abandon,
        });
        Model = predictor.Model;
        Extras extras = new(Findings: false, Features: Features && predictor.Model.FeatureCount > 0, Intervals: false, Saliency: null)
        {
            Input = Input,
        };
        ImageScorer scorer = new(Task.FromResult(predictor), extras, hashes: true, resume: null);
        BatchPipeline pipeline = new(scorer, new BatchOptions(cores, Ordered: true) { Limits = Limits }, host.Stop);
        Counts.CountAhead(inputs);
        if (Quiet)
            pipeline.Run(inputs.Enumerate(_leftOut), Take);
        else
            host.ShowProgress(Counts, () => pipeline.Run(inputs.Enumerate(_leftOut), Take));
        if (host.StopExitCode == 0 && Counts.Done == 0)
            throw _leftOut.NoImages();
        if (!Quiet)
        {
            foreach (string line in _leftOut.Lines())
                host.Line($"severity: {line}");
        }

        void Take(ScoreRow row)
        {
            Counts.Add(row);
            take(row);
            if (Quiet)
                return;
            foreach (string warning in row.Warnings)
                host.Warning(warning);
            if (row.Error is not null)
                host.Warning($"{row.Error.Message}; it is left out");
        }
    }
}
