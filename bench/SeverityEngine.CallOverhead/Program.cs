using System.Diagnostics;
using System.Runtime.InteropServices;
using SeverityEngine;
using SeverityEngine.Native.Tests;

// What a call through the C ABI costs over the managed engine: the same pixels and the same small model, by turns, a call at a time.
const int Rounds = 20_000, Side = MeanModel.Side;
nint library = NativeLibrary.Load(Path.GetFullPath(args[0]));
byte[] model = MeanModel.Create(), image = new byte[Side * Side];
new Random(1).NextBytes(image);
using SeverityPredictor predictor =
    SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile(model), Threads = 1, MaxConcurrency = 1 });
double[] managed = new double[Rounds], native = new double[Rounds];
unsafe
{
    Options options = new() { Size = (uint)sizeof(Options), Threads = 1, MaxConcurrency = 1 };
    nint engine;
    nint create = NativeLibrary.GetExport(library, "severity_create_from_memory");
    fixed (byte* bytes = model)
        Check(((delegate* unmanaged<byte*, nuint, Options*, nint*, int>)create)(bytes, (nuint)model.Length, &options, &engine));
    var predict = (delegate* unmanaged<nint, Pixels*, Result*, int>)NativeLibrary.GetExport(library, "severity_predict_pixels");
    fixed (byte* data = image)
    {
        Pixels pixels = new() { Size = (uint)sizeof(Pixels), Data = data, Width = Side, Height = Side };
        Result result = new() { Size = (uint)sizeof(Result) };
        for (int round = -2_000; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            SeverityScore score = predictor.Predict(new XRayPixels(image, Side, Side));
            long between = Stopwatch.GetTimestamp();
            int status = predict(engine, &pixels, &result);
            long end = Stopwatch.GetTimestamp();
            Check(status);
            if (score.GeographicExtentRaw != result.GeographicExtentRaw)
                throw new InvalidOperationException($"{score.GeographicExtentRaw} and {result.GeographicExtentRaw}");
            if (round >= 0)
            {
                managed[round] = Stopwatch.GetElapsedTime(start, between).TotalMicroseconds;
                native[round] = Stopwatch.GetElapsedTime(between, end).TotalMicroseconds;
            }
        }
    }
}
Array.Sort(managed);
Array.Sort(native);
Console.WriteLine($"managed {managed[Rounds / 2]:F2} us, through the C ABI {native[Rounds / 2]:F2} us, overhead "
    + $"{native[Rounds / 2] - managed[Rounds / 2]:F2} us (medians of {Rounds} calls each)");
Console.WriteLine($"fastest tenth: managed {managed[Rounds / 10]:F2} us, through the C ABI {native[Rounds / 10]:F2} us, overhead "
    + $"{native[Rounds / 10] - managed[Rounds / 10]:F2} us");

static void Check(int status)
{
    if (status != 0)
        throw new InvalidOperationException($"status {status}");
}

struct Options
{
    public uint Size;
    public int Threads, MaxConcurrency, MaxSide;
    public long MaxPixels, MaxFileBytes;
    public nint Log, LogContext;
}

unsafe struct Pixels
{
    public uint Size;
    public int Format;
    public void* Data;
    public nuint DataSize;
    public int Width, Height;
    public long Stride;
    public int MaxValue, Reserved;
}

struct Result
{
    public uint Size, Warnings;
    public double GeographicExtent, Opacity, GeographicExtentRaw, OpacityRaw, DecodeMs, PreprocessMs, InferMs;
}
