using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>A run of <c>severity predict</c>: from what the command line names to the exit code.</summary>
sealed class BatchRun(InputList inputs, ResultOutput result, ModelFile modelFile, IRunHost host)
{
    readonly BatchCounts _counts = new();
    readonly LeftOut _leftOut = new() { Shard = inputs.Shard };
    readonly RowErrorText _errors = new();
    ModelStamp? _stamp;
    int _exitCode;
    bool _failedFast;
    long _elsewhere;

    /// <summary>Whether the model may be code.</summary>
    public bool TrustModel { get; init; }

    /// <summary>Throughput where there are several images, else latency; null chooses.</summary>
    public BatchMode? Mode { get; init; }

    /// <summary>Cores to use; 0 for all.</summary>
    public int Threads { get; init; }

    /// <summary>Whether rows come in the inputs' order.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>Whether the first image without a score ends the run; rows that were there already end none.</summary>
    public bool FailFast { get; init; }

    /// <summary>Whether rows have the probabilities of the model's findings.</summary>
    public bool Findings { get; init; }

    /// <summary>The level of the scores' intervals, which text then shows; null for the usual one, and text without.</summary>
    public double? IntervalLevel { get; init; }

    /// <summary>Whether pictures outside the model's domain are errors.</summary>
    public bool RefuseOutside { get; init; }

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>What writes saliency maps; null where none are wanted.</summary>
    public SaliencyFiles? Saliency { get; init; }

    /// <summary>What writes results as DICOM objects; null where none are wanted.</summary>
    public DicomFiles? Dicom { get; init; }

    /// <summary>A folder that rows name their files from; null for files as they were named.</summary>
    public string? RelativeTo { get; init; }

    /// <summary>A NumPy file for the model's pooled features, a row an image; null for none.</summary>
    public string? FeaturePath { get; init; }

