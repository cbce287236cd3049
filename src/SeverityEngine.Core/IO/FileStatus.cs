using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SeverityEngine.IO;

/// <summary>What a path leads to.</summary>
enum FileType
{
    /// <summary>Nothing, or what may not be seen.</summary>
    None,

    /// <summary>A file that holds bytes.</summary>
    Regular,

    Folder,

    /// <summary>A pipe or a socket: it is written through, never replaced.</summary>
    Special,

    /// <summary>A device: likewise, and it may give bytes without end.</summary>
    Device,

    /// <summary>A symbolic link, where links are not followed.</summary>
    Link,
}

/// <summary>A file itself, whatever it is called: two paths with one identity are one file.</summary>
/// <param name="Volume">The file system.</param>
/// <param name="Number">The file in it: its inode, or its index on Windows.</param>
readonly record struct FileIdentity(ulong Volume, ulong Number)
{
    /// <summary>
    /// Whether two paths are one file: through links, <c>.</c> and <c>..</c>, and letters of another case where the file system has them
    /// equal. Of files that are not there yet, and where the system tells no identity, the names are compared, and the folders' identities.
    /// </summary>
    public static bool AreSame(string first, string second)
    {
        return AreSame(first, FileStatus.Of(first), second, FileStatus.Of(second));
    }

    /// <summary>The same, where what the system says of the paths is known.</summary>
    public static bool AreSame(string first, FileStatus one, string second, FileStatus other)
    {
        if (one.Type != other.Type)
            return false;
        if (one.Identity is { } identity && other.Identity is { } otherIdentity)
            return identity == otherIdentity;
        string here = Path.GetFullPath(first), there = Path.GetFullPath(second);
        if (string.Equals(here, there, FileStatus.Comparison))
            return true;
        // One name in one folder, which links may lead to by two ways.
        return string.Equals(Path.GetFileName(here), Path.GetFileName(there), FileStatus.Comparison)
            && FileStatus.Of(Path.GetDirectoryName(here) ?? here) is { Type: FileType.Folder, Identity: { } folder }
            && folder == FileStatus.Of(Path.GetDirectoryName(there) ?? there).Identity;
    }
}

