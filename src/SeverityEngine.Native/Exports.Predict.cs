using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native;

static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "severity_predict_file")]
    public static int PredictFile(nint engine, byte* path, NativeResult* result)
    {
        try
        {
            Clear(result);
            NativeEngine found = EngineTable.Get(engine);
            SizedStruct.Write(result, found.Predict(Utf8.Read(path, "image's path")));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_predict_encoded")]
    public static int PredictEncoded(nint engine, void* data, nuint size, byte* name, NativeResult* result)
    {
        try
        {
            Clear(result);
            NativeEngine found = EngineTable.Get(engine);
            string called = Called(name);
            SizedStruct.Write(result, found.Predict(Encoded(data, size, called, found.Limits), called));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_predict_pixels")]
    public static int PredictPixels(nint engine, NativePixels* pixels, NativeResult* result)
    {
        try
        {
            Clear(result);
            SizedStruct.Write(result, EngineTable.Get(engine).Predict(SizedStruct.Read(pixels)));
            return ErrorText.Succeed();
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_predict_batch")]
    public static int PredictBatch(nint engine, NativePixels* images, nuint count, NativeResult* results, int* statuses)
    {
        try
        {
            NativeEngine found = EngineTable.Get(engine);
            return count == 0 ? ErrorText.Succeed() : Run(new PixelBatch(found, images, Counted(count), results, statuses), count);
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "severity_predict_files")]
    public static int PredictFiles(nint engine, byte** paths, nuint count, NativeResult* results, int* statuses)
    {
        try
        {
            NativeEngine found = EngineTable.Get(engine);
            if (count == 0)
                return ErrorText.Succeed();
            FileBatch batch = new(found, paths, Counted(count), results, statuses);
            return Run(batch, count, () => found.Tell(batch.Warnings));
        }
        catch (Exception e)
        {
            return ErrorText.Fail(e);
        }
    }

    static int Counted(nuint count) => count <= (nuint)Array.MaxLength ? (int)count
        : throw Invalid($"a batch of {count} images; the most is {Array.MaxLength}");

    static int Run(SharedBatch batch, nuint count, Action? tell = null)
    {
        (Exception? error, int index) = batch.Run();
        tell?.Invoke();
        if (error is null)
            return ErrorText.Succeed();
        ErrorText.Fail($"image {index} of {count}: {error.Message}");
        return (int)ErrorText.CodeOf(error);
    }

    static void Clear(NativeResult* result)
    {
        SizedStruct.Size(result);
        SizedStruct.Write(result, NativeResult.None);
    }

    static string Called(byte* name) => name is null ? "image" : Utf8.Read(name, "image's name");

    static ReadOnlySpan<byte> Encoded(void* data, nuint size, string name, ImageLimits limits)
    {
        if (data is null)
            throw Invalid($"{name}: the data is NULL");
        if (size == 0)
            throw new SeverityException(SeverityError.FileEmpty, $"{name}: the file is empty; copy or export it again");
        if (size > (nuint)Math.Min(limits.MaxFileBytes, int.MaxValue))
        {
            throw new SeverityException(SeverityError.FileTooLarge,
                $"{name}: the file is larger than {limits.MaxFileBytes} bytes; raise max_file_bytes of severity_options if it is an X-ray");
        }
        return new ReadOnlySpan<byte>(data, (int)size);
    }
}
