using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native;

static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "severity_explain_file")]
    public static int ExplainFile(nint engine, byte* path, NativeMap* map, NativeResult* result)
    {
        try
        {
            Clear(result);
            NativeEngine found = EngineTable.Get(engine);
            SizedStruct.Write(result, found.Explain(Utf8.Read(path, "image's path"), SizedStruct.Read(map)));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_explain_encoded")]
    public static int ExplainEncoded(nint engine, void* data, nuint size, byte* name, NativeMap* map, NativeResult* result)
    {
        try
        {
            Clear(result);
            NativeEngine found = EngineTable.Get(engine);
            string called = Called(name);
            SizedStruct.Write(result, found.Explain(Encoded(data, size, called, found.Limits), called, SizedStruct.Read(map)));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_explain_pixels")]
    public static int ExplainPixels(nint engine, NativePixels* pixels, NativeMap* map, NativeResult* result)
    {
        try
        {
            Clear(result);
            SizedStruct.Write(result, EngineTable.Get(engine).Explain(SizedStruct.Read(pixels), SizedStruct.Read(map)));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }
}
