using System.Collections.Concurrent;
using SeverityEngine.Batch.Inputs;
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
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(6);

    readonly ConcurrentDictionary<string, bool> _ownResults = new(StringComparer.Ordinal);

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
        NameIndex held = new();
        ResultOutput output = new(options.Rows, ResultFormat.Jsonl, Resume: true) { Found = held.Add };
        // It is held: a second listener on this folder is refused.
        using RowOutput rows = output.Open(schema, host);
        using IScoreWriter writer = output.Writer(rows, schema, model: null);
        using ReceivedQueue queue = new(options.MostQueued,
            name => new ReceivedInput(Path.Combine(options.Received, name), NameOf(name), own => _ownResults[own] = true));
        AtomicFile.RemoveLeftovers(options.Received);
        int left = QueueUnscored(held, queue);
        SaliencyFiles? saliency = options.Captures ? new SaliencyFiles(SaliencyOptions.Default) : null;
        Extras extras = new(Findings: false, Features: false, Intervals: false, saliency) { Dicom = dicom };
        using EndlessRun run = new(modelFile, options.TrustModel, options.Threads, extras, host)
        {
            Limits = options.Limits,
            Quiet = options.Quiet,
        };
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

        try
        {
            run.Run(new Received(this, queue, forwarder), writer);
        }
        finally
        {
            listener.Stop(s_patience, host.Abandon);
        }
        writer.Complete();
        host.Line($"severity: ended after {Amount.Of(run.Written, "row")}; {Amount.Of(queue.Waiting, "image")} in {options.Received} "
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
    int QueueUnscored(NameIndex held, ReceivedQueue queue)
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

    /// <summary>The queue, whose images are in work until their rows and results are safe.</summary>
    sealed class Received(ListenRun run, ReceivedQueue queue, ResultForwarder? forwarder) : IEndlessInputs
    {
        public IEnumerable<InputItem> Take(CancellationToken stop) => queue.Take(stop);

        public bool IsWithdrawn(ScoreRow row)
        {
            bool isAside = run._ownResults.TryRemove(row.Name, out _) && run.PutAside(row.Name);
            if (isAside)
                queue.Done();
            return isAside;
        }

        public SeverityException? Secure(ScoreRow row)
        {
            string[] results = [.. new[] { row.Dicom?.Files.Report, row.Dicom?.Files.Saliency }.OfType<string>()];
            try
            {
                if (results.Length > 0)
                    forwarder?.Owe(results);
                return null;
            }
            catch (SeverityException e)
            {
                return e;
            }
        }

        public void TryAgain(string name, TimeSpan later) => queue.AddLater(Path.GetFileName(name), later);

        public void Finish(ScoreRow row)
        {
            queue.Done();
            forwarder?.Wake();
        }
    }
}
