using System.Diagnostics;
using SeverityEngine.Interop;

namespace SeverityEngine.Tests;

/// <summary>
/// The tests of vectorized code once more, in child processes of this program with instruction sets switched off, or narrower kernels
/// chosen: what runs on a processor without them.
/// </summary>
public class InstructionSetTests
{
    /// <summary>Marks a test class whose code chooses by instruction set.</summary>
    public const string Trait = "Vectorized";

    /// <summary>Every set of kernels that this processor has, the scalar one first.</summary>
    internal static IEnumerable<KernelSet> Kernels => Enum.GetValues<KernelSet>().Where(set => set <= Cpu.Widest);

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0")]
    [InlineData("DOTNET_EnableAVX2", "0")]
    [InlineData("DOTNET_EnableHWIntrinsic", "0")]
    [InlineData(Cpu.Variable, "scalar")]
    [InlineData(Cpu.Variable, "vector128")]
    public async Task Vectorized_code_gives_the_same_without_the_widest(string variable, string value)
    {
        Assert.SkipWhen(value == "vector128" && Cpu.Widest < KernelSet.Vector128, "this processor has no vectors");
        ProcessStartInfo start = new(Environment.ProcessPath!, ["-noColor", "-noLogo", "-trait", $"{Trait}=yes"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[variable] = value;
        using Process tests = Process.Start(start)!;
        Task<string> output = tests.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = tests.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
        string summary = (await output).Split('\n').LastOrDefault(line => line.Contains("Total:", StringComparison.Ordinal)) ?? "";
        Assert.True(tests.ExitCode == 0, await output + await error);
        Assert.Matches(@"Total: [1-9]\d+, Errors: 0, Failed: 0,", summary);
    }
}
