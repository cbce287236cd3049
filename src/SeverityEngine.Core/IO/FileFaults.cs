using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SeverityEngine.IO;

/// <summary>What file systems raise, told apart: .NET has one exception type for most of it, with the system's code in it.</summary>
static class FileFaults
{
    // errno of a lock that another holds, and Windows's codes for sharing and locks.
    const int WouldBlockOnLinux = 11, WouldBlockOnMac = 35;
    const int SharingViolation = unchecked((int)0x80070020), LockViolation = unchecked((int)0x80070021);

    // errno of a full disk and of a used-up quota, and Windows's two codes for a full disk.
    const int NoSpace = 28, QuotaExceededOnLinux = 122, QuotaExceededOnMac = 69;
    const int HandleDiskFull = unchecked((int)0x80070027), DiskFull = unchecked((int)0x80070070);

    // errno of want of memory.
    const int NoMemory = 12;

    /// <summary>What a file system raises for a path that it will not serve, and for bytes that it will not give or take.</summary>
    public static bool IsFault(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    /// <summary>Whether another program keeps the file for itself.</summary>
    public static bool IsInUse(Exception e) =>
        e is IOException { HResult: WouldBlockOnLinux or WouldBlockOnMac or SharingViolation or LockViolation };

    /// <summary>Whether the disk, or the user's share of it, is full.</summary>
    public static bool IsDiskFull(Exception e) =>
        e is IOException { HResult: NoSpace or QuotaExceededOnLinux or QuotaExceededOnMac or HandleDiskFull or DiskFull };

    /// <summary>Whether the system had no memory for it.</summary>
    public static bool IsOutOfMemory(Exception e) => e is IOException { HResult: NoMemory };

    /// <summary>
    /// What went wrong, in the system's words: .NET's are written for programmers, and name the path again. It ends in no period.
    /// </summary>
    public static string Reason(Exception e) => e switch
    {
        SeverityException or OwnFault => e.Message,
        UnauthorizedAccessException => "there is no permission to",
        FileNotFoundException or DirectoryNotFoundException => "it is not there",
        PathTooLongException => "its path is too long",
        EndOfStreamException => "it ends too early",
        // EFBIG, which .NET takes for an argument of the caller's.
        ArgumentOutOfRangeException => "it would be larger than the system allows",
        ArgumentException or NotSupportedException => "its name is no path",
        IOException { HResult: > 0 and var error } => Marshal.GetPInvokeErrorMessage(error).TrimEnd('.'),
        // Windows's codes stand in the lower half of an HRESULT.
        IOException { HResult: var result } when (result & 0xFFFF_0000) == 0x8007_0000 =>
            Marshal.GetPInvokeErrorMessage(result & 0xFFFF).TrimEnd('.'),
        // A program that will not start.
        Win32Exception { NativeErrorCode: var error } => Marshal.GetPInvokeErrorMessage(error).TrimEnd('.'),
        _ => "the system gives no reason",
    };

    /// <summary>What <see cref="IsInUse"/> is true for.</summary>
    public static IOException InUse() => new(null, OperatingSystem.IsMacOS() ? WouldBlockOnMac : WouldBlockOnLinux);

    /// <summary>Whether a descriptor that does not wait has no room.</summary>
    public static bool IsWouldBlock(int error) => error is WouldBlockOnLinux or WouldBlockOnMac;
}

/// <summary>A fault of reading or writing that the engine found itself, in its own words.</summary>
#pragma warning disable CA1032 // It is raised with its words alone.
sealed class OwnFault(string message) : IOException(message);
#pragma warning restore CA1032
