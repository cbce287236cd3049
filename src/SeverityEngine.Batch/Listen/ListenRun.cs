using System.Collections.Concurrent;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Dicom.Network;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Listen;

/// <summary>
/// A run of <c>severity dicom listen</c>: receives objects, scores them, writes rows and DICOM results, and sends those on. Its state is
/// the folder: a received file without a row is to be scored, and a mark in <c>forward</c> is a result to be sent. So a run that was killed
/// is gone on with by the next.
/// </summary>
/// <param name="options">What it takes and makes.</param>
/// <param name="modelFile">The model.</param>
/// <param name="host">The program around it.</param>
sealed class ListenRun(ListenOptions options, ModelFile modelFile, IRunHost host)
{
    /// <summary>How often an image is tried whose fault may lie in the machine, before its row says so.</summary>
    const int MostTries = 3;

    static readonly TimeSpan s_retry = TimeSpan.FromSeconds(10), s_patience = TimeSpan.FromSeconds(6);

    readonly ConcurrentDictionary<string, bool> _ownResults = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _tries = new(StringComparer.Ordinal);
    readonly RowErrorText _errors = new();
    long _scored;

    /// <summary>Told the port when it listens; for tests.</summary>
    public Action<int>? Listening { get; init; }

    /// <summary>Runs until the host wants to stop.</summary>
    /// <returns>The host's exit code.</returns>
    /// <exception cref="SeverityException">A fault of the model, of the folder, or of the address.</exception>
    public int Run()
    {
        MakeFolders();
        DicomFiles? dicom = Results();
        dicom?.Prepare([], force: false);
        RowSchema schema = RowSchema.For([], saliency: options.Captures, dicom: dicom is not null, uids: options.Limits.Dicom.Uids);
        ResultOutput output = new(options.Rows, ResultFormat.Jsonl, Resume: true);
        // It is held: a second listener on this folder is refused.
        using RowFile rows = (RowFile)output.Open(schema, host);
        using IScoreWriter writer = output.Writer(rows, schema, model: null);
        using ReceivedQueue queue = new(options.MostQueued,
            name => new ReceivedInput(Path.Combine(options.Received, name), NameOf(name), own => _ownResults[own] = true));
        AtomicFile.RemoveLeftovers(options.Received);
        int left = QueueUnscored(rows.Held, queue);
        rows.ForgetHeld();

        int cores = options.Threads > 0 ? Math.Min(options.Threads, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        SaliencyFiles? saliency = options.Captures ? new SaliencyFiles(SaliencyOptions.Default) : null;
        Extras extras = new(Findings: false, Features: false, Intervals: false, saliency) { Dicom = dicom };
        using SeverityPredictor predictor = extras.Check(SeverityPredictor.Create(new PredictorOptions
        {
            Model = modelFile,
            TrustModel = options.TrustModel,
            Threads = 1,
            MaxConcurrency = cores,
            Cancellation = host.Abandon,
        }));
        ModelStamp stamp = new(predictor.Model.Name, predictor.Model.Version, modelFile.Sha256);
        using ResultForwarder? forwarder = options.Forward is null ? null : new ResultForwarder(options, host);
        ReceivedFolder folder = new(options.Received, options.Limits.MaxFileBytes)
        {
            Refuse = () => queue.IsFull
                ? $"{queue.Waiting} images wait for their scores already, the most that may (--queue); send it again later" : null,
            Stored = (name, sender, isNew) =>
            {
                if (isNew)
                    queue.Add(name);
                if (!options.Quiet)
                    host.Line($"severity: {NameOf(name)} from {sender}{(isNew ? "" : ", which is there already")}");
            },
        };
        using DicomListener listener = new(options.Network, folder, (message, isFault) =>
        {
            if (isFault)
                host.Warning(message);
            else
                host.Line($"severity: {message}");
        });
        listener.Start();
        using CancellationTokenRegistration stopping = host.Stop.Register(listener.BeginStop);
        Announce(listener.Port, left, forwarder);
        forwarder?.Start();
        Listening?.Invoke(listener.Port);

        ImageScorer scorer = new(Task.FromResult(predictor), extras, hashes: true, resume: null);
        BatchPipeline pipeline = new(scorer, new BatchOptions(cores, Ordered: false) { Limits = options.Limits }, host.Stop);
        try
        {
            pipeline.Run(queue.Take(host.Stop), row => Take(row with { MadeBy = stamp }, writer, dicom, queue, forwarder));
        }
        finally
        {
            listener.Stop(s_patience, host.Abandon);
        }
        writer.Complete();
        host.Line($"severity: ended after {Amount.Of(_scored, "row")}; {Amount.Of(queue.Waiting, "image")} in {options.Received} "
            + "without one, which the next start scores");
        return host.StopExitCode;
    }

    void MakeFolders()
    {
        AtomicFile.MakeFolder(options.Received);
        if (options.Forward is not null)
        {
            AtomicFile.MakeFolder(options.Owed);
            AtomicFile.MakeFolder(options.Results);
        }
    }

    DicomFiles? Results()
    {
        return options.Reports || options.Captures ? new DicomFiles(modelFile)
        {
            Reports = options.Reports ? Place(PlacedKind.Report) : null,
            Captures = options.Captures ? Place(PlacedKind.Capture) : null,
        } : null;

        OutputPlace Place(PlacedKind kind) => new("--out", options.Results, images: int.MaxValue, kind);
    }

    /// <summary>Queues what was received and has no row, in order of arrival.</summary>
    /// <returns>How many there are.</returns>
    int QueueUnscored(ResumeIndex held, ReceivedQueue queue)
    {
        try
        {
            string[] unscored =
            [
                .. new DirectoryInfo(options.Received).EnumerateFiles()
                    .Where(f => ReceivedFolder.IsReceived(f.Name) && !held.Holds(NameOf(f.Name)))
                    .OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal).Select(f => f.Name),
            ];
            foreach (string name in unscored)
                queue.Add(name);
            return unscored.Length;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw new SeverityException(SeverityError.FileUnreadable,
                $"{options.Received}: the folder cannot be listed: {FileFaults.Reason(e)}; change its rights, or name another --out", e);
        }
    }

