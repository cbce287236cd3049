using System.Collections.Concurrent;
using System.Diagnostics;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Watch;

/// <summary>
/// The files of a folder that are to be scored, as they arrive and become whole, and what becomes of each. What it holds is bounded but for
/// the index: files wait in the folder itself, and where the system's notices are more than it keeps, a look finds them.
/// </summary>
/// <param name="options">What is watched, and how.</param>
/// <param name="index">The rows that there are.</param>
/// <param name="search">Finds files.</param>
/// <param name="leftOut">Counts those that are not scored.</param>
/// <param name="host">Hears of what goes wrong.</param>
sealed class WatchedFolder(WatchOptions options, NameIndex index, FolderSearch search, LeftOut leftOut, IRunHost host) : IEndlessInputs
{
    /// <summary>Files that are looked at before those that are whole have their turn.</summary>
    const int MostAtOnce = 1000;

    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200), s_synchronizing = TimeSpan.FromSeconds(1);

    readonly SettlingFiles _settling = new(options.Settle, options.MostWaiting);
    readonly Dictionary<string, WatchedInput> _inWork = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<(FoundFile File, TimeSpan Later)> _back = [];
    readonly ConcurrentQueue<(WatchedInput Input, MovedFiles To)> _scored = [];
    readonly Lock _gate = new(), _moving = new();
    long _synchronized = Stopwatch.GetTimestamp();
    bool _isClosed;

    /// <summary>Where scored files are moved to; null to leave them.</summary>
    public MovedFiles? Done { get; init; }

    /// <summary>Where files are moved to whose row is an error; null to leave them.</summary>
    public MovedFiles? Failed { get; init; }

    /// <summary>Waits until the disk has every row; false where it refuses some.</summary>
    public required Func<bool> Synchronize { get; init; }

    public IEnumerable<InputItem> Take(CancellationToken stop)
    {
        search.Start();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            Tidy();
            bool wasFound = Find();
            while (_settling.TryTake(out FoundFile file, out FileState? state))
            {
                if (Input(file, state) is not { } input)
                    continue;
                yield return input;
                Tidy();
            }
            if (wasFound)
                continue;
            TimeSpan pause = _settling.Next is { } next && next < s_pause ? next : s_pause;
            if (_settling.HasRoom)
                search.Wait(pause);
            else
                stop.WaitHandle.WaitOne(pause);
        }
    }

    public bool IsWithdrawn(ScoreRow row)
    {
        WatchedInput input;
        lock (_gate)
        {
            input = _inWork[row.Name];
            if (!input.IsChanged)
                return false;
            _inWork.Remove(row.Name);
        }
        if (FileStatus.OfName(row.Name).Type != FileType.None)
            _back.Enqueue((input.File, TimeSpan.Zero));
        else if (!options.Output.Quiet)
            host.Line($"severity: {row.Name} was removed before it was scored");
        return true;
    }

    public void TryAgain(string name, TimeSpan later)
    {
        lock (_gate)
        {
            _inWork.Remove(name, out WatchedInput? input);
            _back.Enqueue((input!.File, later));
        }
    }

    public void Finish(ScoreRow row)
    {
        if (!row.AlreadyWritten && !options.Output.Quiet && index.Holds(row.Name))
            host.Line($"severity: {row.Name} has changed since it was scored; it has a further row");
        lock (_gate)
        {
            _inWork.Remove(row.Name, out WatchedInput? input);
            index.Add(row, input!.State);
            if ((row.Error is null ? Done : Failed) is { } to)
                _scored.Enqueue((input, to));
        }
    }

    /// <summary>Moves the last scored files, whose rows are safe; nothing is moved after that.</summary>
    public void Close()
    {
        lock (_moving)
        {
            _isClosed = true;
            MoveScored(_scored.Count);
        }
    }

    /// <summary>Has the disk take the rows, now and then, and moves the files of which it has them: none whose row may be lost.</summary>
    void Tidy()
    {
        if (Stopwatch.GetElapsedTime(_synchronized) < s_synchronizing)
            return;
        lock (_moving)
        {
            int safe = _scored.Count;
            if (!_isClosed && Synchronize())
                MoveScored(safe);
            _synchronized = Stopwatch.GetTimestamp();
        }
    }

    void MoveScored(int count)
    {
        for (; count > 0 && _scored.TryDequeue(out (WatchedInput Input, MovedFiles To) scored); count--)
        {
            WatchedInput input = scored.Input;
            // What was changed or removed since is another file.
            if (FileState.Of(input.Name) != input.State)
                continue;
            try
            {
                scored.To.Take(input.Name, input.Below);
            }
            catch (SeverityException e)
            {
                host.Error(e.Message);
            }
            // Files that are moved away while a folder is listed may keep others from being told.
            if (search.IsLooking)
                search.Again();
        }
    }

    /// <summary>Looks at files that were found, as many as have room.</summary>
    /// <returns>Whether there may be more.</returns>
    bool Find()
    {
        while (_back.TryDequeue(out (FoundFile File, TimeSpan Later) back))
            _settling.Add(back.File, FileState.Of(back.File.Path), later: back.Later);
        for (int count = 0; count < MostAtOnce; count++)
        {
            if (!_settling.HasRoom || !search.TryNext(out FoundFile file))
                return false;
            Consider(file);
        }
        return true;
    }

    void Consider(FoundFile file)
    {
        NameTells tells = ImageNames.Tell(file.Path);
        if (tells == NameTells.Other && index.See(file.Path, null))
            Found.IsInFolder(file.Path, leftOut);
        if (tells is not (NameTells.Image or NameTells.Nothing))
            return;
        FileState? state = FileState.Of(file.Path);
        if (!index.Knows(file.Path, state))
            _settling.Add(file, state, mayBeOld: file.By == FoundBy.Look && !search.IsPolling);
    }

    /// <summary>The input of a file that is whole; null for one that is none.</summary>
    WatchedInput? Input(FoundFile file, FileState? state)
    {
        lock (_gate)
        {
            if (_inWork.ContainsKey(file.Path))
            {
                _settling.Add(file, state, later: options.Settle);
                return null;
            }
        }
        if (index.Knows(file.Path, state) || IsRows(file.Path))
            return null;
        if (!Found.IsInFolder(file.Path, leftOut))
        {
            index.See(file.Path, state);
            return null;
        }
        WatchedInput input = new(file, state);
        options.Saliency?.Reserve(input);
        options.Dicom?.Reserve(input);
        lock (_gate)
            _inWork.Add(file.Path, input);
        return input;
    }

    bool IsRows(string path) => Path.GetFileName(path.AsSpan()).Equals(Path.GetFileName(options.Output.File), FileStatus.Comparison)
        && FileIdentity.AreSame(path, options.Output.File!);
}
