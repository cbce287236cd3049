using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SeverityEngine.IO;

/// <summary>Waits until a disk has what was written. .NET's own way to do so says nothing of the disk's failure on Unix.</summary>
static partial class Disk
{
    // errno: what has no disk behind it (a pipe, some network and read-only file systems), and a call that a signal cut short.
    const int Interrupted = 4, Invalid = 22, ReadOnlySystem = 30, NotSupportedOnLinux = 95, NotSupportedOnMac = 45, NotSupportedByMac = 102;

    /// <summary>O_RDONLY of open(2).</summary>
    const int ReadOnly = 0;

    /// <summary>F_FULLFSYNC of fcntl(2): macOS's fsync leaves it to the disk's own memory.</summary>
    const int FullSynchronization = 51;

    /// <summary>Waits until the disk has all that was written to a file.</summary>
    /// <exception cref="IOException">It will not have it: the code is the system's.</exception>
    public static void Flush(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }
        if (OperatingSystem.IsMacOS() && Control(file, FullSynchronization) == 0)
            return;
        while (Synchronize(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error is Invalid or ReadOnlySystem or NotSupportedOnLinux or NotSupportedOnMac or NotSupportedByMac)
                return;
            if (error != Interrupted)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    /// <summary>
    /// Waits until the disk has the names that files were given in a folder; without it a power failure may take a file that is safe
    /// itself.
    /// </summary>
    /// <exception cref="IOException">It will not have them, or the folder cannot be opened.</exception>
    public static void FlushFolder(string folder)
    {
        // Windows writes names with the files, and opens no folder for this.
        if (OperatingSystem.IsWindows())
            return;
        int opened;
        while ((opened = Open(folder, ReadOnly)) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
        using SafeFileHandle handle = new(opened, ownsHandle: true);
        Flush(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle file, int command);
}
