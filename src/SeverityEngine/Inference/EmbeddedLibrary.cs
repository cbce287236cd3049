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
static unsafe partial class EmbeddedLibrary
{
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
        // The loader maps the file; closing the descriptor afterwards leaves the mapping.
        using SafeFileHandle file = new(descriptor, ownsHandle: true);
        try
        {
            RandomAccess.Write(file, content, 0);
        }
        catch (IOException)
        {
            return false; // no memory for a copy: the cache may have one
        }
        return NativeLibrary.TryLoad($"/proc/self/fd/{descriptor}", out library);
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
                if (!Holds(path, content))
                {
                    using AtomicFile file =
                        AtomicFile.CreateOwn(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                    file.Write(content);
                    file.Complete();
                }
                return NativeLibrary.Load(path);
            }
            catch (Exception e)
                when (e is IOException or UnauthorizedAccessException or SecurityException or DllNotFoundException or SeverityException)
            {
                faults.Add($"{root}: {e.Message}");
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
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        DirectoryInfo folder = Directory.CreateDirectory(path, OwnerOnly);
        if (folder.LinkTarget is not null)
            throw new SecurityException("the folder is a symbolic link");
        // Only the owner may change the mode, so this fails in a folder that somebody else has put there.
        File.SetUnixFileMode(path, OwnerOnly);
    }

    static bool Holds(string path, ReadOnlySpan<byte> content)
    {
        FileInfo file = new(path);
        return file.Exists && file.LinkTarget is null && file.Length == content.Length && File.ReadAllBytes(path).AsSpan()
            .SequenceEqual(content);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MemfdCreate(string name, uint flags);
}
