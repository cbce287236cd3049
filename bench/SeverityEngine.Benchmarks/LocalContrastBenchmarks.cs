using BenchmarkDotNet.Attributes;
using SeverityEngine.Quality;

namespace SeverityEngine.Benchmarks;

/// <summary>The sign of local contrast enhancement on one core.</summary>
public class LocalContrastBenchmarks
{
    const int Side = 224;

    readonly float[] _input = new float[Side * Side];
    readonly LocalContrast _contrast = new(Side);

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < _input.Length; i++)
            _input[i] = random.Next(-1024, 1025);
    }

    [Benchmark]
    public double Run() => _contrast.Run(_input);
}
