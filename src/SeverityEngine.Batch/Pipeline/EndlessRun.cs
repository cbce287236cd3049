using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>What gives an <see cref="EndlessRun"/> its inputs, and hears what becomes of each. Rows come on one thread.</summary>
interface IEndlessInputs
{
    /// <summary>Gives the inputs out as they come, without an end.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    IEnumerable<InputItem> Take(CancellationToken stop);

    /// <summary>Whether an image that was given out is to have no row, after all.</summary>
    bool IsWithdrawn(ScoreRow row);

    /// <summary>Makes the results that go with a row safe, before it is written.</summary>
    /// <returns>Why they are not; null where they are.</returns>
    SeverityException? Secure(ScoreRow row) => null;

    /// <summary>Has an image given out again, some time later.</summary>
    void TryAgain(string name, TimeSpan later);

    /// <summary>Hears that an image has its row.</summary>
    void Finish(ScoreRow row);
}

/// <summary>
/// Scores what comes, and writes rows, until the host wants to stop. A fault that may lie in the machine has its image tried again some
/// times, for a row would be the image's last.
/// </summary>
sealed class EndlessRun : IDisposable
{
    /// <summary>How often an image is tried whose fault may lie in the machine, before its row says so.</summary>
    const int MostTries = 3;

    static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10);

    readonly IRunHost _host;
    readonly Extras _extras;
    readonly SeverityPredictor _predictor;
    readonly int _cores;
    readonly Dictionary<string, int> _tries = new(StringComparer.Ordinal);
    readonly RowErrorText _errors = new();
    readonly Lock _writing = new();

    /// <summary>Makes the model ready.</summary>
    /// <param name="model">The model.</param>
    /// <param name="trust">Whether it may be code.</param>
    /// <param name="threads">Cores to use; 0 for all.</param>
    /// <param name="extras">What is wanted beyond the two scores.</param>
    /// <param name="host">The program around it.</param>
    /// <param name="refuseOutside">Whether pictures outside the model's domain are errors.</param>
    /// <exception cref="SeverityException">A fault of the model.</exception>
    public EndlessRun(ModelFile model, bool trust, int threads, Extras extras, IRunHost host, bool refuseOutside = false)
    {
        _host = host;
        _extras = extras;
        _cores = threads > 0 ? Math.Min(threads, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        _predictor = extras.Check(SeverityPredictor.Create(new PredictorOptions
        {
            Model = model,
            TrustModel = trust,
            Threads = 1,
            MaxConcurrency = _cores,
            Cancellation = host.Abandon,
            RefuseOutside = refuseOutside,
        }));
        Stamp = new ModelStamp(_predictor.Model.Name, _predictor.Model.Version, model.Sha256);
    }

    /// <summary>What every row says of the model.</summary>
    public ModelStamp Stamp { get; }

    /// <summary>What the model says of itself.</summary>
    public ModelInfo Model => _predictor.Model;

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Whether warnings of images are left away.</summary>
    public bool Quiet { get; init; }

    /// <summary>The rows that there are already and that are not made again; null for none.</summary>
    public IKnownRows? Known { get; init; }

    /// <summary>Rows that were written.</summary>
    public long Written { get; private set; }

    /// <summary>Scores until the host wants to stop; the images in work then get their rows.</summary>
    public void Run(IEndlessInputs inputs, IScoreWriter writer)
    {
        ImageScorer scorer = new(Task.FromResult(_predictor), _extras, hashes: true, Known);
        BatchPipeline pipeline = new(scorer, new BatchOptions(_cores, Ordered: false) { Limits = Limits }, _host.Stop);
        pipeline.Run(inputs.Take(_host.Stop), row => Take(row with { MadeBy = Stamp }, inputs, writer));
    }

    /// <summary>Waits until the disk has every row; beside a run that writes more of them.</summary>
    /// <returns>Whether it has; false where it refuses some, which are held.</returns>
    /// <exception cref="SeverityException">As for <see cref="RowFile.TrySynchronize"/>.</exception>
    public bool TrySynchronize(RowFile rows)
    {
        lock (_writing)
            return rows.TrySynchronize(out _);
    }

    public void Dispose() => _predictor.Dispose();

    void Take(ScoreRow row, IEndlessInputs inputs, IScoreWriter writer)
    {
        if (inputs.IsWithdrawn(row))
        {
            _tries.Remove(row.Name);
            Forget(row);
            return;
        }
        SeverityException? fault = row.Error ?? inputs.Secure(row);
        if (fault is not null && !row.AlreadyWritten && IsTriedAgain(row.Name, fault))
        {
            _host.Error($"{_errors.Of(fault)}; {row.Name} is tried again in {s_retry.TotalSeconds:0} s");
            inputs.TryAgain(row.Name, s_retry);
            return;
        }
        if (!row.AlreadyWritten)
        {
            lock (_writing)
                writer.Write(row);
            Written++;
        }
        _tries.Remove(row.Name);
        Forget(row);
        inputs.Finish(row);
        if (!Quiet)
        {
            foreach (string warning in row.Warnings)
                _host.Warning(warning);
        }
        if (row is { Error: not null, AlreadyWritten: false })
            _host.Error(_errors.Of(row.Error));
    }

    /// <summary>Names of results are held while an image is in work, or memory would grow with the images.</summary>
    void Forget(ScoreRow row)
    {
        _extras.Saliency?.Forget(row.Name);
        _extras.Dicom?.Forget(row.Name);
    }

    /// <summary>Whether a fault lies in the machine rather than in the file: a row would be the file's last.</summary>
    bool IsTriedAgain(string name, SeverityException fault)
    {
        // A disk that is full now has room again some day.
        if (fault.Code == SeverityError.FileUnwritable)
            return true;
        if (fault.Code is not (SeverityError.OutOfMemory or SeverityError.FileUnreadable or SeverityError.InferenceFailed))
            return false;
        return (_tries[name] = _tries.GetValueOrDefault(name) + 1) < MostTries;
    }
}
