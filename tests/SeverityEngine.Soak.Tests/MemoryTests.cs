using System.Diagnostics;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace SeverityEngine.Soak.Tests;

/// <summary>What thousands of calls leave behind; with SEVERITY_SOAK=all four times as many.</summary>
public class MemoryTests
{
    const int Side = 256;

    /// <summary>What allocators and the collector may move about without anything being lost.</summary>
    const long Slack = 48L << 20;

    static readonly int s_share = Environment.GetEnvironmentVariable("SEVERITY_SOAK") == "all" ? 1 : 4;

    readonly byte[] _pixels = new byte[Side * Side];

    public MemoryTests() => new Random(1).NextBytes(_pixels);

    [Fact]
    public void Thousands_of_predictions_leave_resident_memory_flat()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        void Predict(int times)
        {
            for (int i = 0; i < times; i++)
                predictor.Predict(new XRayPixels(_pixels, Side, Side));
        }
        Predict(500);
        long before = ResidentBytes();
        Predict(20_000 / s_share);
        Assert.InRange(ResidentBytes() - before, long.MinValue, Slack);
    }

    [Fact]
    public void Predictors_made_and_disposed_leave_resident_memory_flat()
    {
        void Cycle(int times)
        {
            for (int i = 0; i < times; i++)
            {
                using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 2 });
                predictor.Predict(new XRayPixels(_pixels, Side, Side));
            }
        }
        Cycle(20);
        long before = ResidentBytes();
        Cycle(200 / s_share);
        Assert.InRange(ResidentBytes() - before, long.MinValue, Slack);
    }

    static long ResidentBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
