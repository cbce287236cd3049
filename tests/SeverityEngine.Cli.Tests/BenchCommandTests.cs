using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Cli.Bench;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class BenchCommandTests
{
    static readonly string[] s_fields =
    [
        "stage", "mode", "threads", "batch", "count", "few_samples", "mean_ms", "min_ms", "max_ms", "deviation_ms", "p50_ms", "p90_ms",
        "p99_ms", "images_per_second", "first_ms", "creation_ms", "peak_memory_bytes",
    ];

    /// <summary>Short, as no time is looked at.</summary>
    static readonly string[] s_short = ["--threads", "1", "--iterations", "3", "--warm-up", "0"];

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
        JsonElement[] rows = [.. json.RootElement.GetProperty("results").EnumerateArray()];
        string[] modes = threads == 1 ? ["latency"] : ["latency", "throughput"];
        Assert.Equal(from mode in modes from stage in (string[])["decode", "preprocess", "infer", "total"] select (stage, mode),
            rows.Select(r => (r.GetProperty("stage").GetString()!, r.GetProperty("mode").GetString()!)));
        Assert.All(rows, row =>
        {
            Assert.Equal(s_fields, row.EnumerateObject().Select(p => p.Name));
            Assert.Equal((threads, batch), (row.GetProperty("threads").GetInt32(), row.GetProperty("batch").GetInt32()));
            double Figure(string name) => row.GetProperty(name).GetDouble();
            double[] times = [Figure("min_ms"), Figure("p50_ms"), Figure("p90_ms"), Figure("p99_ms"), Figure("max_ms")];
            Assert.True(times[0] > 0);
            Assert.Equal(times.Order(), times);
            Assert.InRange(Figure("mean_ms"), times[0], times[^1]);
            Assert.InRange(Figure("deviation_ms"), 0, times[^1] - times[0]);
            Assert.Equal((6, true), (row.GetProperty("count").GetInt32(), row.GetProperty("few_samples").GetBoolean()));
            Assert.True(Figure("images_per_second") > 0);
            Assert.True(Figure("first_ms") > 0);
            Assert.True(Figure("creation_ms") > 0);
            // ONNX Runtime and the network alone are more than this; the machine has no such memory as that.
            Assert.InRange(Figure("peak_memory_bytes"), 20 << 20, 1L << 40);
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
    [InlineData("--warm-up", "1.5")]
    [InlineData("--warm-up", "ms")]
    [InlineData("--warm-up", "-3s")]
    [InlineData("--warm-up", "3601s")]
    [InlineData("--warm-up", "1000001")]
    [InlineData("--warm-up", "NaNs")]
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

    [Fact]
    public void Results_name_what_they_were_measured_on()
    {
        using JsonDocument json = Run();
        JsonElement context = json.RootElement.GetProperty("context");
        Dictionary<string, string> version = Command.Severity("version").Lines.Select(l => l.Split(": ", 2)).Where(l => l.Length == 2)
            .ToDictionary(l => l[0], l => l[1]);
        string model = Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model))), Text("model_sha256"));
        Assert.Equal("severity-compact", Text("model"));
        Assert.StartsWith($"severity-compact {Text("model_version")} ", version["model"], StringComparison.Ordinal);
        Assert.Equal(version["instruction sets"], Text("instruction_sets"));
        Assert.Contains($"severity {Text("engine")}", Command.Severity("version").Lines);
        Assert.Contains($"ONNX Runtime {Text("onnx_runtime")}", Command.Severity("version").Lines);
        Assert.Contains("synthetic", Text("image"), StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessorCount, context.GetProperty("cores").GetInt32());
        Assert.InRange(context.GetProperty("date").GetDateTime(), DateTime.UtcNow.AddMinutes(-10), DateTime.UtcNow.AddMinutes(1));
        if (OperatingSystem.IsLinux())
        {
            Assert.True(context.GetProperty("load").GetDouble() >= 0);
            if (File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } cpu)
                Assert.Equal(cpu.Split(':', 2)[1].Trim(), Text("cpu"));
        }

        string Text(string name) => context.GetProperty(name).GetString()!;
    }

    [Fact]
    public void Figures_are_those_of_the_times_themselves()
    {
        StageTimes times = new(), first = new();
        foreach (int ms in (int[])[4, 1, 3, 2, 10])
            times.Add(TimeSpan.FromMilliseconds(ms), TimeSpan.FromMilliseconds(1), TimeSpan.Zero, TimeSpan.FromMilliseconds(2 * ms));
        first.Add(TimeSpan.FromMilliseconds(50), TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        BenchSetting setting = new(BatchMode.Latency, 1, 1);
        BenchRow decode = times.Rows(setting, TimeSpan.FromSeconds(1), first).First();
        // 4, 1, 3, 2, 10: a mean of 4 and squares of 0, 9, 1, 4 and 36, by four.
        Assert.Equal((5, 4.0, 1.0, 10.0, 3.0, 50.0), (decode.Count, decode.Mean, decode.Least, decode.Most, decode.P50, decode.First));
        Assert.Equal(Math.Sqrt(50 / 4.0), decode.Deviation!.Value, 1e-12);
        StageTimes one = new();
        one.Add(TimeSpan.FromMilliseconds(1), TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.Null(one.Rows(setting, TimeSpan.FromSeconds(1), first).First().Deviation);
    }

    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("12", 12, 0)]
    [InlineData("500ms", 0, 500)]
    [InlineData("0.5s", 0, 500)]
    [InlineData("2s", 0, 2000)]
    public void Warm_up_is_a_number_or_a_time(string text, int batches, int milliseconds) =>
        Assert.Equal(new WarmUp(batches, TimeSpan.FromMilliseconds(milliseconds)), WarmUp.Parse(text));

    [Fact]
    public void Warming_up_for_a_time_takes_it()
    {
        Stopwatch watch = Stopwatch.StartNew();
        CommandResult result = Command.Severity("bench", "--threads", "1", "--iterations", "1", "--warmup", "1500ms");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.True(watch.ElapsedMilliseconds >= 1500);
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(30, false)]
    public void Fewer_than_thirty_samples_are_said_to_be_few(int iterations, bool few)
    {
        CommandResult result = Command.Severity("bench", "--threads", "1", "--iterations", $"{iterations}", "--warm-up", "0");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(few, result.Error.Contains("few samples: 29 batches", StringComparison.Ordinal));
        Assert.Equal(few, result.Error.Length > 0);
    }

    [Fact]
    public void A_comparison_has_the_ratio_of_each_stage_and_says_what_differs()
    {
        using TemporaryFolder folder = new();
        CommandResult before = Command.Severity(["bench", "--format", "json", .. s_short]);
        Assert.True(before.ExitCode == 0, before.Error);
        // Another processor, a hundred times as slow, and a stage less.
        JsonNode old = JsonNode.Parse(before.Output)!;
        old["context"]!["cpu"] = "Abacus 1";
        old["context"]!["load"] = 64;
        JsonArray results = old["results"]!.AsArray();
        results.RemoveAt(0);
        foreach (JsonNode? row in results)
        {
            row!["p50_ms"] = 1e6;
            row["count"] = 4;
        }
        File.WriteAllText(folder["old.json"], old.ToJsonString());
        using JsonDocument now = Run("--compare", folder["old.json"]);
        JsonElement comparison = now.RootElement.GetProperty("comparison");
        JsonElement[] stages = [.. comparison.GetProperty("stages").EnumerateArray()];
        Assert.Equal(["preprocess", "infer", "total"], stages.Select(s => s.GetProperty("stage").GetString()));
        Assert.All(stages.Zip(now.RootElement.GetProperty("results").EnumerateArray().Skip(1)), pair =>
        {
            double p50 = pair.Second.GetProperty("p50_ms").GetDouble();
            Assert.Equal((1e6, p50), (pair.First.GetProperty("old_p50_ms").GetDouble(), pair.First.GetProperty("new_p50_ms").GetDouble()));
            Assert.Equal(1e6 / p50, pair.First.GetProperty("ratio").GetDouble(), 1e-6 * 1e6 / p50);
        });
        string[] differences = [.. comparison.GetProperty("differences").EnumerateArray().Select(d => d.GetString()!)];
        Assert.Contains(differences, d => d.StartsWith("The processor differs: Abacus 1 then, ", StringComparison.Ordinal));
        Assert.Contains(differences, d => d.StartsWith("Other programs were at work then: a load of 64.0 ", StringComparison.Ordinal));
        Assert.Contains("The samples differ: 4 batches a stage then, 3 batches now.", differences);
        Assert.Contains("The samples then are few, less than 30: their ratios may be chance.", differences);
        Assert.Contains("Not compared: 1 row of now, of another stage, mode, number of threads or batch.", differences);

        CommandResult text = Command.Severity(["bench", "--compare", folder["old.json"], .. s_short]);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("The processor differs: Abacus 1 then, ", text.Output, StringComparison.Ordinal);
        Assert.Equal(3, text.Lines.Count(l => l.Contains("1000000.000", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_comparison_of_the_same_with_the_same_finds_no_other_context()
    {
        using TemporaryFolder folder = new();
        CommandResult before = Command.Severity(["bench", "--format", "json", .. s_short]);
        File.WriteAllText(folder["old.json"], before.Output);
        using JsonDocument now = Run("--compare", folder["old.json"]);
        JsonElement comparison = now.RootElement.GetProperty("comparison");
        Assert.Equal(4, comparison.GetProperty("stages").GetArrayLength());
        Assert.DoesNotContain(comparison.GetProperty("differences").EnumerateArray(),
            d => d.GetString()!.Contains(" differ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"context\":{},\"results\":[]}")]
    [InlineData("{\"results\":[")]
    [InlineData("no json")]
    public void What_holds_no_results_is_refused_before_anything_is_measured(string content)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["old.json"], content);
        CommandResult result = Command.Severity("bench", "--seconds", "100000", "--compare", folder["old.json"]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("old.json: holds no results to compare with", result.Error, StringComparison.Ordinal);
        Assert.Contains("--format json", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p50_ms", "-1")]
    [InlineData("p50_ms", "\"fast\"")]
    [InlineData("p50_ms", "1e999")]
    [InlineData("count", "0")]
    [InlineData("count", "2.5")]
    [InlineData("stage", "3")]
    [InlineData("mode", "null")]
    public void A_row_of_another_form_is_refused_with_its_number(string name, string value)
    {
        using TemporaryFolder folder = new();
        JsonNode old = JsonNode.Parse(Command.Severity(["bench", "--format", "json", .. s_short]).Output)!;
        string text = old.ToJsonString();
        string row = old["results"]![1]!.ToJsonString(), spelled = $"\"{name}\":{old["results"]![1]![name]!.ToJsonString()}";
        File.WriteAllText(folder["old.json"],
            text.Replace(row, row.Replace(spelled, $"\"{name}\":{value}", StringComparison.Ordinal), StringComparison.Ordinal));
        CommandResult result = Command.Severity("bench", "--compare", folder["old.json"]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("result 2 ", result.Error, StringComparison.Ordinal);
    }

    static JsonDocument Run(params string[] options)
    {
        CommandResult result = Command.Severity(["bench", "--format", "json", .. s_short, .. options]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output);
    }
}
