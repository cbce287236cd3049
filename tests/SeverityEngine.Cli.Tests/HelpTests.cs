using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class HelpTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("predict", "--help")]
    [InlineData("bench", "--help")]
    [InlineData("phantom", "--help")]
    [InlineData("version", "--help")]
    public void Every_command_explains_itself(params string[] arguments)
    {
        CommandResult result = Command.Severity(arguments);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output);
    }

    [Fact]
    public void Version_names_the_engine_the_runtime_the_instructions_and_the_model()
    {
        string[] lines = Command.Severity("version").Lines;
        Assert.Matches(@"^severity \d+\.\d+\.\d+$", lines[0]);
        Assert.Matches(@"^ONNX Runtime 1\.\d+\.\d+$", lines[1]);
        Assert.StartsWith("instruction sets: ", lines[2]);
        Assert.Equal("model: severity-compact 1.0.0 (the built-in model)", lines[3]);
        // sha256sum models/severity-compact.onnx
        Assert.Equal("model sha256: 8cb02f76084e2910e089a1263456c352b9b6fe69a179d297117c1ddad5692b51", lines[4]);
    }

    [Fact]
    public void Licenses_prints_the_notices_that_are_in_the_repository() =>
        Assert.Equal(File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "THIRD-PARTY-NOTICES.md")), Command.Severity("version", "--licenses").Output);
}
