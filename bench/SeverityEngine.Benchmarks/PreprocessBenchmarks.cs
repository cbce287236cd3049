using BenchmarkDotNet.Attributes;
using SeverityEngine.Preprocessing;

namespace SeverityEngine.Benchmarks;

/// <summary>Crop and resize on one core, from pixels in memory to the network's input.</summary>
public class PreprocessBenchmarks
{
    readonly float[] _input = new float[224 * 224];
    readonly Preprocessor _preprocessor = new(224);
    byte[] _pixels = [];

    /// <summary>2000 is 4 megapixels.</summary>
    [Params(1024, 2000)]
    public int Side { get; set; }

    [Params(PixelFormat.Gray8, PixelFormat.Gray16)]
    public PixelFormat Format { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _pixels = new byte[Side * Side * 3];
        new Random(1).NextBytes(_pixels);
    }

    [Benchmark]
    public void Preprocess() => _preprocessor.Run(new XRayPixels(_pixels, Side, Side, Format), _input);
}
