using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using SeverityEngine.Inference;
using SeverityEngine.Phantoms;

namespace SeverityEngine.Benchmarks;

/// <summary>The built-in model alone, from pixels, and from a file's bytes: what a caller waits for.</summary>
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls the clean-up.")]
public class PredictBenchmarks
{
    SeverityPredictor _predictor = null!;
    SeverityModel _model = null!;
    InferenceSlot _slot = null!;
    XRayImage _image = null!;
    byte[] _jpeg = [];
    byte[] _png = [];

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _predictor = SeverityPredictor.Create(new PredictorOptions { Threads = Threads });
        _model = SeverityModel.Create(ModelFile.BuiltIn(), Threads, isTrusted: false);
        _slot = new InferenceSlot(_model);
        ChestPhantom phantom = new() { Seed = 1, GeographicExtent = 4, Width = 2000, Height = 2000 };
        _image = phantom.Render();
        _slot.Preprocess(_image.Pixels);
        (_jpeg, _png) = (Encoded(phantom, ".jpg"), Encoded(phantom, ".png"));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _image.Dispose();
        _slot.Dispose();
        _model.Dispose();
        _predictor.Dispose();
    }

    [Benchmark]
    public void Infer() => _slot.Run();

    [Benchmark]
    public SeverityScore FromPixels() => _predictor.Predict(_image);

    [Benchmark]
    public SeverityScore FromJpeg() => _predictor.Predict(_jpeg);

    [Benchmark]
    public SeverityScore FromPng() => _predictor.Predict(_png);

    static byte[] Encoded(ChestPhantom phantom, string ending)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ending);
        try
        {
            phantom.Save(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
