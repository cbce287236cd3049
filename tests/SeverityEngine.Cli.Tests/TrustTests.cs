using System.Globalization;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>What the published command says of how far a score can be trusted.</summary>
public class TrustTests
{
    /// <summary>Half-widths of the built-in model's intervals, from its card.</summary>
    static readonly Dictionary<string, (double Extent, double Opacity)> s_halfWidths = new()
    {
        ["80"] = (1.59, 1.06),
        ["90"] = (2.22, 1.29),
        ["95"] = (2.93, 1.64),
    };

    static string Sample => Path.Combine(TestData.RepositoryRoot, "tests", "samples", "moderate.jpg");

    /// <summary>A phantom, which is inside, and the same as other programs' users get it wrong.</summary>
    static string Picture(string name) => TestData.Get("domain", name);

    static JsonElement Row(params string[] arguments)
    {
        CommandResult result = Command.Severity(["predict", "--format", "jsonl", .. arguments]);
        Assert.Equal(0, result.ExitCode);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    [Theory]
    [InlineData(null)]
    [InlineData("80")]
    [InlineData("95")]
    public void A_row_has_the_interval_of_each_score_cut_at_its_range(string? percent)
    {
        JsonElement row = percent is null ? Row(Sample) : Row("--interval", percent, Sample);
        JsonElement interval = row.GetProperty("interval");
        (double extent, double opacity) = s_halfWidths[percent ?? "90"];
        Assert.Equal(double.Parse(percent ?? "90", CultureInfo.InvariantCulture) / 100, interval.GetProperty("level").GetDouble());
        Check("geographic_extent", extent, 8);
        Check("opacity", opacity, 6);

        void Check(string name, double halfWidth, double most)
        {
            double score = row.GetProperty(name).GetDouble();
            Assert.Equal(Math.Max(score - halfWidth, 0), interval.GetProperty(name).GetProperty("low").GetDouble(), 0.006);
            Assert.Equal(Math.Min(score + halfWidth, most), interval.GetProperty(name).GetProperty("high").GetDouble(), 0.006);
        }
    }

    [Fact]
    public void Text_shows_intervals_where_they_are_asked_for()
    {
        CommandResult plain = Command.Severity("predict", Sample), shown = Command.Severity("predict", "--interval", "90", Sample);
        Assert.All(plain.Lines, line => Assert.DoesNotContain("[", line, StringComparison.Ordinal));
        Assert.Matches(@"^geographic_extent \(0-8\): \d\.\d\d \[\d\.\d\d, \d\.\d\d\]$", shown.Lines[0]);
        Assert.Matches(@"^opacity \(0-6\): \d\.\d\d \[\d\.\d\d, \d\.\d\d\]$", shown.Lines[1]);
        Assert.Equal(2, Command.Severity("predict", "--interval", "99", Sample).ExitCode);
    }

    [Fact]
    public void An_x_ray_is_inside_without_a_word()
    {
        CommandResult result = Command.Severity("predict", "--format", "jsonl", Sample);
        JsonElement domain = JsonDocument.Parse(result.Output).RootElement.GetProperty("domain");
        Assert.Equal("", result.Error);
        Assert.Equal("inside", domain.GetProperty("verdict").GetString());
        Assert.InRange(domain.GetProperty("ratio").GetDouble(), 0, 1);
        Assert.Equal(domain.GetProperty("ratio").GetDouble(),
            Math.Max(domain.GetProperty("picture_ratio").GetDouble(), domain.GetProperty("feature_ratio").GetDouble()));
        Assert.False(domain.TryGetProperty("reason", out _));
    }

    [Theory]
    [InlineData("phantom-inverted.png", "inverted", "looks inverted")]
    [InlineData("phantom-upside-down.png", "upside_down", "looks upside down")]
    [InlineData("phantom-turned-90.png", "turned_counterclockwise", "looks turned counterclockwise")]
    [InlineData("text.png", "not_an_x_ray", "does not look like a frontal chest X-ray; the score means nothing")]
    public void What_is_outside_is_named_has_no_interval_and_is_refused_where_that_is_asked_for(string name, string reason, string words)
    {
        string picture = Picture(name);
        CommandResult result = Command.Severity("predict", "--format", "jsonl", picture);
        JsonElement row = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("outside", row.GetProperty("domain").GetProperty("verdict").GetString());
        Assert.Equal(reason, row.GetProperty("domain").GetProperty("reason").GetString());
        Assert.False(row.TryGetProperty("interval", out _));
        Assert.Contains(words, row.GetProperty("warnings").ToString(), StringComparison.Ordinal);
        Assert.Contains($"severity: warning: {picture}: {words}", result.Error, StringComparison.Ordinal);

        CommandResult refused = Command.Severity("predict", "--format", "jsonl", "--refuse-outside", picture);
        JsonElement error = JsonDocument.Parse(refused.Output).RootElement;
        Assert.Equal(3, refused.ExitCode);
        Assert.Equal("image_outside_domain", error.GetProperty("error_code").GetString());
        Assert.Contains(words, error.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(error.TryGetProperty("geographic_extent", out _));
    }

    [Fact]
    public void A_model_without_intervals_has_none_to_show_and_is_checked_by_the_usual_statistics()
    {
        using TemporaryFolder folder = new();
        string model = folder["weak.onnx"];
        CommandResult import =
            Command.Severity("model", "import", TestData.Get("checkpoints", "trained-weak-statedict-zip.pt"), "-o", model);
        Assert.Equal(0, import.ExitCode);
        Assert.Equal(4, Command.Severity("predict", "--model", model, "--interval", "90", Sample).ExitCode);
        JsonElement domain = Row("--model", model, Sample).GetProperty("domain");
        Assert.Equal("inside", domain.GetProperty("verdict").GetString());
        Assert.False(domain.TryGetProperty("feature_ratio", out _));
        Assert.Equal("outside", Row("--model", model, Picture("noise.png")).GetProperty("domain").GetProperty("verdict").GetString());
    }
}
