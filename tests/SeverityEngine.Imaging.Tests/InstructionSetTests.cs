using System.Diagnostics;

namespace SeverityEngine.Tests;

/// <summary>
/// The tests of vectorized code once more, in child processes of this program with instruction sets switched off: what runs on a processor
/// without them.
/// </summary>
public class InstructionSetTests
{
    /// <summary>Marks a test class whose code chooses by instruction set.</summary>
    public const string Trait = "Vectorized";

    [Theory]
    [InlineData("DOTNET_EnableAVX512F")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Vectorized_code_gives_the_same_without(string instructionSet)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, ["-noColor", "-noLogo", "-trait", $"{Trait}=yes"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[instructionSet] = "0";
        using Process tests = Process.Start(start)!;
        Task<string> output = tests.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = tests.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
        string summary = (await output).Split('\n').LastOrDefault(line => line.Contains("Total:", StringComparison.Ordinal)) ?? "";
        Assert.True(tests.ExitCode == 0, await output + await error);
        Assert.Matches(@"Total: [1-9]\d+, Errors: 0, Failed: 0,", summary);
    }
}
