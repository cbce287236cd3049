using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class ModelOptimizeCommandTests
{
    static string Compact => Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx");

    [Fact]
    public void A_model_in_which_no_pass_finds_anything_is_written_and_scores_the_same()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string written = Path.Combine(folder, "out.onnx"), image = Path.Combine(TestData.RepositoryRoot, "tests", "samples");
            image = Directory.GetFiles(image, "*.jpg").Order(StringComparer.Ordinal).First();
            Assert.Equal(0, Command.Severity("model", "optimize", Compact, "-o", written).ExitCode);
            Assert.Equal(Command.Severity("predict", "--model", Compact, image).Output,
                Command.Severity("predict", "--model", written, image).Output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Integers_without_images_to_calibrate_on_are_a_usage_error()
    {
        CommandResult result =
            Command.Severity("model", "optimize", Compact, "-o", Path.Combine(Path.GetTempPath(), "never-written.onnx"), "--int8");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--calibrate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_has_no_form_in_integers_is_named_and_nothing_is_written()
    {
        string output = Path.Combine(Path.GetTempPath(), "severity-never-written.onnx");
        CommandResult result = Command.Severity("model", "optimize", Compact, "-o", output, "--int8", "--calibrate", "phantoms");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains(Compact, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }
}
