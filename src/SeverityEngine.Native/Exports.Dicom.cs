using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native;

static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "severity_dicom_file")]
    public static int DicomFile(nint engine, byte* path, NativeDicomResults* results, NativeResult* result)
    {
        try
        {
            NativeDicomResults wanted = Clear(results, result);
            NativeEngine found = EngineTable.Get(engine);
            string file = Utf8.Read(path, "image's path");
            try
            {
                SizedStruct.Write(result, found.Report(file, ref wanted));
            }
            finally
            {
                SizedStruct.Write(results, wanted); // the sizes, also of what there was no room for
            }
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_dicom_encoded")]
    public static int DicomEncoded(nint engine, void* data, nuint size, byte* name, NativeDicomResults* results, NativeResult* result)
    {
        try
        {
            NativeDicomResults wanted = Clear(results, result);
            NativeEngine found = EngineTable.Get(engine);
            string called = Called(name);
            ReadOnlySpan<byte> encoded = Encoded(data, size, called, found.Limits);
            try
            {
                SizedStruct.Write(result, found.Report(encoded, called, ref wanted));
            }
            finally
            {
                SizedStruct.Write(results, wanted); // as above
            }
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    /// <summary>What is wanted, once the caller's sizes and scores say that there is nothing yet.</summary>
    static NativeDicomResults Clear(NativeDicomResults* results, NativeResult* result)
    {
        Clear(result);
        NativeDicomResults wanted = SizedStruct.Read(results);
        wanted.ReportSize = wanted.CaptureSize = 0;
        SizedStruct.Write(results, wanted);
        return wanted;
    }
}
