using SeverityEngine.IO;

namespace SeverityEngine.Batch.Watch;

/// <summary>
/// Files that were found and may still be written to. One is given out when its size and times have stood still for a while: after it was
/// closed a short one, else a long one, for who has made a file and writes nothing may yet do so.
/// </summary>
/// <param name="settle">The short while.</param>
/// <param name="most">How many there may be.</param>
sealed class SettlingFiles(TimeSpan settle, int most)
{
    /// <summary>The long while, in short ones.</summary>
    const int LongWhile = 20;

    readonly Dictionary<string, Settling> _files = new(StringComparer.Ordinal);
    readonly PriorityQueue<string, long> _due = new();

    /// <summary>Whether there is room for one more.</summary>
    public bool HasRoom => _files.Count < most;

    /// <summary>How many there are.</summary>
    public int Count => _files.Count;

    /// <summary>How long until one may be given out; null where none is.</summary>
    public TimeSpan? Next => _due.TryPeek(out _, out long due)
        ? TimeSpan.FromMilliseconds(Math.Max(due - Environment.TickCount64, 0)) : null;

    /// <summary>Adds a file, or notes that it was found once more.</summary>
    /// <param name="file">The file.</param>
    /// <param name="state">Its state now; null where that cannot be seen.</param>
    /// <param name="mayBeOld">Whether it may be taken at once where it has stood still for the while by this machine's clock.</param>
    /// <param name="later">How long it is to be left alone at least.</param>
    public void Add(FoundFile file, FileState? state, bool mayBeOld = false, TimeSpan later = default)
    {
        bool isKnown = _files.TryGetValue(file.Path, out Settling known);
        if (isKnown && file.By != FoundBy.Closing)
        {
            // Another look, or touch, tells nothing new of whether it is closed.
            if (known.State == state)
                return;
            file = known.File;
        }
        TimeSpan wait = mayBeOld && state is { Age: var age } && age > settle ? TimeSpan.Zero : While(file);
        Put(file, state, wait > later ? wait : later);
    }

    /// <summary>Gives out a file that has stood still.</summary>
    /// <param name="file">The file.</param>
    /// <param name="state">The state in which it has; null where that cannot be seen, though there is something of that name.</param>
    public bool TryTake(out FoundFile file, out FileState? state)
    {
        long now = Environment.TickCount64;
        while (_due.TryPeek(out string? path, out long turn) && turn <= now)
        {
            _due.Dequeue();
            if (!_files.TryGetValue(path, out Settling settling) || settling.Turn != turn)
                continue; // It has another turn.
            _files.Remove(path);
            if (settling.Due > now)
            {
                Put(settling.File, settling.State, TimeSpan.FromMilliseconds(settling.Due - now));
                continue;
            }
            state = FileState.Of(path);
            // Removed, or renamed, and then there is word of its new name. What is no UTF-8 is not found by its name.
            if (state is null && FileStatus.OfName(path).Type == FileType.None && !path.Contains('\uFFFD', StringComparison.Ordinal))
                continue;
            file = settling.File;
            if (state == settling.State)
                return true;
            Put(file, state, While(file));
        }
        file = default;
        state = null;
        return false;
    }

    TimeSpan While(FoundFile file) => file.By == FoundBy.Touch ? LongWhile * settle : settle;

    void Put(FoundFile file, FileState? state, TimeSpan wait)
    {
        long due = Environment.TickCount64 + (long)wait.TotalMilliseconds;
        // Its turn stays where that comes before: however often it is put, it waits in line once or twice.
        long turn = _files.TryGetValue(file.Path, out Settling known) && known.Turn <= due ? known.Turn : due;
        _files[file.Path] = new Settling(file, state, due, turn);
        if (turn != known.Turn)
            _due.Enqueue(file.Path, turn);
    }

    /// <param name="File">The file.</param>
    /// <param name="State">Its state when it was last looked at.</param>
    /// <param name="Due">When it may be given out.</param>
    /// <param name="Turn">When it comes up in the line, which may be before.</param>
    readonly record struct Settling(FoundFile File, FileState? State, long Due, long Turn);
}
