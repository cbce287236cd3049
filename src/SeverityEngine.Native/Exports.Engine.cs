using System.Runtime.InteropServices;
using SeverityEngine.Models;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native;

static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "severity_create")]
    public static int Create(NativeOptions* options, nint* engine)
    {
        try
        {
            CheckOut(engine);
            return Create(ModelFile.BuiltIn(), options, engine);
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_create_from_file")]
    public static int CreateFromFile(byte* path, NativeOptions* options, nint* engine)
    {
        try
        {
            CheckOut(engine);
            return Create(ModelFile.Load(Utf8.Read(path, "model's path")), options, engine);
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_create_from_installed")]
    public static int CreateFromInstalled(byte* name, NativeOptions* options, nint* engine)
    {
        try
        {
            CheckOut(engine);
            return Create(ModelStore.Default().Load(Utf8.Read(name, "model's name")), options, engine);
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_create_from_memory")]
    public static int CreateFromMemory(void* model, nuint size, NativeOptions* options, nint* engine)
    {
        try
        {
            CheckOut(engine);
            if (model is null)
                throw Invalid("the model is NULL");
            if (size == 0 || size > (nuint)Array.MaxLength)
                throw new SeverityException(
                    SeverityError.ModelInvalid, $"a model of {size} bytes: an ONNX file has at least one, and less than 2 GiB");
            return Create(new ModelFile(new ReadOnlySpan<byte>(model, (int)size).ToArray(), "the model in memory"), options, engine);
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_cancel")]
    public static int Cancel(nint engine)
    {
        try
        {
            EngineTable.Get(engine).Cancel();
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_destroy")]
    public static int Destroy(nint engine)
    {
        try
        {
            if (engine != 0)
                EngineTable.Remove(engine).Dispose();
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_get_model_info")]
    public static int GetModelInfo(nint engine, NativeModelInfo* info)
    {
        try
        {
            NativeEngine found = EngineTable.Get(engine);
            SizedStruct.Size(info);
            SizedStruct.Write(info, found.Info());
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_get_model_sha256")]
    public static int GetModelSha256(nint engine, byte** sha256)
    {
        try
        {
            NativeEngine found = EngineTable.Get(engine);
            if (sha256 is null)
                throw Invalid("the place for the SHA-256 is NULL");
            *sha256 = null;
            *sha256 = found.Sha256();
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_get_model_metadata")]
    public static int GetModelMetadata(nint engine, nuint index, byte** key, byte** value)
    {
        try
        {
            NativeEngine found = EngineTable.Get(engine);
            if (key is null || value is null)
                throw Invalid("the place for the key or for the value is NULL");
            found.Metadata(index, out *key, out *value);
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    /// <summary>The place for the handle holds NULL until there is one.</summary>
    static void CheckOut(nint* engine)
    {
        if (engine is null)
            throw Invalid("the place for the engine is NULL");
        *engine = 0;
        LibraryTexts.Prepare();
    }

    static int Create(ModelFile model, NativeOptions* options, nint* engine)
    {
        NativeEngine created = new(model, options is null ? default : SizedStruct.Read(options));
        try
        {
            *engine = EngineTable.Add(created);
        }
        catch
        {
            created.Dispose();
            throw;
        }
        return ErrorText.Succeed();
    }
}
