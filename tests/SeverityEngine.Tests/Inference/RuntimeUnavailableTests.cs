using System.Diagnostics;

namespace SeverityEngine.Tests.Inference;

/// <summary>What becomes of a process whose ONNX Runtime cannot be loaded: a process of its own, since a process loads it once.</summary>
public class RuntimeUnavailableTests
{
    const string Variable = "SEVERITY_TEST_BROKEN_RUNTIME";

    [Fact]
    public async Task Every_attempt_after_the_first_fails_for_the_same_reason()
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, ["-noColor", "-noLogo", "-class", typeof(RuntimeUnavailableTests).FullName!])
        {
            RedirectStandardOutput = true,
        };
        if (Environment.GetEnvironmentVariable(Variable) is not null)
        {
            Broken();
            return;
        }
        start.Environment[Variable] = "1";
        using Process child = Process.Start(start)!;
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0", output, StringComparison.Ordinal);
    }

    static void Broken()
    {
        // A resource that is no library.
        SeverityRuntime.UseEmbeddedOnnxRuntime(typeof(SeverityPredictor).Assembly, "severity-compact.onnx");
        SeverityException first = Assert.Throws<SeverityException>(() => SeverityPredictor.Create());
        Assert.Equal(SeverityError.RuntimeUnavailable, first.Code);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            SeverityException again = Assert.Throws<SeverityException>(() => SeverityPredictor.Create());
            Assert.Equal((first.Code, first.Message), (again.Code, again.Message));
        }
    }
}
