using BenchmarkDotNet.Attributes;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Jpeg2000;

namespace SeverityEngine.Benchmarks;

/// <summary>
/// JPEG 2000 decoding on one core, of 8 bits in memory: 301 x 257 pixels without loss by 5/3, 160 x 120 in a tenth of the bits by 9/7.
/// </summary>
public class Jpeg2000Benchmarks
{
    byte[] _file = [];

    [Params("larger", "near-larger")]
    public string Sample { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        using Stream resource = typeof(Jpeg2000Benchmarks).Assembly.GetManifestResourceStream(Sample)!;
        _file = new byte[resource.Length];
        resource.ReadExactly(_file);
    }

    [Benchmark]
    public int Decode()
    {
        using CodecFrame frame = Jpeg2000Decoder.Decode(_file, Sample, ImageLimits.Default);
        return frame.Plane(0)[0];
    }
}
