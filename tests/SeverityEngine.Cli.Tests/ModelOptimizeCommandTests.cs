using System.Globalization;
using SeverityEngine.Onnx;
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
    public void The_built_in_model_in_integers_says_so_and_scores_nearly_the_same()
    {
        using TemporaryFolder folder = new();
        string written = folder["int8.onnx"], image = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "moderate.jpg");
        Assert.Equal(
            0, Command.Severity("model", "optimize", Compact, "-o", written, "--int8", "--calibrate", "phantoms").ExitCode);
        Assert.Contains("int8", Command.Severity("model", "info", written).Output, StringComparison.Ordinal);
        (double Extent, double Opacity) wanted = Scores(Compact), made = Scores(written);
        Assert.Equal(wanted.Extent, made.Extent, 0.35);
        Assert.Equal(wanted.Opacity, made.Opacity, 0.35);

        (double Extent, double Opacity) Scores(string model)
        {
            string[] row = Command.Severity("predict", "--format", "csv", "--model", model, image).Output.Split('\n')[1].Split(',');
            return (double.Parse(row[9], CultureInfo.InvariantCulture), double.Parse(row[10], CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void A_network_that_has_no_form_in_integers_is_named_and_nothing_is_written()
    {
        using TemporaryFolder folder = new();
        GraphBuilder builder = new("other");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, 32, 32]);
        x = builder.Sigmoid(builder.Conv(x, builder.Constant<float>("weight", [1, 1, 1, 1], [2])), "gate");
        builder.Output(builder.Flatten(builder.GlobalAveragePool(x)), OnnxElementType.Float32, ["N", 1]);
        string model = folder["other.onnx"], output = folder["never-written.onnx"];
        File.WriteAllBytes(model, builder.Build().ToArray());
        CommandResult result = Command.Severity("model", "optimize", model, "-o", output, "--int8", "--calibrate", "phantoms");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains(model, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }
}
