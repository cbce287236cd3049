using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SeverityEngine.Batch.Watch;

/// <summary>What happened in a folder.</summary>
enum NoticeKind
{
    /// <summary>A file was closed by who wrote it, or got its name.</summary>
    Written,

    /// <summary>A file was made, and whoever makes it may still write; or its rights or times were changed.</summary>
    Touched,

    /// <summary>A folder was made, got its name, or may be listed now.</summary>
    Folder,

    /// <summary>More happened than the system keeps.</summary>
    Lost,

    /// <summary>A folder that was named to be watched was removed or renamed, or its file system went away.</summary>
    Gone,
}

/// <summary>One thing that happened.</summary>
/// <param name="Kind">What.</param>
/// <param name="Folder">The folder in which it did.</param>
/// <param name="Name">The name there; empty where it is the folder itself.</param>
readonly record struct Notice(NoticeKind Kind, string Folder, string Name);

/// <summary>
/// Linux's notices of what happens in folders (inotify(7)). .NET's FileSystemWatcher does not tell when a file is closed, keeps what it is
/// told in memory without a bound, and of 300 new folders with a file each told of 89 files.
/// </summary>
sealed partial class Inotify : IDisposable
{
    // sys/inotify.h.
    const int NonBlocking = 0x800, CloseOnExec = 0x80000;
    const uint Attributes = 0x4, CloseWrite = 0x8, MovedFrom = 0x40, MovedTo = 0x80, Create = 0x100, DeleteSelf = 0x400, MoveSelf = 0x800,
        Unmounted = 0x2000, Overflow = 0x4000, Ignored = 0x8000, OnlyFolders = 0x1000000, IsFolder = 0x40000000;

    const uint Wanted = Attributes | CloseWrite | MovedFrom | MovedTo | Create | DeleteSelf | MoveSelf | OnlyFolders;

    /// <summary>Of struct inotify_event, without the name that follows.</summary>
    const int HeadBytes = 16;

    /// <summary>POLLIN of poll(2).</summary>
    const short Readable = 1;

    const int Interrupted = 4;

    readonly SafeFileHandle _handle;
    readonly Dictionary<int, string> _folders = [];
    readonly byte[] _events = new byte[16 << 10];
    int _at, _filled, _root = -1;

    Inotify(SafeFileHandle handle) => _handle = handle;

    /// <summary>Begins, with no folder.</summary>
    /// <exception cref="IOException">The system has none to give: the code is its own.</exception>
    public static Inotify Open()
    {
        int opened = Initialize(NonBlocking | CloseOnExec);
        return opened >= 0 ? new Inotify(new SafeFileHandle(opened, ownsHandle: true)) : throw Fault();
    }

    /// <summary>Watches a folder, but not those below it. The first one is the root.</summary>
    /// <exception cref="IOException">It cannot be watched: the code is the system's.</exception>
    public void Add(string folder)
    {
        int watch = AddWatch(_handle, folder.Length == 0 ? "." : folder, Wanted);
        if (watch < 0)
            throw Fault();
        _folders[watch] = folder;
        if (_root < 0)
            _root = watch;
    }

    /// <summary>The next notice, if there is one.</summary>
    /// <exception cref="IOException">The system gives none: the code is its own.</exception>
    public bool TryRead(out Notice notice)
    {
        while (true)
        {
            if (_at == _filled && !Fill())
            {
                notice = default;
                return false;
            }
            ReadOnlySpan<byte> head = _events.AsSpan(_at, HeadBytes);
            int watch = BinaryPrimitives.ReadInt32LittleEndian(head);
            uint mask = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            int length = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
            string name = Encoding.UTF8.GetString(_events.AsSpan(_at + HeadBytes, length).TrimEnd((byte)0));
            _at += HeadBytes + length;
            if (Read(watch, mask, name) is { } read)
            {
                notice = read;
                return true;
            }
        }
    }

    /// <summary>Waits for a notice.</summary>
    /// <param name="milliseconds">How long at most.</param>
    public void Wait(int milliseconds)
    {
        if (_at < _filled)
            return;
        Descriptor wanted = new() { Handle = (int)_handle.DangerousGetHandle(), Events = Readable };
        _ = Poll(ref wanted, 1, milliseconds);
    }

    public void Dispose() => _handle.Dispose();

    Notice? Read(int watch, uint mask, string name)
    {
        if ((mask & Overflow) != 0)
            return new Notice(NoticeKind.Lost, "", "");
        if (!_folders.TryGetValue(watch, out string? folder))
            return null;
        if (watch == _root && (mask & (DeleteSelf | MoveSelf | Unmounted)) != 0)
            return new Notice(NoticeKind.Gone, folder, "");
        if ((mask & Ignored) != 0)
            _folders.Remove(watch);
        if (name.Length == 0)
            return (mask & Attributes) != 0 ? new Notice(NoticeKind.Folder, folder, "") : null;
        if ((mask & IsFolder) != 0)
        {
            if ((mask & MovedFrom) != 0)
                Forget(Path.Join(folder, name));
            return (mask & (Create | MovedTo)) != 0 ? new Notice(NoticeKind.Folder, folder, name) : null;
        }
        return (mask & (CloseWrite | MovedTo)) != 0 ? new Notice(NoticeKind.Written, folder, name)
            : (mask & (Create | Attributes)) != 0 ? new Notice(NoticeKind.Touched, folder, name)
            : null;
    }

    /// <summary>Watches a folder, and those below it, no more: it has another name now, or is elsewhere.</summary>
    void Forget(string folder)
    {
        string below = folder + Path.DirectorySeparatorChar;
        foreach ((int watch, string path) in _folders.Where(
            f => f.Value == folder || f.Value.StartsWith(below, StringComparison.Ordinal)).ToArray())
        {
            _folders.Remove(watch);
            _ = RemoveWatch(_handle, watch);
        }
    }

    bool Fill()
    {
        nint read = ReadEvents(_handle, _events, _events.Length);
        if (read < 0 && Marshal.GetLastPInvokeError() is var error && error != Interrupted && !IO.FileFaults.IsWouldBlock(error))
            throw Fault();
        (_at, _filled) = (0, (int)Math.Max(read, 0));
        return read > 0;
    }

    static IOException Fault()
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }

    /// <summary>struct pollfd.</summary>
    struct Descriptor
    {
        public int Handle;
        public short Events, Returned;
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Initialize(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeFileHandle handle, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch")]
    private static partial int RemoveWatch(SafeFileHandle handle, int watch);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadEvents(SafeFileHandle handle, byte[] events, nint length);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref Descriptor descriptors, nuint count, int milliseconds);
}
