using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Watch;

/// <summary>How a search came upon a file.</summary>
enum FoundBy
{
    /// <summary>Whoever wrote it has closed it, or it got its name.</summary>
    Closing,

    /// <summary>It was made, or its rights or times were changed; it may be written to still.</summary>
    Touch,

    /// <summary>A look at its folder, which cannot tell.</summary>
    Look,
}

/// <summary>A file that a search came upon.</summary>
/// <param name="Path">The file.</param>
/// <param name="Below">The folders that lead to it from the one that is watched.</param>
/// <param name="By">How.</param>
readonly record struct FoundFile(string Path, string Below, FoundBy By);

/// <summary>
/// Finds the files of a folder and, where asked, of those below it, without an end: first those that are there, then those that the system
/// tells of. Each folder is watched before it is listed, so that nothing comes between. Where the system lost count, the folder is
/// looked through again; where it tells nothing, every so often. Folders are listed as they are gone through, and nothing of them is kept.
/// </summary>
/// <param name="options">What is watched, and how.</param>
/// <param name="excluded">Folders that are not entered, wherever a search comes upon them: those for results.</param>
/// <param name="leftOut">Counts the folders that are not entered.</param>
/// <param name="host">Hears of what goes wrong.</param>
sealed class FolderSearch(WatchOptions options, IReadOnlyList<string> excluded, LeftOut leftOut, IRunHost host) : IDisposable
{
    // errno of what is not there, what may not be entered, and what is no folder.
    const int NoEntry = 2, NoPermission = 13, NoFolder = 20;

    /// <summary>File systems, by the beginnings of their names, that others change without a notice.</summary>
    static readonly string[] s_remote = ["nfs", "cifs", "smb", "fuse", "9p", "v9fs", "ceph", "afs", "lustre", "gpfs", "vboxsf", "prl_fs"];

    /// <summary>How often a folder is looked at of which the system tells nothing, where nobody says.</summary>
    static readonly TimeSpan s_usualPoll = TimeSpan.FromSeconds(5);

    readonly Stack<string> _folders = new();
    readonly HashSet<string> _faulty = new(StringComparer.Ordinal);
    Inotify? _notices;
    IEnumerator<FolderEntry>? _entries;
    string? _why;
    long _next;
    bool _isGone, _again, _wasLookedThrough;

    /// <summary>Whether the folder is looked at every so often.</summary>
    public bool IsPolling { get; private set; } = options.Poll is not null || !OperatingSystem.IsLinux();

    /// <summary>Whether folders are being gone through.</summary>
    public bool IsLooking => _entries is not null || _folders.Count > 0;

    /// <summary>How often, where it is.</summary>
    public TimeSpan Poll => options.Poll ?? s_usualPoll;

    /// <summary>Begins; the files that are there come first.</summary>
    public void Start()
    {
        if (!IsPolling)
            TryNotices(() => _notices = Inotify.Open());
        LookThrough();
    }

    /// <summary>The next file, if there is one now.</summary>
    public bool TryNext(out FoundFile file)
    {
        while (true)
        {
            if (TryNotice(out Notice notice))
            {
                if (Take(notice) is not { } told)
                    continue;
                file = told;
                return true;
            }
            if (_entries is null && !TryEnter())
            {
                file = default;
                return false;
            }
            if (_entries is not null && Advance() is { } found)
            {
                file = found;
                return true;
            }
        }
    }

    /// <summary>Waits for more.</summary>
    /// <param name="most">How long at most.</param>
    public void Wait(TimeSpan most)
    {
        int milliseconds = (int)Math.Ceiling(most.TotalMilliseconds);
        if (_notices is not null)
            _notices.Wait(milliseconds);
        else
            Thread.Sleep(milliseconds);
    }

    /// <summary>Has the folder looked through again, from when this look ends.</summary>
    public void Again() => _again = true;

    public void Dispose()
    {
        _entries?.Dispose();
        _notices?.Dispose();
    }

    bool TryNotice(out Notice notice)
    {
        notice = default;
        try
        {
            return _notices is not null && _notices.TryRead(out notice);
        }
        catch (IOException e)
        {
            GiveUpNotices(FileFaults.Reason(e));
            return false;
        }
    }

