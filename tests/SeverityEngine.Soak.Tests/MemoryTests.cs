using System.Diagnostics;
using SeverityEngine.Tests;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace SeverityEngine.Soak.Tests;

/// <summary>What thousands of calls leave behind; with SEVERITY_SOAK=all four times as many.</summary>
public class MemoryTests
{
    const int Side = 256;

    const int Parts = 10;

    static readonly int s_share = Environment.GetEnvironmentVariable("SEVERITY_SOAK") == "all" ? 1 : 4;

    readonly byte[] _pixels = new byte[Side * Side];

    public MemoryTests() => new Random(1).NextBytes(_pixels);

    [Fact]
    public void Thousands_of_predictions_leave_resident_memory_flat()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        SteadyMemory.Check(ResidentBytes, () =>
        {
            for (int i = 0; i < 10_000 / s_share / Parts; i++)
                predictor.Predict(new XRayPixels(_pixels, Side, Side));
        }, Parts);
    }

    [Fact]
    public void Predictors_made_and_disposed_leave_resident_memory_flat()
    {
        SteadyMemory.Check(ResidentBytes, () =>
        {
            for (int i = 0; i < 160 / s_share / Parts; i++)
            {
                using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 2 });
                predictor.Predict(new XRayPixels(_pixels, Side, Side));
            }
        }, Parts);
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
