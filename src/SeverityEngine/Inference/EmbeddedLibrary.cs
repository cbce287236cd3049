using System.Reflection;
using System.Runtime.InteropServices;
using System.Security;
using Microsoft.Win32.SafeHandles;
using SeverityEngine.IO;

namespace SeverityEngine.Inference;

/// <summary>
/// Loads a native library that is embedded as a resource: from its twin beside the program where there is one, else from a copy in the
/// user's cache folder, which the command's first run makes, and where there is none, on Linux, from memory, leaving no file.
/// </summary>
/// <remarks>
/// <para>A file's pages are in memory once for all processes, and only as far as they are used; a copy in memory costs each process all of
/// the library, and most of the time that it takes to load.</para>
/// <para>The copy has to be the user's own, in folders of the user's own that nobody else may write to, and what is loaded is what was
/// looked at: the open file, by its descriptor. Systems without /proc/self/fd load it by its name, where nobody else could change what that
/// leads to. Whoever may write to such a file may replace the program as well; so its content is held against the resource in samples,
/// which find a file that a crash or a full disk left half written.</para>
/// </remarks>
static unsafe partial class EmbeddedLibrary
{
    /// <summary>The variable that forbids keeping a copy when it is <c>off</c>.</summary>
    const string CacheVariable = "SEVERITY_RUNTIME_CACHE";

    /// <summary>What is compared: the beginning, then a page of every so many bytes, and the end.</summary>
    const int HeaderBytes = 64 << 10, SampleBytes = 4 << 10, SampleDistance = 256 << 10;

    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    const uint MfdCloexec = 0x1;
    const uint MfdExec = 0x10;

    static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS()
        ? "libonnxruntime.dylib" : "libonnxruntime.so";

    /// <summary>Loads it.</summary>
    /// <param name="assembly">The assembly that holds it.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="keepCopy">Whether to make a copy where there is none.</param>
    /// <exception cref="DllNotFoundException">No way loads.</exception>
    public static nint Load(Assembly assembly, string resource, bool keepCopy)
    {
        if (!TryFind(assembly, resource, out ReadOnlySpan<byte> content))
            throw new DllNotFoundException($"the resource {resource} is not in {assembly.GetName().Name}");
        if (Path.GetDirectoryName(Environment.ProcessPath) is { } folder && TryLoadTwin(folder, content, out nint library))
            return library;
        bool isOff = string.Equals(Environment.GetEnvironmentVariable(CacheVariable), "off", StringComparison.OrdinalIgnoreCase);
        if (!isOff && UserCache() is { } cache && (keepCopy || Directory.Exists(CopyFolder(cache, content)))
            && TryLoadFromCache(cache, content, [], out library))
        {
            return library;
        }
        if (TryLoadFromMemory(content, "onnxruntime", out library))
            return library;
        return LoadFromCache(content); // there is no other way, even where no copy is wanted
    }