/// <summary>What the system says of a file.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Identity">Which one it is; null where the system does not say.</param>
/// <param name="Owner">The user that it belongs to; 0 on Windows.</param>
/// <param name="Group">The group; 0 on Windows.</param>
/// <param name="Mode">Who may do what with it; none on Windows.</param>
readonly partial record struct FileStatus(
    FileType Type, FileIdentity? Identity = null, uint Owner = 0, uint Group = 0, UnixFileMode Mode = UnixFileMode.None)
{
    // statx(2): from the working directory, of the handle itself, of a link itself, and the fields that stat(2) has.
    const int WorkingDirectory = -100, EmptyPath = 0x1000, NoFollow = 0x100, BasicFields = 0x7FF;

    // The file's type in its mode, as POSIX has it.
    const int TypeMask = 0xF000, FolderType = 0x4000, RegularType = 0x8000, CharacterDevice = 0x2000, BlockDevice = 0x6000,
        LinkType = 0xA000;

    const int MostLinks = 40;

    /// <summary>By what it is told whether a file has changed; null but on Linux.</summary>
    public FileState? State { get; init; }

    /// <summary>How names are compared.</summary>
    public static StringComparison Comparison =>
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Whether it belongs to the user that this process runs as.</summary>
    public bool IsOwn => OperatingSystem.IsWindows() || Owner == EffectiveUser();

    /// <summary>Whether others than its owner may write to it.</summary>
    public bool IsWritableByOthers => (Mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>The status of what a path leads to.</summary>
    public static FileStatus Of(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                return OfWindows(path);
            return OperatingSystem.IsLinux() ? OfLinux(WorkingDirectory, path, 0) : OfMac(path);
        }
        catch (Exception e) when (FileFaults.IsFault(e) || e is EntryPointNotFoundException)
        {
            return Guess(path);
        }
    }

    /// <summary>The status of what stands under a name itself: of a link, not of what it leads to.</summary>
    public static FileStatus OfName(string path)
    {
        try
        {
            FileStatus status = OperatingSystem.IsLinux() ? OfLinux(WorkingDirectory, path, NoFollow)
                : OperatingSystem.IsMacOS() ? OfMac(path, follow: false) : default;
            if (status.Type != FileType.None)
                return status;
        }
        catch (EntryPointNotFoundException)
        {
            // What .NET says of it is asked below, as on Windows, and where a sandbox refuses the call.
        }
        return NextLink(path) is not null ? new FileStatus(FileType.Link) : OperatingSystem.IsWindows() ? Of(path) : Guess(path);
    }

    /// <summary>The status of an open file; a file without an identity where the system does not say.</summary>
    public static FileStatus Of(SafeFileHandle handle)
    {
        try
        {
            FileStatus status = OperatingSystem.IsWindows() ? OfWindows(handle)
                : OperatingSystem.IsLinux() ? OfLinux((int)handle.DangerousGetHandle(), "", EmptyPath) : OfMac(handle);
            return status.Type == FileType.None ? new FileStatus(FileType.Regular) : status;
        }
        catch (EntryPointNotFoundException)
        {
            return new FileStatus(FileType.Regular);
        }
    }

    /// <summary>
    /// Whether a path leads to a device, a pipe or a socket. It is not opened for that: a pipe's opening waits for its other end, maybe for
    /// ever, and what has been read of it is gone. .NET gives them the attributes of files.
    /// </summary>
    public static bool IsSpecial(string path) => Of(path).Type is FileType.Special or FileType.Device;

    /// <summary>Whether an open file is the one that a path leads to now: it was not removed or replaced since.</summary>
    public static bool IsAt(SafeFileHandle handle, string path)
    {
        // An open file cannot be removed on Windows, nor replaced; elsewhere the path decides where nothing better is known.
        if (!OperatingSystem.IsLinux())
            return Path.Exists(path);
        return Of(handle).Identity is { } identity ? identity == Of(path).Identity : Path.Exists(path);
    }

    /// <summary>
    /// Whether a path leads to what is written through and never replaced: a device, a pipe, a socket. The names of descriptors, standard
    /// output's among them, are such even where a file is open there, whose end rows are to be added to.
    /// </summary>
    public static bool IsStream(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            string? hop = path;
            for (int links = 0; hop is not null && links < MostLinks; links++)
            {
                string full = Path.GetFullPath(hop);
                if (IsDescriptor(full))
                    return true;
                hop = NextLink(full);
            }
        }
        return IsSpecial(path);
    }

    /// <summary>Not all below /dev is one: /dev/shm holds files like any other.</summary>
    static bool IsDescriptor(string path) => path is "/dev/stdin" or "/dev/stdout" or "/dev/stderr"
        || path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);

    static string? NextLink(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.FullName;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            return null;
        }
    }

    /// <summary>On macOS on x64 the plain names are those of the old calls with 32-bit inodes.</summary>
    static bool HasOldNames => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>A system without the call (glibc before 2.28) still tells files from folders.</summary>
    static FileStatus Guess(string path) =>
        new(Directory.Exists(path) ? FileType.Folder : File.Exists(path) ? FileType.Regular : FileType.None);

    static FileStatus OfLinux(int folder, string path, int flags)
    {
        if (Statx(folder, path, flags, BasicFields, out LinuxStatus status) != 0)
            return default;
        FileIdentity identity = new((ulong)status.DeviceMajor << 32 | status.DeviceMinor, status.Inode);
        return new FileStatus(TypeOf(status.Mode), identity, status.Owner, status.Group, ModeOf(status.Mode))
        {
            State = new FileState(status.Size, Time(status.ModifiedSeconds, status.ModifiedNanoseconds),
                Time(status.ChangedSeconds, status.ChangedNanoseconds), status.Inode),
        };

        static long Time(long seconds, uint nanoseconds) => seconds * 1_000_000_000 + nanoseconds;
    }

    static FileStatus OfMac(string path, bool follow = true)
    {
        int result = HasOldNames
            ? follow ? Stat64(path, out MacStatus status) : LinkStat64(path, out status)
            : follow ? Stat(path, out status) : LinkStat(path, out status);
        return OfMac(result, status);
    }

    static FileStatus OfMac(SafeFileHandle handle)
    {
        int file = (int)handle.DangerousGetHandle();
        int result = HasOldNames ? HandleStat64(file, out MacStatus status) : HandleStat(file, out status);
        return OfMac(result, status);
    }

    static FileStatus OfMac(int result, in MacStatus status) => result != 0 ? default : new FileStatus(
        TypeOf(status.Mode), new FileIdentity((uint)status.Device, status.Inode), status.Owner, status.Group, ModeOf(status.Mode));

    static FileStatus OfWindows(string path)
    {
        if (Directory.Exists(path))
            return new FileStatus(FileType.Folder);
        // NUL, CON and named pipes become paths of this form.
        if (Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal))
            return new FileStatus(FileType.Special);
        if (!File.Exists(path))
            return default;
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return OfWindows(handle);
    }

    static FileStatus OfWindows(SafeFileHandle handle) => GetFileInformationByHandle(handle, out WindowsStatus status)
        ? new FileStatus(FileType.Regular, new FileIdentity(status.Volume, (ulong)status.IndexHigh << 32 | status.IndexLow))
        : new FileStatus(FileType.Regular);

    static UnixFileMode ModeOf(int mode) => (UnixFileMode)(mode & ~TypeMask);

    static FileType TypeOf(int mode) => (mode & TypeMask) switch
    {
        RegularType => FileType.Regular,
        FolderType => FileType.Folder,
        CharacterDevice or BlockDevice => FileType.Device,
        LinkType => FileType.Link,
        _ => FileType.Special,
    };

    /// <summary>Of struct statx (linux/stat.h), which is the same on every processor, what is asked for.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct LinuxStatus
    {
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(24)] public uint Group;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public long Size;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }

    /// <summary>Of macOS's struct stat (sys/stat.h) with 64-bit inodes what is asked for.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    struct MacStatus
    {
        [FieldOffset(0)] public int Device;
        [FieldOffset(4)] public ushort Mode;
        [FieldOffset(8)] public ulong Inode;
        [FieldOffset(16)] public uint Owner;
        [FieldOffset(20)] public uint Group;
    }

    /// <summary>Of BY_HANDLE_FILE_INFORMATION (fileapi.h) what is asked for.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 52)]
    struct WindowsStatus
    {
        [FieldOffset(28)] public uint Volume;
        [FieldOffset(44)] public uint IndexHigh;
        [FieldOffset(48)] public uint IndexLow;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint fields, out LinuxStatus status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, out MacStatus status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat64(string path, out MacStatus status);

    [LibraryImport("libc", EntryPoint = "lstat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkStat(string path, out MacStatus status);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkStat64(string path, out MacStatus status);

    [LibraryImport("libc", EntryPoint = "fstat")]
    private static partial int HandleStat(int file, out MacStatus status);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64")]
    private static partial int HandleStat64(int file, out MacStatus status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandle(SafeFileHandle handle, out WindowsStatus status);
}
