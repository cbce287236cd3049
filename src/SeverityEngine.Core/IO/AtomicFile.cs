using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SeverityEngine.IO;

/// <summary>
/// The one way to write a file that is only good whole. What is written goes to a temporary file beside it, which is flushed to the disk
/// and then takes its name: the name stands for the old file or for the whole new one, never for a part. A file that stands there already
/// keeps its mode, its owner where the system lets that be, and the symbolic links that lead to it; one that may not be written to is not
/// replaced. Devices, pipes and standard output's names are written through. Without <see cref="Complete"/> nothing is left behind.
/// </summary>
sealed partial class AtomicFile : Stream
{
    /// <summary>What every temporary file's name ends in.</summary>
    const string Suffix = ".partial";

    /// <summary>How often a file that others give away while it is opened is opened again.</summary>
    const int MostTries = 100;

    /// <summary>W_OK of access(2).</summary>
    const int WriteAccess = 2;

    readonly string _path;
    readonly string _target;
    readonly string? _partial;
    readonly Stream _stream;
    bool _done;

    /// <summary>
    /// How a file is opened that one writer alone may hold. Windows renames and replaces an open file only where it is shared for deletion,
    /// which lets nobody else read or write it; on Unix any sharing is shared with all.
    /// </summary>
    public static FileShare HeldAlone => OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;

    AtomicFile(string path, string target, string? partial, Stream stream)
    {
        _path = path;
        _target = target;
        _partial = partial;
        _stream = stream;
    }

    SafeFileHandle Handle => ((FileStream)_stream).SafeFileHandle;

    public override bool CanRead => false;

    public override bool CanSeek => _stream.CanSeek;

    public override bool CanWrite => true;

    public override long Length => _stream.Length;

    public override long Position
    {
        get => _stream.Position;
        set => _stream.Position = value;
    }

    /// <summary>Starts a file.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="exclusive">
    /// Whether a second writer of the same file is refused while this one is at work; else the last to end wins.
    /// </param>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public static AtomicFile Create(string path, bool exclusive = false)
    {
        try
        {
            if (FileStatus.IsStream(path))
                return new AtomicFile(path, path, null, OpenStream(path));
            string target = Path.GetFullPath(path);
            FileInfo named = new(target);
            if (named.LinkTarget is not null && named.ResolveLinkTarget(returnFinalTarget: true) is { } link)
                target = link.FullName;
            FileStatus old = FileStatus.Of(target);
            if (old.Type == FileType.Folder)
                throw new SeverityException(SeverityError.FileUnwritable, $"{path}: is a folder; name a file in it");
            // A rename asks nobody on Unix whether the file that it replaces may be changed.
            if (old.Type == FileType.Regular && !OperatingSystem.IsWindows() && MayAccess(target, WriteAccess) != 0)
                throw new UnauthorizedAccessException($"{target} may not be written to");
            string partial = exclusive ? SharedName(target) : UniqueName(target);
            AtomicFile file = new(path, target, partial, Open(partial, exclusive, old.Type == FileType.Regular ? ModeOf(target) : null));
            file.TakeAfter(old);
            return file;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw Unwritable(path, e);
        }
    }

    /// <summary>
    /// Starts a file in a folder that is the program's own: it gets a mode, and replaces a symbolic link of its name rather than what that
    /// leads to.
    /// </summary>
    /// <param name="path">Its name.</param>
    /// <param name="mode">Who may do what with it, on Unix; null for what is usual.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public static AtomicFile CreateOwn(string path, UnixFileMode? mode = null)
    {
        try
        {
            string partial = UniqueName(Path.GetFullPath(path));
            return new AtomicFile(path, path, partial, Open(partial, exclusive: false, mode));
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw Unwritable(path, e);
        }
    }