    /// <summary>Loads the file beside the program, where it is the resource's twin and belongs to the user or to root.</summary>
    internal static bool TryLoadTwin(string folder, ReadOnlySpan<byte> content, out nint library)
    {
        library = 0;
        string path = Path.Combine(folder, FileName);
        try
        {
            if (FileStatus.Of(path).Type != FileType.Regular)
                return false;
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (!IsSound(file, content, mayBeRoots: true))
                return false;
            library = Load(file, path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or DllNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Loads a small library from memory, which leaves no file; only Linux does.</summary>
    /// <param name="assembly">The assembly that may hold it.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="library">Its handle.</param>
    public static bool TryLoadFromMemory(Assembly assembly, string resource, out nint library)
    {
        library = 0;
        return TryFind(assembly, resource, out ReadOnlySpan<byte> content) && TryLoadFromMemory(content, resource, out library);
    }

    /// <summary>A resource's bytes, where the program has them in memory anyway.</summary>
    static bool TryFind(Assembly assembly, string resource, out ReadOnlySpan<byte> content)
    {
        using UnmanagedMemoryStream? stream = assembly.GetManifestResourceStream(resource) as UnmanagedMemoryStream;
        content = stream is null ? default : new(stream.PositionPointer, checked((int)stream.Length));
        return stream is not null;
    }

    static bool TryLoadFromMemory(ReadOnlySpan<byte> content, string name, out nint library)
    {
        library = 0;
        if (!OperatingSystem.IsLinux())
            return false;
        int descriptor;
        try
        {
            // Kernels before 6.3 refuse MFD_EXEC; later ones may be set up to refuse execution without it.
            descriptor = MemfdCreate(name, MfdCloexec | MfdExec);
            if (descriptor < 0)
                descriptor = MemfdCreate(name, MfdCloexec);
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library older than the call
        }
        if (descriptor < 0)
            return false;
        using SafeFileHandle file = new(descriptor, ownsHandle: true);
        try
        {
            RandomAccess.Write(file, content, 0);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            return false; // no memory for a copy, or a limit on the length of files, which .NET takes for an argument's fault
        }
        if (!NativeLibrary.TryLoad(DescriptorPath(file), out library))
            return false;
        KeepOpen(file);
        return true;
    }

    /// <summary>Loads the copy in the user's cache folder or, for accounts without a home, in the temporary one.</summary>
    internal static nint LoadFromCache(ReadOnlySpan<byte> content)
    {
        List<string> faults = [];
        foreach (string? root in (string?[])[UserCache(), TemporaryCache()])
        {
            if (root is not null && TryLoadFromCache(root, content, faults, out nint library))
                return library;
        }
        throw new DllNotFoundException($"it can be loaded neither from memory nor from a copy ({string.Join("; ", faults)})");
    }

    /// <summary>Loads the copy under a folder, and makes it first where there is no sound one.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="content">The library.</param>
    /// <param name="faults">Receives the reason why not.</param>
    /// <param name="library">Its handle.</param>
    static bool TryLoadFromCache(string root, ReadOnlySpan<byte> content, List<string> faults, out nint library)
    {
        try
        {
            string folder = CopyFolder(root, content);
            MakePrivateFolder(root);
            MakePrivateFolder(folder);
            string path = Path.Combine(folder, FileName);
            using FileStream copy = OpenCopy(path, content) ?? WriteCopy(path, content);
            library = Load(copy, path);
            return true;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or SecurityException or DllNotFoundException or SeverityException)
        {
            faults.Add($"{root}: {(e is IOException or UnauthorizedAccessException ? FileFaults.Reason(e) : e.Message)}");
            library = 0;
            return false;
        }
    }

    /// <summary>
    /// A library's own folder: two libraries differ in their headers, where linkers note a build's own number, or in length.
    /// </summary>
    internal static string CopyFolder(string root, ReadOnlySpan<byte> content) =>
        Path.Combine(root, $"{ContentHash.Sha256(content[..Math.Min(content.Length, HeaderBytes)])}-{content.Length}");

    /// <summary>The user's folder for what can be made again; null for accounts without a home.</summary>
    static string? UserCache()
    {
        string? home = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } user ? Path.Combine(user, ".cache")
            : null;
        return string.IsNullOrEmpty(home) ? null : Path.Combine(home, "severity-engine");
    }

    static string TemporaryCache() => Path.Combine(Path.GetTempPath(), $"severity-engine-{Environment.UserName}");

    /// <summary>A folder that others may write to could be given another library to load.</summary>
    static void MakePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path); // inherits the profile's access list
            return;
        }
        Directory.CreateDirectory(path, OwnerOnly);
        FileStatus folder = FileStatus.OfName(path);
        if (folder.Type != FileType.Folder)
            throw new SecurityException($"{path} is {(folder.Type == FileType.Link ? "a symbolic link" : "no folder")}; remove it");
        if (!folder.IsOwn)
            throw new SecurityException($"{path} belongs to another user");
        if (folder.IsWritableByOthers)
            throw new SecurityException($"others may write to {path}; take that from them with chmod go-w");
    }

    /// <summary>The copy that is there, open; null where there is none of the user's own that is whole.</summary>
    static FileStream? OpenCopy(string path, ReadOnlySpan<byte> content)
    {
        if (FileStatus.OfName(path).Type != FileType.Regular)
            return null;
        FileStream copy = OwnFile.Open(path, new() { Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });
        bool isSound = false;
        try
        {
            isSound = IsSound(copy, content, mayBeRoots: false);
        }
        finally
        {
            if (!isSound)
                copy.Dispose();
        }
        return isSound ? copy : null;
    }

    static FileStream WriteCopy(string path, ReadOnlySpan<byte> content)
    {
        using (AtomicFile file = AtomicFile.CreateOwn(path, OwnerOnly))
        {
            file.Write(content);
            file.Complete();
        }
        return OpenCopy(path, content) ?? throw new OwnFault($"{path} is not what was written");
    }

    /// <summary>Whether an open file is the library, and only the user, or root where it may be root's, can have written it.</summary>
    static bool IsSound(FileStream file, ReadOnlySpan<byte> content, bool mayBeRoots)
    {
        FileStatus status = FileStatus.Of(file.SafeFileHandle);
        return (status.IsOwn || (mayBeRoots && status.Owner == 0)) && !status.IsWritableByOthers && Holds(file, content);
    }

    /// <summary>Whether a file has the library's length, header, end and samples of what is between.</summary>
    static bool Holds(FileStream file, ReadOnlySpan<byte> content)
    {
        if (file.Length != content.Length)
            return false;
        Span<byte> read = stackalloc byte[SampleBytes];
        for (int at = 0; at < content.Length; at += at < HeaderBytes ? SampleBytes : SampleDistance)
        {
            if (!Agrees(at, read, content))
                return false;
        }
        return Agrees(Math.Max(0, content.Length - SampleBytes), read, content);

        bool Agrees(int at, Span<byte> read, ReadOnlySpan<byte> content)
        {
            ReadOnlySpan<byte> expected = content.Slice(at, Math.Min(SampleBytes, content.Length - at));
            int count = RandomAccess.Read(file.SafeFileHandle, read[..expected.Length], at);
            return read[..count].SequenceEqual(expected);
        }
    }

    static nint Load(FileStream copy, string path)
    {
        string descriptor = DescriptorPath(copy.SafeFileHandle);
        if (OperatingSystem.IsLinux() && File.Exists(descriptor))
        {
            nint library = NativeLibrary.Load(descriptor);
            KeepOpen(copy.SafeFileHandle);
            return library;
        }
        if (!OperatingSystem.IsWindows())
            RequirePrivateWay(path);
        return NativeLibrary.Load(path);
    }

    /// <summary>Refuses a path of which another user could rename a folder, and put another in its place.</summary>
    static void RequirePrivateWay(string path)
    {
        for (string? folder = Path.GetDirectoryName(Path.GetFullPath(path)); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            FileStatus status = FileStatus.Of(folder);
            // In a folder with the sticky bit, such as /tmp, others rename their own alone.
            if (!(status.IsOwn || status.Owner == 0) || (status.IsWritableByOthers && !status.Mode.HasFlag(UnixFileMode.StickyBit)))
            {
                throw new SecurityException(
                    $"others may change {folder}, and with it what {path} leads to; there is no /proc to load what was verified by");
            }
        }
    }

    /// <summary>The name to load an open file by: one that nobody else in the process uses, hence the dot.</summary>
    static string DescriptorPath(SafeFileHandle file) => $"/proc/self/fd/./{file.DangerousGetHandle()}";

    /// <summary>
    /// Leaves a descriptor open for good. The loader knows a library by the name that it was loaded by, and gives it again for that name:
    /// a library loaded later would be this one, were the descriptor's number given to its file.
    /// </summary>
    static void KeepOpen(SafeFileHandle file) => file.SetHandleAsInvalid();

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MemfdCreate(string name, uint flags);
}
