using SeverityEngine.Batch.Pipeline;

namespace SeverityEngine.Cli.Bench;

/// <summary>One way to use the cores that is measured.</summary>
/// <param name="Mode">What they are used for.</param>
/// <param name="Threads">How many.</param>
/// <param name="Batch">Images in one run of the network.</param>
readonly record struct BenchSetting(BatchMode Mode, int Threads, int Batch)
{
    /// <summary>Callers at once.</summary>
    public int Callers => Mode == BatchMode.Throughput ? Threads : 1;

    /// <summary>The predictor for it.</summary>
    public PredictorOptions Options(ModelFile model, bool trustModel) => new()
    {
        Model = model,
        TrustModel = trustModel,
        Threads = Mode == BatchMode.Throughput ? 1 : Threads,
        MaxConcurrency = Callers,
    };

    /// <summary>The settings to measure where the command line names a mode, a number of threads, both or neither.</summary>
    public static IReadOnlyList<BenchSetting> Choose(BatchMode? mode, int? threads, int batch)
    {
        int all = threads is > 0 ? threads.Value : Environment.ProcessorCount;
        // One thread is the same in either mode.
        BatchMode[] modes = mode is { } one ? [one] : all == 1 ? [BatchMode.Latency] : [BatchMode.Latency, BatchMode.Throughput];
        List<BenchSetting> settings = [.. modes.Select(m => new BenchSetting(m, all, batch))];
        if (threads is null && mode is null && all > 1)
            settings.Insert(0, new BenchSetting(BatchMode.Latency, 1, batch));
        return settings;
    }
}

/// <summary>How long a setting is measured.</summary>
/// <param name="WarmUp">What every caller scores before, unmeasured.</param>
/// <param name="Iterations">Batches that are measured; null for as many as fit the time.</param>
/// <param name="Time">How long it lasts where there is no number of iterations.</param>
readonly record struct BenchLimit(WarmUp WarmUp, int? Iterations, TimeSpan Time);