    /// <summary>Writes a file at once.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using AtomicFile file = Create(path);
        file.Write(content);
        file.Complete();
    }

    /// <summary>
    /// Opens or makes a file that nobody else writes meanwhile, and that is still called so: opened in the moment in which another writer
    /// gave the name to a new file, what is written would go to one without a name.
    /// </summary>
    /// <param name="path">Its name.</param>
    /// <param name="options">How it is opened; its sharing is <see cref="HeldAlone"/>.</param>
    /// <exception cref="IOException">Another holds it (<see cref="FileFaults.IsInUse"/>), or it cannot be opened.</exception>
    public static FileStream OpenHeld(string path, FileStreamOptions options)
    {
        options.Share = HeldAlone;
        for (int tries = 0; tries < MostTries; tries++)
        {
            FileStream file = new(path, options);
            if (FileStatus.IsAt(file.SafeFileHandle, path))
                return file;
            file.Dispose();
        }
        throw FileFaults.InUse();
    }

    /// <summary>Makes a folder for files of results, and those that lead to it.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw new SeverityException(SeverityError.FileUnwritable, $"{path}: the folder cannot be made: {FileFaults.Reason(e)}; "
                + "name another", e);
        }
    }

    /// <summary>
    /// Removes what writers who died have left in a folder of the program's own. Files that are being written are locked by their writers;
    /// that none is made but not yet locked is for the caller to see to.
    /// </summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (string leftover in Directory.EnumerateFiles(folder, ".*" + Suffix))
        {
            try
            {
                using (OwnFile.Open(leftover, new() { Share = FileShare.None }))
                    File.Delete(leftover);
            }
            catch (Exception e) when (FileFaults.IsFault(e) || e is SeverityException)
            {
                // Locked, another user's, or a link: not a leftover of ours.
            }
        }
    }

    /// <summary>The error for a file that cannot be written, with what to do about it.</summary>
    public static SeverityException Unwritable(string path, Exception e) => new(SeverityError.FileUnwritable, e switch
    {
        _ when FileFaults.IsDiskFull(e) => $"{path}: cannot be written: the disk is full; make room, or name a file on another disk",
        _ when FileFaults.IsInUse(e) => $"{path}: another run is writing it; wait for its end, or name another file",
        DirectoryNotFoundException => $"{path}: cannot be written: its folder is not there; make it first",
        UnauthorizedAccessException => $"{path}: cannot be written: it, or its folder, may not be changed; name another file",
        _ => $"{path}: cannot be written: {FileFaults.Reason(e)}; name another file",
    }, e);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _stream.Write(buffer);
        }
        catch (Exception e) when (FileFaults.IsFault(e) && e is not ReaderGoneException)
        {
            throw Unwritable(_path, e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Waits until the disk has what was written, and gives the file its name.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>; the old file stands.</exception>
    public void Complete()
    {
        FlushToDisk();
        Commit();
        _stream.Dispose();
    }

    /// <summary>Waits until the disk has what was written.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public void FlushToDisk()
    {
        try
        {
            _stream.Flush();
            if (_partial is not null)
                Disk.Flush(Handle);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw Unwritable(_path, e);
        }
    }

    /// <summary>Whether another file holds the very bytes that were written and flushed here.</summary>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    public bool HasContentOf(string path)
    {
        using FileStream other = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (other.Length != _stream.Length)
            return false;
        byte[] own = new byte[64 << 10], theirs = new byte[own.Length];
        for (long at = 0; at < other.Length;)
        {
            int read = RandomAccess.Read(Handle, own, at);
            other.ReadExactly(theirs, 0, read);
            if (read == 0 || !own.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, read)))
                return false;
            at += read;
        }
        return true;
    }

    /// <summary>Gives the file, of which the disk has everything, its name, and leaves it open.</summary>
    /// <returns>The file, which is the caller's from here on.</returns>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>; the old file stands.</exception>
    public Stream Commit() => Commit(_target, overwrite: true);

    /// <summary>Likewise with another name, which no file has yet.</summary>
    /// <param name="target">The name, in the same folder.</param>
    /// <exception cref="SeverityException">As for <see cref="Commit()"/>, where a file has that name too.</exception>
    public Stream CommitAs(string target) => Commit(target, overwrite: false);

    Stream Commit(string target, bool overwrite)
    {
        try
        {
            // While it is open, and so locked: nobody takes it for a leftover. Windows renames an open file that is shared for deletion.
            if (_partial is not null)
                File.Move(_partial, target, overwrite);
            _done = true;
            return _stream;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw Unwritable(_path, e);
        }
    }

    public override void Flush()
    {
        // Flushed once, when complete.
    }

    public override long Seek(long offset, SeekOrigin origin) => _stream.Seek(offset, origin);

    public override void SetLength(long value) => _stream.SetLength(value);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_done)
        {
            _done = true;
            // The name goes before the lock does, or another writer's file would.
            bool removed = !OperatingSystem.IsWindows() && Remove();
            try
            {
                _stream.Dispose();
            }
            catch (Exception e) when (FileFaults.IsFault(e))
            {
                // What could not be written has been reported.
            }
            if (!removed)
                Remove();
        }
        base.Dispose(disposing);
    }

    bool Remove()
    {
        try
        {
            if (_partial is not null)
                File.Delete(_partial);
            return true;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            // The error that led here says more.
            return false;
        }
    }

    /// <summary>Gives the new file the owner of the old one and, since a new owner takes some bits of it away, its mode again.</summary>
    void TakeAfter(FileStatus old)
    {
        if (old.Type != FileType.Regular || OperatingSystem.IsWindows())
            return;
        SafeFileHandle handle = Handle;
        if (FileStatus.Of(_partial!) is { } now && (now.Owner != old.Owner || now.Group != old.Group))
        {
            // Only the administrator gives files away; for others the new file is theirs, as with every program that saves in this way.
            if (ChangeOwner((int)handle.DangerousGetHandle(), old.Owner, old.Group) != 0)
                _ = ChangeOwner((int)handle.DangerousGetHandle(), uint.MaxValue, old.Group);
        }
        File.SetUnixFileMode(handle, ModeOf(_target)!.Value);
    }

    static UnixFileMode? ModeOf(string path) => OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);

    static FileStream Open(string partial, bool exclusive, UnixFileMode? mode)
    {
        FileStreamOptions options = new()
        {
            // The one name that all writers of a file share may be left over from one who died.
            Mode = exclusive ? FileMode.OpenOrCreate : FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = HeldAlone,
            BufferSize = 64 << 10,
        };
        if (mode is not null && !OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        FileStream stream = exclusive ? OwnFile.Open(partial, options) : new FileStream(partial, options);
        stream.SetLength(0);
        return stream;
    }

    static Stream OpenStream(string path)
    {
        // Opened anew, a file that standard output goes to would be written from its start.
        if (path is "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1")
            return StandardStreams.OpenOutput();
        FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        if (stream.CanSeek)
            stream.Seek(0, SeekOrigin.End);
        return stream;
    }

    // Short names, so that a file whose own name is as long as the system allows has room for one.
    // They need not be hard to guess: a file that is there already is not opened. Where nothing is mounted the system has no such numbers.
    static string UniqueName(string target) => NameBeside(target, $"{Random.Shared.NextInt64():x16}{Environment.ProcessId:x16}");

    static string SharedName(string target) =>
        NameBeside(target, ContentHash.Sha256(Encoding.UTF8.GetBytes(Path.GetFileName(target)))[..32]);

    static string NameBeside(string target, string mark) => Path.Combine(Path.GetDirectoryName(target)!, $".severity-{mark}{Suffix}");

    [LibraryImport("libc", EntryPoint = "fchown")]
    private static partial int ChangeOwner(int file, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MayAccess(string path, int mode);
}
