using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class BenchCommandTests
{
    static readonly string[] s_fields = ["stage", "mode", "threads", "batch", "p50_ms", "p90_ms", "p99_ms", "images_per_second"];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    public void Bench_gives_a_row_for_each_stage_and_mode(int threads, int batch)
    {
        CommandResult result =
            Command.Severity("bench", "--format", "json", "--threads", $"{threads}", "--batch", $"{batch}", "--iterations", "6");
        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement[] rows = [.. json.RootElement.EnumerateArray()];
        string[] modes = threads == 1 ? ["latency"] : ["latency", "throughput"];
        Assert.Equal(from mode in modes from stage in (string[])["decode", "preprocess", "infer", "total"] select (stage, mode),
            rows.Select(r => (r.GetProperty("stage").GetString()!, r.GetProperty("mode").GetString()!)));
        Assert.All(rows, row =>
        {
            Assert.Equal(s_fields, row.EnumerateObject().Select(p => p.Name));
            Assert.Equal((threads, batch), (row.GetProperty("threads").GetInt32(), row.GetProperty("batch").GetInt32()));
            double[] times = [.. s_fields[4..7].Select(f => row.GetProperty(f).GetDouble())];
            Assert.True(times[0] > 0);
            Assert.Equal(times.Order(), times);
            Assert.True(row.GetProperty("images_per_second").GetDouble() > 0);
        });
        foreach (JsonElement[] mode in rows.Chunk(4))
        {
            // The stages are parts of the whole.
            double[] least = [.. mode.Select(r => r.GetProperty("p50_ms").GetDouble())];
            Assert.True(least[3] > least[..3].Max(), string.Join(", ", least));
        }
    }

    [Fact]
    public void Bench_measures_the_images_that_are_named_and_prints_a_table()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        CommandResult result = Command.Severity("bench", folder["in"], "--seconds", "0.05", "--mode", "throughput");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("on 3 images", result.Output);
        Assert.Equal(4, result.Lines.Count(l => l.StartsWith("throughput ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Bench_refuses_an_image_that_cannot_be_decoded()
    {
        CommandResult result = Command.Severity("bench", "no-such.png");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("no-such.png", result.Error);
    }

    [Theory]
    [InlineData("--batch", "0")]
    [InlineData("--iterations", "0")]
    [InlineData("--iterations", "none")]
    [InlineData("--seconds", "-1")]
    [InlineData("--warm-up", "-1")]
    [InlineData("--threads", "-1")]
    [InlineData("--mode", "both")]
    public void Bench_refuses_numbers_that_make_no_sense(params string[] options)
    {
        CommandResult result = Command.Severity(["bench", .. options]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("severity: error: ", result.Error);
    }

    [Theory]
    [InlineData("--batch", "50000")]
    [InlineData("--threads", "100000")]
    public void What_no_machine_can_hold_is_a_usage_error(string option, string value)
    {
        CommandResult result = Command.Severity("bench", option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
    }
}
