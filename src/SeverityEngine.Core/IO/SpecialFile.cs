using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SeverityEngine.IO;

/// <summary>
/// Tells pipes, sockets and devices from files without opening them: a pipe's opening waits for its other end, maybe for ever, and what has been
/// read of it is gone. .NET gives them the attributes of files.
/// </summary>
static unsafe partial class SpecialFile
{
    // The type in a mode (POSIX stat.h; the same on Linux and macOS).
    const int TypeMask = 0xf000;
    const int Folder = 0x4000;
    const int Regular = 0x8000;

    // Linux: struct statx (linux/stat.h), the same on all processors.
    const int CurrentFolder = -100;
    const uint WantType = 1;
    const int StatxMode = 28;

    /// <summary>Offset of st_mode in the struct stat of macOS, with 64-bit inodes.</summary>
    const int StatMode = 4;

    /// <summary>More than either structure has.</summary>
    const int LargestStructure = 512;

    /// <summary>Whether a path, or what its links lead to, is there and is neither a file nor a folder.</summary>
    public static bool Is(string path)
    {
        if (OperatingSystem.IsWindows())
            return path.StartsWith(@"\\.\", StringComparison.Ordinal) || path.StartsWith(@"\\?\pipe\", StringComparison.OrdinalIgnoreCase);
        byte* found = stackalloc byte[LargestStructure];
        new Span<byte>(found, LargestStructure).Clear();
        try
        {
            if (OperatingSystem.IsLinux())
                return Statx(CurrentFolder, path, 0, WantType, found) == 0 && IsSpecial(found + StatxMode);
            if (OperatingSystem.IsMacOS())
                return (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Stat(path, found) : StatInode64(path, found)) == 0 && IsSpecial(found + StatMode);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018. What cannot be told is taken for a file.
        }
        return false;
    }

    static bool IsSpecial(byte* mode) => (Unsafe.ReadUnaligned<ushort>(mode) & TypeMask) is not (Folder or Regular);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* found);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, byte* found);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatInode64(string path, byte* found);
}
