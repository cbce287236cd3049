using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class PredictCommandTests
{
    static string Sample(string name) => Path.Combine(TestData.RepositoryRoot, "tests", "samples", name);

    [Fact]
    public void Predict_prints_the_two_scores_as_the_published_script_does()
    {
        CommandResult result = Command.Severity("predict", Sample("clear.png"));
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.Matches(@"^geographic_extent \(0-8\): [0-8]\.\d{4}\nopacity \(0-6\): [0-6]\.\d{4}\n$", result.Output);
    }

    [Fact]
    public void Predict_gives_the_default_models_published_scores()
    {
        string[] row = File.ReadLines(TestData.Get("model-1.1.0", "predictions.csv")).Skip(1).First().Split(',');
        CommandResult result = Command.Severity("predict", "--format", "jsonl", TestData.Get("data", "cxr", row[0]));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal(
            double.Parse(row[1], CultureInfo.InvariantCulture), json.RootElement.GetProperty("geographic_extent").GetDouble(), 0.02);
        Assert.Equal(double.Parse(row[2], CultureInfo.InvariantCulture), json.RootElement.GetProperty("opacity").GetDouble(), 0.02);
    }

    [Theory]
    [InlineData("IMAGE")]
    [InlineData("IMAGE", "--format", "text")]
    public void The_seeds_own_spelling_means_predict(params string[] arguments)
    {
        string[] spelled = [.. arguments.Select(a => a == "IMAGE" ? Sample("clear.png") : a)];
        Assert.Equal(Command.Severity(["predict", .. spelled]).Output, Command.Severity(spelled).Output);
    }

    [Fact]
    public void Samples_score_in_the_order_of_their_severity()
    {
        CommandResult result =
            Command.Severity("predict", "--format", "json", Sample("clear.png"), Sample("moderate.jpg"), Sample("severe.png"));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        double[] extents = [.. json.RootElement.EnumerateArray().Select(o => o.GetProperty("geographic_extent").GetDouble())];
        Assert.Equal(extents.Order(), extents);
        Assert.True(extents[2] - extents[0] > 1, string.Join(", ", extents));
    }

    [Fact]
    public void Json_is_one_array_of_objects_with_every_documented_field()
    {
        CommandResult result = Command.Severity("predict", "--format", "json", Sample("clear.png"), "/no/such/file.png");
        Assert.Equal(3, result.ExitCode);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal(2, json.RootElement.GetArrayLength());

        JsonElement scored = json.RootElement[0];
        Assert.Equal(
            ["file", "name", "sha256", "width", "height", "model", "model_version", "model_sha256", "engine_version",
            "geographic_extent", "opacity", "geographic_extent_raw", "opacity_raw", "interval", "domain", "warnings", "timings_ms"],
            scored.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Sample("clear.png")))), scored.GetProperty("sha256").GetString());
        Assert.Equal("severity-compact", scored.GetProperty("model").GetString());
        byte[] model = File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(model)), scored.GetProperty("model_sha256").GetString());
        Assert.Equal(["decode", "preprocess", "infer"], scored.GetProperty("timings_ms").EnumerateObject().Select(p => p.Name));
        Assert.All(scored.GetProperty("timings_ms").EnumerateObject(), p => Assert.InRange(p.Value.GetDouble(), 1e-6, 60_000));

        JsonElement failed = json.RootElement[1];
        Assert.Equal(
            ["file", "name", "model", "model_version", "model_sha256", "engine_version", "error_code", "error"],
            failed.EnumerateObject().Select(p => p.Name));
        Assert.Equal("file_not_found", failed.GetProperty("error_code").GetString());
        Assert.Contains("/no/such/file.png", failed.GetProperty("error").GetString());
    }

    [Fact]
    public void Jsonl_is_one_object_a_line_and_goes_on_past_a_bad_image()
    {
        CommandResult result = Command.Severity("predict", "--format", "jsonl", "missing.png", Sample("clear.png"), "missing-too.png");
        Assert.Equal(3, result.ExitCode);
        string[] names = [.. result.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("file").GetString()!)];
        Assert.Equal(["missing.png", Sample("clear.png"), "missing-too.png"], names);
        Assert.Equal(2, result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Text_names_each_image_where_there_are_several()
    {
        CommandResult result = Command.Severity("predict", Sample("clear.png"), Sample("severe.png"));
        Assert.Equal("geographic_extent (0-8)  opacity (0-6)  image", result.Lines[0]);
        Assert.EndsWith($"  {Sample("clear.png")}", result.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith($"  {Sample("severe.png")}", result.Lines[2], StringComparison.Ordinal);
        Assert.Equal(3, result.Lines.Length);
    }

    [Fact]
    public void Quiet_leaves_standard_error_empty()
    {
        CommandResult result = Command.Severity("predict", "--quiet", "missing.png");
        Assert.Equal((3, "", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void A_hyphen_reads_one_image_from_standard_input()
    {
        CommandResult piped = Command.Run(Command.Binary, ["predict", "-"], input: File.ReadAllBytes(Sample("clear.png")));
        Assert.Equal(Command.Severity("predict", Sample("clear.png")).Output, piped.Output);
        CommandResult empty = Command.Run(Command.Binary, ["predict", "-"]);
        Assert.Equal(3, empty.ExitCode);
        Assert.Contains("standard input", empty.Error);
    }

    [Theory]
    [InlineData("predict")]
    [InlineData("predict", "x.png", "--format", "xml")]
    [InlineData("predict", "x.png", "--threads", "many")]
    [InlineData("predict", "x.png", "--threads", "-1")]
    [InlineData("predict", "x.png", "--no-such-option")]
    [InlineData("--no-such-option")]
    public void Usage_errors_end_with_2(params string[] arguments)
    {
        CommandResult result = Command.Severity(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.StartsWith("severity: error: ", result.Error);
    }

    [Fact]
    public void A_model_that_is_not_there_or_not_a_model_ends_with_4_and_is_named()
    {
        CommandResult missing = Command.Severity("predict", Sample("clear.png"), "--model", "/no/such.onnx");
        Assert.Equal(4, missing.ExitCode);
        Assert.Contains("/no/such.onnx", missing.Error);
        CommandResult picture = Command.Severity("predict", Sample("clear.png"), "--model", Sample("severe.png"));
        Assert.Equal(4, picture.ExitCode);
        Assert.Contains(Sample("severe.png"), picture.Error);
        Assert.Empty(picture.Output);
    }

    [Fact]
    public void The_environment_names_a_model_and_the_option_overrides_it()
    {
        string model = Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx");
        Dictionary<string, string> environment = new() { ["SEVERITY_MODEL"] = "/no/such.onnx" };
        Assert.Equal(4, Command.Run(Command.Binary, ["predict", Sample("clear.png")], environment: environment).ExitCode);
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", Sample("clear.png"), "--model", model], environment: environment).ExitCode);
    }

    [Fact]
    public void Every_bad_input_ends_within_two_seconds_in_an_error_that_names_it_and_never_in_a_score()
    {
        string[] files = Directory.GetFiles(TestData.Get("bad-input"));
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            CommandResult result = Command.Severity("predict", file);
            Assert.Equal(3, result.ExitCode);
            Assert.Empty(result.Output);
            Assert.Contains(file, result.Error);
            Assert.True(result.Elapsed < TimeSpan.FromSeconds(2), $"{file}: {result.Elapsed}");
            if (OperatingSystem.IsLinux())
                Assert.InRange(Command.PeakMemory(Command.Binary, ["predict", file], exitCode: 3), 1, 512L << 20);
        });
    }

    [Fact]
    public void More_threads_than_a_machine_can_use_are_warned_of_and_the_run_goes_on()
    {
        CommandResult result = Command.Severity(
            "predict", Path.Combine(TestData.RepositoryRoot, "tests", "samples"), "--threads", "100000", "--format", "jsonl");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(3, result.Lines.Length);
        Assert.Contains("--threads 100000", result.Error, StringComparison.Ordinal);
    }
}