    FoundFile? Take(Notice notice)
    {
        switch (notice.Kind)
        {
            case NoticeKind.Lost:
                Again();
                return null;
            case NoticeKind.Gone:
                Lose();
                return null;
            case NoticeKind.Folder when notice.Name.Length == 0:
                // Its rights may have changed, so that it can be listed now.
                if (_faulty.Contains(notice.Folder))
                    _folders.Push(notice.Folder);
                return null;
            case NoticeKind.Folder:
                Meet(new FolderEntry(notice.Folder, notice.Name, IsFolder: true, IsLink: false));
                return null;
            default:
                FoundFile file = File(notice.Folder, notice.Name, notice.Kind == NoticeKind.Written ? FoundBy.Closing : FoundBy.Touch);
                if (FileStatus.OfName(file.Path).Type != FileType.Link)
                    return file;
                // A link is made at once, and nobody closes it. One to a folder is not entered.
                return FileStatus.Of(file.Path).Type == FileType.Folder ? null : file with { By = FoundBy.Closing };
        }
    }

    /// <summary>The next entry of the folder that is listed, where that is a file.</summary>
    FoundFile? Advance()
    {
        if (!_entries!.MoveNext())
        {
            _entries.Dispose();
            _entries = null;
            return null;
        }
        FolderEntry entry = _entries.Current;
        if (entry.Fault is not null)
            Fail(entry);
        else if (entry.IsFolder)
            Meet(entry);
        else
            return File(entry.Folder, entry.Name, FoundBy.Look);
        return null;
    }

    FoundFile File(string folder, string name, FoundBy by) => new(Path.Join(folder, name), folder[options.Folder.Length..], by);

    void Meet(FolderEntry folder)
    {
        if (!FolderWalker.IsEntered(folder) || excluded.Any(other => FileIdentity.AreSame(folder.Path, other)))
            return;
        if (options.Recursive)
            _folders.Push(folder.Path);
        else if (!_wasLookedThrough)
            leftOut.AddFolder(folder);
    }

    /// <summary>Begins to list the next folder, where one is to be listed now.</summary>
    bool TryEnter()
    {
        if (!_folders.TryPop(out string? folder))
        {
            bool isDue = Environment.TickCount64 >= _next;
            if (_isGone ? !isDue || !Return() : !_again && !(IsPolling && isDue))
            {
                _wasLookedThrough = true;
                return false;
            }
            LookThrough();
            return true;
        }
        if (!IsPolling && IsRemote(folder))
            GiveUpNotices($"{folder} is on a file system of other machines, which tells nothing of what they do");
        if (_notices is not null)
            TryNotices(() => _notices.Add(folder));
        _faulty.Remove(folder);
        _entries = FolderWalker.Stream(folder).GetEnumerator();
        return true;
    }

    void LookThrough()
    {
        _again = false;
        _next = Environment.TickCount64 + (long)Poll.TotalMilliseconds;
        _folders.Push(options.Folder);
    }

    void TryNotices(Action act)
    {
        try
        {
            act();
        }
        catch (IOException e) when (IsPassing(e))
        {
            // The folder has gone meanwhile, or may not be entered: listing it says so.
        }
        catch (IOException e)
        {
            // 28 is what the system says where all watches of the user are taken.
            GiveUpNotices(FileFaults.IsDiskFull(e) ? "the system has no watches left (fs.inotify.max_user_watches)" : FileFaults.Reason(e));
        }

        static bool IsPassing(IOException e) => e.HResult is NoEntry or NoPermission or NoFolder;
    }

    void GiveUpNotices(string why)
    {
        IsPolling = true;
        _notices?.Dispose();
        _notices = null;
        Again();
        if (_why is null)
            host.Warning($"{why}; {options.Folder} is looked at every {Poll.TotalSeconds} s instead (--poll)");
        _why ??= why;
    }

    void Fail(FolderEntry folder)
    {
        if (folder.Fault!.Code == SeverityError.FileNotFound)
        {
            if (folder.Folder == options.Folder)
                Lose();
        }
        else if (_faulty.Add(folder.Folder))
            host.Error(folder.Fault.Message);
    }

    /// <summary>The folder is there no more: a disk or a share may come back.</summary>
    void Lose()
    {
        if (_isGone)
            return;
        _isGone = true;
        host.Error($"{options.Folder}: is there no more; it is watched again when it is back");
        _notices?.Dispose();
        _notices = null;
        _folders.Clear();
    }

    bool Return()
    {
        _next = Environment.TickCount64 + (long)Poll.TotalMilliseconds;
        if (!Directory.Exists(options.Folder))
            return false;
        _isGone = false;
        host.Line($"severity: {options.Folder} is back");
        if (!IsPolling)
            TryNotices(() => _notices = Inotify.Open());
        return true;
    }

    /// <summary>Whether a folder's files are changed by other machines too, of which no notice comes.</summary>
    static bool IsRemote(string folder)
    {
        try
        {
            DriveInfo drive = new(folder.Length == 0 ? "." : folder);
            return drive.DriveType == DriveType.Network
                || s_remote.Any(name => drive.DriveFormat.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            return false;
        }
    }
}
