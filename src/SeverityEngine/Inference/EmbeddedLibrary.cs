using System.Reflection;
using System.Runtime.InteropServices;
using System.Security;
using Microsoft.Win32.SafeHandles;
using SeverityEngine.IO;

namespace SeverityEngine.Inference;

/// <summary>
/// Loads a native library that is embedded as a resource: on Linux from memory, leaving no file; elsewhere, or where that is refused,
/// from a copy in a private per-user folder named by the content's hash.
/// </summary>
/// <remarks>
/// The copy has to be the user's own, in folders of the user's own that nobody else may write to, and what is loaded is what was verified:
/// the open file, by its descriptor. Systems without /proc/self/fd load it by its name, where nobody else could change what that leads to.
/// </remarks>
static unsafe partial class EmbeddedLibrary
{
    const int ChunkBytes = 64 << 10;
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    const uint MfdCloexec = 0x1;
    const uint MfdExec = 0x10;

    /// <exception cref="DllNotFoundException">Neither way loads.</exception>
    public static nint Load(Assembly assembly, string resource)
    {
        using UnmanagedMemoryStream stream = assembly.GetManifestResourceStream(resource) as UnmanagedMemoryStream
            ?? throw new DllNotFoundException($"the resource {resource} is not in {assembly.GetName().Name}");
        ReadOnlySpan<byte> content = new(stream.PositionPointer, checked((int)stream.Length));
        return OperatingSystem.IsLinux() && TryLoadFromMemory(content, out nint library) ? library : LoadFromCache(content);
    }

    static bool TryLoadFromMemory(ReadOnlySpan<byte> content, out nint library)
    {
        library = 0;
        int descriptor;
        try
        {
            // Kernels before 6.3 refuse MFD_EXEC; later ones may be set up to refuse execution without it.
            descriptor = MemfdCreate("onnxruntime", MfdCloexec | MfdExec);
            if (descriptor < 0)
                descriptor = MemfdCreate("onnxruntime", MfdCloexec);
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
        catch (IOException)
        {
            return false; // no memory for a copy: the cache may have one
        }
        if (!NativeLibrary.TryLoad(DescriptorPath(file), out library))
            return false;
        KeepOpen(file);
        return true;
    }

    internal static nint LoadFromCache(ReadOnlySpan<byte> content)
    {
        string hash = ContentHash.Sha256(content);
        string name = OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS()
            ? "libonnxruntime.dylib" : "libonnxruntime.so";
        List<string> faults = [];
        foreach (string root in CacheRoots())
        {
            try
            {
                string folder = Path.Combine(root, hash);
                MakePrivateFolder(root);
                MakePrivateFolder(folder);
                string path = Path.Combine(folder, name);
                using FileStream copy = OpenCopy(path, content) ?? WriteCopy(path, content);
                return Load(copy, path);
            }
            catch (Exception e)
                when (e is IOException or UnauthorizedAccessException or SecurityException or DllNotFoundException or SeverityException)
            {
                faults.Add($"{root}: {(e is IOException or UnauthorizedAccessException ? FileFaults.Reason(e) : e.Message)}");
            }
        }
        throw new DllNotFoundException($"it can be loaded neither from memory nor from a copy ({string.Join("; ", faults)})");
    }

    /// <summary>The user's cache folder, then the temporary one, for accounts without a home.</summary>
    static IEnumerable<string> CacheRoots()
    {
        string? home = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } user ? Path.Combine(user, ".cache")
            : null;
        if (!string.IsNullOrEmpty(home))
            yield return Path.Combine(home, "severity-engine");
        yield return Path.Combine(Path.GetTempPath(), $"severity-engine-{Environment.UserName}");
    }

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
            FileStatus status = FileStatus.Of(copy.SafeFileHandle);
            isSound = status.IsOwn && !status.IsWritableByOthers && Holds(copy, content);
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

    static bool Holds(FileStream file, ReadOnlySpan<byte> content)
    {
        if (file.Length != content.Length)
            return false;
        Span<byte> chunk = new byte[ChunkBytes];
        for (int read; content.Length > 0; content = content[read..])
        {
            read = file.Read(chunk);
            if (read == 0 || !content.StartsWith(chunk[..read]))
                return false;
        }
        return true;
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