    /// <summary>Runs it.</summary>
    /// <returns>
    /// 0; the highest exit code of the images that failed, or that cannot have the results that are asked for; 130 or 143 after a signal.
    /// </returns>
    /// <exception cref="SeverityException">A fault that is not one image's: the model's, the output's.</exception>
    public int Run()
    {
        CheckOutputs();
        bool throughput = (Mode ?? (inputs.IsOneImage ? BatchMode.Latency : BatchMode.Throughput)) == BatchMode.Throughput;
        int cores = Threads > 0 ? Math.Min(Threads, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        if (Threads > cores && !result.Quiet)
            host.Warning($"--threads {Threads}: {cores} are used, the most on this machine");
        PredictorOptions options = new()
        {
            Model = modelFile,
            TrustModel = TrustModel,
            Threads = throughput ? 1 : cores,
            MaxConcurrency = throughput ? cores : 1,
            Cancellation = host.Abandon,
            RefuseOutside = RefuseOutside,
            IntervalLevel = IntervalLevel ?? PredictorOptions.UsualIntervalLevel,
        };
        Extras extras = new(Findings, FeaturePath is not null, IntervalLevel is not null, Saliency) { Dicom = Dicom };
        // The session is made here while the first images are decoded on other threads.
        TaskCompletionSource<SeverityPredictor> making = new();
        Task<int> run = Task.Factory.StartNew(() => Score(making.Task, extras, options.MaxConcurrency), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            using SeverityPredictor predictor = extras.Check(SeverityPredictor.Create(options));
            making.SetResult(predictor);
            return run.GetAwaiter().GetResult();
        }
        catch (Exception e) when (making.TrySetException(e))
        {
            return run.GetAwaiter().GetResult();
        }
    }

    /// <summary>Refuses outputs that would destroy an input or what is none of this program's, before anything is written.</summary>
    void CheckOutputs()
    {
        List<(string Option, string Path)> outputs = [];
        if (result.File is not null)
            outputs.Add(("-o", result.File));
        if (FeaturePath is not null)
            outputs.Add(("--features", FeaturePath));
        outputs.AddRange(Saliency?.Outputs ?? []);
        outputs.AddRange(Dicom?.Outputs ?? []);
        OutputGuard.RequireOthers(outputs, inputs.FilesBeside(outputs.Select(output => output.Path)).Append(modelFile.Source));
        result.RequireReplaceable();
        if (FeaturePath is not null)
            OutputGuard.RequireKind(FeaturePath, "a NumPy file", NpyFile.IsOurs, result.Force);
        Saliency?.Prepare(inputs.NamedResults, result.Force);
        Dicom?.Prepare(inputs.NamedResults, result.Force);
    }

    int Score(Task<SeverityPredictor> making, Extras extras, int workers)
    {
        // What a file of findings looks like depends on the model.
        RowSchema schema = RowSchema.For(
            Findings ? making.GetAwaiter().GetResult().Model.Labels : [], saliency: Saliency is not null, dicom: Dicom is not null,
            uids: Limits.Dicom.Uids, intervals: IntervalLevel is not null);
        using RowOutput output = result.Open(schema, host);
        using IScoreWriter writer = result.Writer(output, schema, inputs.IsOneImage ? null : () => making.GetAwaiter().GetResult().Model);
        using NpyFile? features = FeaturePath is null ? null : new NpyFile(FeaturePath);
        if (output is RowFile { Held: var held })
        {
            Saliency?.Keep(held);
            Dicom?.Keep(held);
        }
        RowFile? resumed = result.Resume ? (RowFile)output : null;
        if (resumed is not null)
            resumed.Held.Models.RequireOnly(Stamp(making), result.File);
        ImageScorer scorer = new(making, extras, hashes: result.ActualFormat != ResultFormat.Text, resumed?.Held);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(host.Stop);
        BatchPipeline pipeline = new(scorer, new BatchOptions(workers, Ordered) { Limits = Limits }, end.Token);
        ShowProgress(() => pipeline.Run(List(), row =>
        {
            Write(writer, features, making, row);
            _failedFast |= FailFast && row is { Error: not null, AlreadyWritten: false };
            if (_failedFast)
                end.Cancel();
        }));
        ModelInfo model = making.GetAwaiter().GetResult().Model;
        // Before there is an output, which might replace another.
        if (_counts.Done == 0 && _elsewhere == 0 && host.StopExitCode == 0)
            throw _leftOut.NoImages();
        writer.Complete();
        features?.Complete(model.FeatureCount);
        if (host.StopExitCode != 0)
            return ReportStop(host.StopExitCode);
        resumed?.DropOutdated();
        return ReportEnd();
    }

    IEnumerable<InputItem> List()
    {
        foreach (InputItem named in inputs.Enumerate(_leftOut))
        {
            InputItem input = RelativeTo is null ? named : named.From(RelativeTo);
            Saliency?.Reserve(input);
            Dicom?.Reserve(input);
            if (named.IsElsewhere)
                _elsewhere++;
            else
                yield return input;
        }
    }

    /// <summary>What every row says of the run's model. The hash takes time, so text does without.</summary>
    ModelStamp Stamp(Task<SeverityPredictor> making)
    {
        ModelInfo model = making.GetAwaiter().GetResult().Model;
        return _stamp ??= new ModelStamp(model.Name, model.Version, modelFile.Sha256);
    }

    void Write(IScoreWriter writer, NpyFile? features, Task<SeverityPredictor> making, ScoreRow row)
    {
        _counts.Add(row);
        if (row.Error is not null)
            _exitCode = Math.Max(_exitCode, row.Error.Code.ExitCode());
        if (row.Dicom?.Fault is { } fault)
            _exitCode = Math.Max(_exitCode, fault.Code.ExitCode());
        if (row.AlreadyWritten)
            return;
        writer.Write(result.ActualFormat == ResultFormat.Text ? row : row with { MadeBy = Stamp(making) });
        features?.Write(row.Prediction is { } prediction ? prediction.Features.Span
            : Missing(making.GetAwaiter().GetResult().Model.FeatureCount));
        if (result.Quiet)
            return;
        foreach (string warning in row.Warnings)
            host.Warning(warning);
        // The table on standard output has it already.
        bool isShown = result is { ActualFormat: ResultFormat.Text, File: null } && !inputs.IsOneImage;
        if (row.Error is not null && !isShown)
            host.Error(_errors.Of(row.Error));
    }

    /// <summary>The place of an image without a score, so that rows and images stay in step.</summary>
    static float[] Missing(int features)
    {
        float[] row = new float[features];
        Array.Fill(row, float.NaN);
        return row;
    }

    void ShowProgress(Action body)
    {
        // Rows that go to the terminal show progress enough.
        bool toTerminal = result.File is null && !Console.IsOutputRedirected;
        if (result.Quiet || inputs.IsOneImage || toTerminal)
        {
            body();
            return;
        }
        _counts.CountAhead(inputs);
        host.ShowProgress(_counts, body);
    }

    int ReportStop(int exitCode)
    {
        if (result.Quiet)
            return exitCode;
        string remedy = result.CanResume ? $"the rows are in {result.File}; run the same command with --resume to go on"
            : "with -o FILE.jsonl or -o FILE.csv a run can be resumed";
        host.Line($"severity: interrupted after {_counts.Summarize()}; {remedy}");
        return exitCode;
    }

    int ReportEnd()
    {
        if (result.Quiet)
            return _exitCode;
        if (_failedFast)
            host.Line($"severity: ended at the first error, as --fail-fast asks, after {_counts.Summarize()}");
        if (inputs.Shard is { } shard)
            host.Line($"severity: shard {shard.Index} of 0 to {shard.Count - 1}; {Amount.Of(_elsewhere, "input")} in the others");
        foreach (string line in _leftOut.Lines())
            host.Line($"severity: {line}");
        if (result.File is not null)
            host.Line($"severity: {_counts.Summarize()}; the rows are in {result.File}");
        return _exitCode;
    }
}
