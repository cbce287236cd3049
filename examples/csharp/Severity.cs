using System.Runtime.InteropServices;

/// <summary>An engine of libseverity.</summary>
sealed class Severity : IDisposable
{
    readonly SeverityHandle _engine;

    public Severity()
    {
        SeverityFault.ThrowIfFailed(NativeMethods.Create(0, out _engine));
    }

    /// <summary>Scores an image file.</summary>
    public (double GeographicExtent, double Opacity) Predict(string path)
    {
        SeverityResult result = SeverityResult.Empty;
        SeverityFault.ThrowIfFailed(NativeMethods.PredictFile(_engine, path, ref result));
        return (result.GeographicExtent, result.Opacity);
    }

    /// <summary>Scores 8-bit gray pixels; nothing is copied.</summary>
    public unsafe (double GeographicExtent, double Opacity) Predict(ReadOnlySpan<byte> gray, int width, int height)
    {
        fixed (byte* data = gray)
        {
            SeverityPixels pixels = new()
            {
                Size = (uint)sizeof(SeverityPixels),
                Data = (nint)data,
                DataSize = (nuint)gray.Length,
                Width = width,
                Height = height,
            };
            SeverityResult result = SeverityResult.Empty;
            SeverityFault.ThrowIfFailed(NativeMethods.PredictPixels(_engine, in pixels, ref result));
            return (result.GeographicExtent, result.Opacity);
        }
    }

    public void Dispose() => _engine.Dispose();
}

/// <summary>What a call of the library failed with.</summary>
sealed class SeverityFault(int status, string name, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Name { get; } = name;

    public static void ThrowIfFailed(int status)
    {
        if (status != 0)
            throw new SeverityFault(
                status, Marshal.PtrToStringUTF8(NativeMethods.StatusName(status))!, Marshal.PtrToStringUTF8(NativeMethods.LastError())!);
    }
}

/// <summary>Owns a <c>severity_engine</c>: freed once, after the last call that uses it.</summary>
sealed class SeverityHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => NativeMethods.Destroy(handle) == 0;
}

[StructLayout(LayoutKind.Sequential)]
struct SeverityResult
{
    public uint Size;
    public uint Warnings;
    public double GeographicExtent;
    public double Opacity;
    public double GeographicExtentRaw;
    public double OpacityRaw;
    public double DecodeMilliseconds;
    public double PreprocessMilliseconds;
    public double InferMilliseconds;

    public static unsafe SeverityResult Empty => new() { Size = (uint)sizeof(SeverityResult) };
}

[StructLayout(LayoutKind.Sequential)]
struct SeverityPixels
{
    public uint Size;
    public int Format;
    public nint Data;
    public nuint DataSize;
    public int Width;
    public int Height;
    public long Stride;
    public int MaxValue;
    public int Reserved;
}

static partial class NativeMethods
{
    const string Library = "severity"; // libseverity.so, severity.dll, libseverity.dylib

    [LibraryImport(Library, EntryPoint = "severity_create")]
    public static partial int Create(nint options, out SeverityHandle engine);

    [LibraryImport(Library, EntryPoint = "severity_destroy")]
    public static partial int Destroy(nint engine);

    [LibraryImport(Library, EntryPoint = "severity_predict_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int PredictFile(SeverityHandle engine, string path, ref SeverityResult result);

    [LibraryImport(Library, EntryPoint = "severity_predict_pixels")]
    public static partial int PredictPixels(SeverityHandle engine, in SeverityPixels pixels, ref SeverityResult result);

    [LibraryImport(Library, EntryPoint = "severity_last_error")]
    public static partial nint LastError();

    [LibraryImport(Library, EntryPoint = "severity_status_name")]
    public static partial nint StatusName(int status);
}