    void Announce(int port, int left, ResultForwarder? forwarder)
    {
        DicomListenerOptions network = options.Network;
        string who = network.Allowed.Count > 0 ? string.Join(", ", network.Allowed) : "every AE title";
        host.Line($"severity: {network.Title} listens on {network.Address} port {port} for {who}, without TLS; "
            + $"rows go to {options.Rows}. Research only, not for medical use.");
        if (!System.Net.IPAddress.IsLoopback(network.Address))
            host.Warning("other machines can reach this port, and what they send is not encrypted: keep to a network that you trust");
        if (left > 0)
            host.Line($"severity: {Amount.Of(left, "image")} from before wait for their scores");
        if (forwarder?.Count() is > 0 and int owed)
            host.Line($"severity: {Amount.Of(owed, "result")} from before wait to be sent to {options.Forward}");
    }

    /// <summary>Writes an image's row, on one thread.</summary>
    void Take(ScoreRow row, IScoreWriter writer, DicomFiles? dicom, ReceivedQueue queue, ResultForwarder? forwarder)
    {
        if (_ownResults.TryRemove(row.Name, out _) && PutAside(row.Name))
        {
            queue.Done();
            return;
        }
        string[] results = [.. new[] { row.Dicom?.Files.Report, row.Dicom?.Files.Saliency }.OfType<string>()];
        SeverityException? fault = row.Error;
        try
        {
            if (forwarder is not null && results.Length > 0)
                forwarder.Owe(results);
        }
        catch (SeverityException e)
        {
            fault = e;
        }
        if (fault is not null && IsTriedAgain(row.Name, fault))
        {
            host.Error($"{_errors.Of(fault)}; {row.Name} is tried again in {s_retry.TotalSeconds:0} s");
            queue.AddLater(Path.GetFileName(row.Name), s_retry);
            return;
        }
        writer.Write(row);
        _scored++;
        _tries.Remove(row.Name);
        dicom?.Forget(row.Name);
        queue.Done();
        forwarder?.Wake();
        if (!options.Quiet)
        {
            foreach (string warning in row.Warnings)
                host.Warning(warning);
        }
        if (row.Error is not null)
            host.Error(_errors.Of(row.Error));
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

    /// <summary>Gives a result of this program that came back a name by which no start takes it for an X-ray.</summary>
    bool PutAside(string name)
    {
        string path = Path.Combine(options.Folder, name);
        try
        {
            File.Move(path, ReceivedFolder.ResultName(path), overwrite: false);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            return false; // It has a row with an error then.
        }
        if (!options.Quiet)
            host.Line($"severity: {name} is a result of this program, and is not scored");
        return true;
    }

    /// <summary>What rows call a received file, wherever the folder is.</summary>
    static string NameOf(string name) => $"received/{name}";
}
