using System.Diagnostics;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace SeverityEngine.Soak.Tests;

/// <summary>What thousands of calls leave behind.</summary>
public class MemoryTests
{
    const int Side = 256;

    /// <summary>What allocators and the collector may move about without anything being lost.</summary>
    const long Slack = 48L << 20;

    readonly byte[] _pixels = new byte[Side * Side];

    public MemoryTests() => new Random(1).NextBytes(_pixels);

    [Fact]
    public void Twenty_thousand_predictions_leave_resident_memory_flat()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        void Predict(int times)
        {
            for (int i = 0; i < times; i++)
                predictor.Predict(new XRayPixels(_pixels, Side, Side));
        }
        Predict(500);
        long before = ResidentBytes();
        Predict(20_000);
        Assert.InRange(ResidentBytes() - before, long.MinValue, Slack);
    }

    [Fact]
    public void Two_hundred_predictors_made_and_disposed_leave_resident_memory_flat()
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
        Cycle(200);
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
