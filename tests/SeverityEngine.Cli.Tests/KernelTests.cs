using System.Text.Json;
using System.Text.Json.Nodes;
using SeverityEngine.Interop;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>
/// Every kernel that the published file holds, run as it is compiled there, over all pictures of the tests: each must read the same pixels
/// and give the same scores. Only Winograd's convolution, which the imported network uses and the built-in one doesn't, may round
/// differently.
/// </summary>
public class KernelTests
{
    /// <summary>
    /// Between raw scores of some units: Winograd's algorithm rounds float32 otherwise than the sum that it stands for, in each of the
    /// network's 58 such convolutions.
    /// </summary>
    const double Rounding = 1e-4;

    static readonly string[] s_pictures = [".png", ".jpg", ".bmp", ".gif", ".psd", ".tga", ".tiff"];

    public static TheoryData<string> Forced => [.. Enum.GetValues<KernelSet>().Where(set => set <= Cpu.Widest).Select(NameOf)];

    [Theory]
    [MemberData(nameof(Forced))]
    public void The_built_in_model_gives_equal_scores_by_every_kernel(string kernel)
    {
        string[] pictures = Pictures();
        JsonObject[] expected = Scores(pictures, null), scores = Scores(pictures, kernel);
        Assert.Equal(pictures.Length, scores.Length);
        for (int i = 0; i < scores.Length; i++)
            Assert.Equal(expected[i].ToJsonString(), scores[i].ToJsonString());
        Assert.Contains(scores, s => s.ContainsKey("geographic_extent_raw"));
    }

    [Theory]
    [MemberData(nameof(Forced))]
    public void A_network_with_winograds_convolution_gives_the_same_scores_by_every_kernel_but_for_rounding(string kernel)
    {
        using TemporaryFolder folder = new();
        string model = folder["standin.onnx"];
        CommandResult import = Command.Severity("model", "import", TestData.Get("checkpoints", "standin-module-legacy.pt"), "-o", model);
        Assert.True(import.ExitCode == 0, import.Error);
        // The samples, and a few of each kind: the network takes its time.
        string[] pictures = [.. Pictures().Where((_, i) => i % 12 == 0)];
        JsonObject[] expected = Scores(pictures, null, "--model", model), scores = Scores(pictures, kernel, "--model", model);
        Assert.Equal(pictures.Length, scores.Length);
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.Equal(expected[i].ContainsKey("error"), scores[i].ContainsKey("error"));
            foreach (string name in (string[])["geographic_extent_raw", "opacity_raw"])
            {
                if (expected[i][name] is { } score)
                    Assert.Equal(score.GetValue<double>(), scores[i][name]!.GetValue<double>(), Rounding);
            }
        }
    }

    [Fact]
    public void Kernels_wider_than_the_file_is_compiled_for_are_loaded_where_the_processor_has_them_and_a_network_uses_them()
    {
        using TemporaryFolder folder = new();
        string model = folder["standin.onnx"], calls = folder["calls"];
        CommandResult import = Command.Severity("model", "import", TestData.Get("checkpoints", "standin-module-legacy.pt"), "-o", model);
        Assert.True(import.ExitCode == 0, import.Error);
        Assert.Equal(Cpu.HasAvx512, Loads("--model", model));
        Assert.False(Loads());

        bool Loads(params string[] arguments)
        {
            CommandResult run = Command.Run("strace",
                ["-f", "-e", "trace=memfd_create", "-o", calls, Command.Binary, "predict", Pictures()[0], .. arguments]);
            Assert.True(run.ExitCode == 0, run.Error);
            return File.ReadAllText(calls).Contains("severity-avx512", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_kernel_that_there_is_not_is_an_error_of_usage_and_no_crash()
    {
        CommandResult result = Run([Pictures()[0]], "mmx");
        Assert.Equal(SeverityError.InvalidArgument.ExitCode(), result.ExitCode);
        Assert.Contains(
            "SEVERITY_FORCE_KERNEL is \"mmx\"; it may be scalar, vector128, avx2 or avx512", result.Error, StringComparison.Ordinal);
    }

    static string NameOf(KernelSet set) => set.ToString().ToLowerInvariant();

    static string[] Pictures()
    {
        string tests = Path.Combine(TestData.RepositoryRoot, "tests");
        return [.. ((string[])[Path.Combine(tests, "samples"), Path.Combine(tests, "fixtures", "images")])
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            .Where(file => s_pictures.Contains(Path.GetExtension(file)))];
    }

    /// <summary>What is said of each picture, without the time that it took.</summary>
    static JsonObject[] Scores(string[] pictures, string? kernel, params string[] arguments)
    {
        CommandResult result = Run([.. arguments, .. pictures], kernel);
        Assert.True(result.ExitCode is 0 or 3, result.Error); // some pictures are too small, or broken
        JsonObject[] scores = [.. result.Lines.Select(line => JsonSerializer.Deserialize<JsonObject>(line)!)];
        foreach (JsonObject score in scores)
            score.Remove("timings_ms");
        return scores;
    }

    static CommandResult Run(string[] arguments, string? kernel) =>
        Command.Run(Command.Binary, ["predict", "--format", "jsonl", .. arguments],
            environment: kernel is null ? new Dictionary<string, string>() : new() { [Cpu.Variable] = kernel });
}
