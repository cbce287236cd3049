using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native;

/// <summary>
/// The functions of include/severity.h, where their contracts stand. Each does its work inside a try, and gives a status from the one
/// table of errors: no exception leaves an export.
/// </summary>
static unsafe partial class Exports
{
    /// <summary>Raised by one whenever something is added to the ABI, in the header too.</summary>
    const uint AbiVersion = 4;

    [UnmanagedCallersOnly(EntryPoint = "severity_abi_version")]
    public static uint GetAbiVersion() => AbiVersion;

    [UnmanagedCallersOnly(EntryPoint = "severity_last_error")]
    public static byte* GetLastError()
    {
        try
        {
            return ErrorText.Current;
        }
        catch (Exception)
        {
            return null; // the first touch of the thread's state found no memory
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_last_warnings")]
    public static byte* GetLastWarnings()
    {
        try
        {
            return ErrorText.Warnings;
        }
        catch (Exception)
        {
            return null; // as above
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_status_name")]
    public static byte* GetStatusName(int status)
    {
        try
        {
            return LibraryTexts.StatusName((SeverityError)status);
        }
        catch (Exception)
        {
            return null;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_get_library_info")]
    public static int GetLibraryInfo(NativeLibraryInfo* info)
    {
        try
        {
            SizedStruct.Size(info);
            SizedStruct.Write(info, LibraryTexts.Info(AbiVersion));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);
}
