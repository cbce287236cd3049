using BenchmarkDotNet.Attributes;
using SeverityEngine.Quality;

namespace SeverityEngine.Benchmarks;

/// <summary>
/// The domain check on one core, as large as severity-compact's: of a picture that is inside, and of one whose fault is looked for.
/// </summary>
public class DomainCheckBenchmarks
{
    const int Side = 224, Count = 384, Components = 32, Prototypes = 29;

    readonly float[] _input = new float[Side * Side];
    readonly float[] _features = new float[Count];
    DomainCheck _check = null!;

    [Params(false, true)]
    public bool Outside { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        foreach (float[] values in (float[][])[_input, _features])
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = random.NextSingle();
        }
        _check = new DomainCheck(
            new DomainStatistics
            {
                Images = 1,
                Quantile = 0.5,
                Features = new FeatureStatistics
                {
                    Mean = [.. _features],
                    Basis = [.. Enumerable.Range(0, Components * Count).Select(_ => random.NextSingle())],
                    Variance = [.. Enumerable.Repeat(1f, Components)],
                    ResidualVariance = 1,
                    Threshold = 1e6,
                },
                Picture = new PictureStatistics
                {
                    Prototypes = [.. Enumerable.Range(0, Prototypes * Thumbnail.Length).Select(_ => random.NextSingle())],
                    Threshold = Outside ? 1e-6 : 1e6,
                },
                Aspect = AspectRange.Usual,
            },
            Side);
    }

    [Benchmark]
    public double Check() => _check.Run(_input, _features, Side, Side).Ratio;
}
