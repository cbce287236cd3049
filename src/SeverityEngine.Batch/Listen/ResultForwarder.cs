using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Dicom.Network;
using SeverityEngine.Imaging.Dicom;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Listen;

/// <summary>
/// Sends results to an archive by C-STORE. What is owed stands in a folder, an empty file for each result, so that a kill forgets nothing:
/// it goes when the archive has answered that it has the result. While the archive is away, or refuses, it is tried again, ever more
/// rarely.
/// </summary>
/// <param name="options">The archive, and the folders.</param>
/// <param name="host">Hears of what goes wrong.</param>
sealed class ResultForwarder(ListenOptions options, IRunHost host) : IDisposable
{
    /// <summary>Results of one association.</summary>
    const int MostAtOnce = 256;

    static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1), s_longestPause = TimeSpan.FromMinutes(1),
        s_step = TimeSpan.FromSeconds(30);

    readonly DicomPeer _to = options.Forward!.Value;
    readonly CancellationTokenSource _stop = new();
    readonly AutoResetEvent _wake = new(initialState: true);
    readonly HashSet<string> _refused = [];
    Thread? _thread;
    string? _said;

    /// <summary>Begins to send, what is owed from before first.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "forward" };
        _thread.Start();
    }

    /// <summary>Notes that results are owed; when this returns, the disk knows.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public void Owe(params IEnumerable<string> results)
    {
        foreach (string result in results)
        {
            string mark = Path.Combine(options.Owed, Path.GetFileName(result));
            try
            {
                using (new FileStream(mark, FileMode.OpenOrCreate))
                {
                    // It says all by its name.
                }
            }
            catch (Exception e) when (FileFaults.IsFault(e))
            {
                throw AtomicFile.Unwritable(mark, e);
            }
        }
        Flush(options.Results);
        Flush(options.Owed);
    }

    /// <summary>Has what is owed sent now.</summary>
    public void Wake() => _wake.Set();

    /// <summary>How many results are owed.</summary>
    public int Count() => Directory.Exists(options.Owed) ? Directory.EnumerateFiles(options.Owed).Count() : 0;

    /// <summary>Ends it after the result that is being sent; what is owed stays so.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        bool isDone = _thread?.Join(s_firstPause * 3) ?? true;
        if (!isDone)
            return; // It waits for an archive, and holds nothing that has to be finished.
        _stop.Dispose();
        _wake.Dispose();
    }

    void Run()
    {
        TimeSpan pause = s_firstPause;
        while (!_stop.IsCancellationRequested)
        {
            bool isAllSent;
            try
            {
                isAllSent = SendOwed();
            }
            catch (OperationCanceledException)
            {
                return;
            }
#pragma warning disable CA1031 // What is owed stays so, and is tried again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                isAllSent = false;
                Say(e is PeerFault || e is SeverityException ? e.Message : FileFaults.IsFault(e) ? FileFaults.Reason(e)
                    : $"a fault of this program, please report it: {e.GetType().Name}: {e.Message}");
            }
            if (isAllSent)
            {
                pause = s_firstPause;
                WaitHandle.WaitAny([_wake, _stop.Token.WaitHandle]);
                continue;
            }
            // A new result is no reason to believe that the archive is back.
            _stop.Token.WaitHandle.WaitOne(pause);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    /// <returns>Whether nothing is owed any more.</returns>
    bool SendOwed()
    {
        for (string[] owed = Oldest(); owed.Length > 0; owed = Oldest())
        {
            if (!Send(owed))
                return false;
        }
        return true;
    }

    /// <summary>Sends results by one association.</summary>
    /// <returns>Whether the archive has them all.</returns>
    bool Send(string[] owed)
    {
        using DicomSender sender = DicomSender.Open(_to, options.Network.Title, s_step, _stop.Token);
        bool isAllSent = true;
        foreach (string mark in owed)
        {
            _stop.Token.ThrowIfCancellationRequested();
            string name = Path.GetFileName(mark);
            if (Read(Path.Combine(options.Results, name)) is not { } instance)
            {
                host.Warning($"{Path.Combine(options.Results, name)}: was to be sent to {_to}, and is there no more");
                File.Delete(mark);
                continue;
            }
            if (sender.Send(instance) is { } why)
            {
                isAllSent = false;
                if (_refused.Count < MostAtOnce && _refused.Add(name))
                    host.Warning($"{_to} {why}: {Path.Combine(options.Results, name)}; it is tried again");
                continue;
            }
            _refused.Remove(name);
            File.Delete(mark);
        }
        sender.Release();
        if (_said is not null)
            host.Line($"severity: {_to} takes results again");
        _said = null;
        return isAllSent;
    }

    /// <summary>What is owed, the oldest first; those that were refused come last, so that they keep none from their turn.</summary>
    string[] Oldest() =>
    [
        .. new DirectoryInfo(options.Owed).EnumerateFiles().OrderBy(f => _refused.Contains(f.Name)).ThenBy(f => f.LastWriteTimeUtc)
            .ThenBy(f => f.Name, StringComparer.Ordinal).Take(MostAtOnce).Select(f => f.FullName),
    ];

    static SentInstance? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        byte[] bytes = File.ReadAllBytes(path);
        using DicomFile file = DicomFile.Open(bytes, path, ImageLimits.Default);
        DicomHeader header = DicomHeader.Read(bytes, file.At, file.Syntax, path);
        return new SentInstance(header.SopClass, header.Uids.Instance ?? "", bytes.AsMemory(file.At));
    }

    /// <summary>Says why nothing can be sent, once until it is another reason.</summary>
    void Say(string why)
    {
        if (_said != why)
            host.Warning($"{_to}: {why}; results are kept in {options.Results} and tried again");
        _said = why;
    }

    static void Flush(string folder)
    {
        try
        {
            Disk.FlushFolder(folder);
        }
        catch (IOException e)
        {
            throw AtomicFile.Unwritable(folder, e);
        }
    }
}
