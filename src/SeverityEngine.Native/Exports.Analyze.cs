using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native;

static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "severity_analyze_file")]
    public static int AnalyzeFile(nint engine, byte* path, NativeOutputs* outputs, NativeResult* result)
    {
        try
        {
            Clear(result);
            NativeEngine found = EngineTable.Get(engine);
            SizedStruct.Write(result, found.Analyze(Utf8.Read(path, "image's path"), SizedStruct.Read(outputs)));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_analyze_encoded")]
    public static int AnalyzeEncoded(nint engine, void* data, nuint size, byte* name, NativeOutputs* outputs, NativeResult* result)
    {
        try
        {
            Clear(result);
            NativeEngine found = EngineTable.Get(engine);
            string called = Called(name);
            SizedStruct.Write(result, found.Analyze(Encoded(data, size, called, found.Limits), called, SizedStruct.Read(outputs)));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_analyze_pixels")]
    public static int AnalyzePixels(nint engine, NativePixels* pixels, NativeOutputs* outputs, NativeResult* result)
    {
        try
        {
            Clear(result);
            SizedStruct.Write(result, EngineTable.Get(engine).Analyze(SizedStruct.Read(pixels), SizedStruct.Read(outputs)));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }
}
