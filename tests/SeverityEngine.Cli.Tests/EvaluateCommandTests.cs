using System.Globalization;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public sealed class EvaluateCommandTests : IDisposable
{
    /// <summary>Rows of six images of three patients, with errors known by hand: 0, 1, -1, 2, 0, -2.</summary>
    const string Rows = "file,model,model_version,model_sha256,geographic_extent,opacity,domain.verdict,error\n"
        + "a.png,m,1,x,1,1,inside,\nb.png,m,1,x,3,1,inside,\nc.png,m,1,x,3,2,outside,\nd.png,m,1,x,7,3,inside,\ne.png,m,1,x,6,4,inside,\n"
        + "f.png,m,1,x,5,5,inside,\ng.png,m,1,x,,,,damaged\nz.png,m,1,x,2,2,inside,\n";

    const string Truth = "## scored by hand,,,,\nfilename,patientid,geographic_mean,opacity_mean,view\n"
        + "a.png,p1,1,1,PA\nb.png,p1,2,1,PA\nc.png,p2,4,2,AP\nd.png,p2,5,3,AP\n"
        + "e.png,p3,6,4,PA\nf.png,p3,7,5,AP\ng.png,p4,3,3,PA\nh.png,p4,2,2,AP\n";

    readonly TemporaryFolder _folder = new();

    public EvaluateCommandTests()
    {
        File.WriteAllText(_folder["rows.csv"], Rows);
        File.WriteAllText(_folder["truth.csv"], Truth);
    }

    public void Dispose() => _folder.Dispose();

    static CommandResult Evaluate(params string[] arguments) => Command.Severity(["evaluate", .. arguments]);

    static JsonElement Score(CommandResult result, int series = 0, string score = "geographic_extent") =>
        JsonDocument.Parse(result.Output).RootElement.GetProperty("series")[series].GetProperty("scores").GetProperty(score);

    [Fact]
    public void Figures_stand_in_a_table_and_what_did_not_match_is_named()
    {
        CommandResult result = Evaluate(_folder["rows.csv"], "--truth", _folder["truth.csv"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(result.Lines, l => l.StartsWith("images", StringComparison.Ordinal) && l.EndsWith('6'));
        Assert.Contains(result.Lines, l => l.StartsWith("mean absolute error", StringComparison.Ordinal)
            && l.Contains(" 1.00 [", StringComparison.Ordinal));
        Assert.Contains($"1 image of {_folder["truth.csv"]} without a row: h.png", result.Error, StringComparison.Ordinal);
        Assert.Contains("with an error in place of scores: g.png", result.Error, StringComparison.Ordinal);
        Assert.Contains($"1 image scored and not in {_folder["truth.csv"]}: z.png", result.Error, StringComparison.Ordinal);
        Assert.Contains("1 image of m 1 outside the model's domain", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_holds_everything_with_null_for_what_is_undefined()
    {
        CommandResult result = Evaluate(_folder["rows.csv"], "--truth", _folder["truth.csv"], "--format", "json", "-q");
        Assert.Equal("", result.Error);
        JsonElement series = JsonDocument.Parse(result.Output).RootElement.GetProperty("series")[0];
        Assert.Equal("h.png", series.GetProperty("without_row")[0].GetString());
        Assert.Equal("damaged", series.GetProperty("errors")[0].GetProperty("error").GetString());
        JsonElement extent = Score(result), opacity = Score(result, score: "opacity");
        Assert.Equal(6, extent.GetProperty("n").GetInt32());
        Assert.Equal(1, extent.GetProperty("mae").GetProperty("value").GetDouble(), 1e-12);
        // Opacity agrees in everything: there is no interval of the intraclass correlation by formula.
        Assert.Equal(1, opacity.GetProperty("icc21").GetProperty("value").GetDouble(), 1e-12);
        Assert.False(opacity.GetProperty("icc21_f").TryGetProperty("low", out _));
    }

    [Fact]
    public void Images_outside_the_domain_are_left_out_when_that_is_asked_for()
    {
        CommandResult result = Evaluate(_folder["rows.csv"], "--truth", _folder["truth.csv"], "--format", "json", "--inside-domain");
        Assert.Equal(5, Score(result).GetProperty("n").GetInt32());
    }

    [Theory]
    [InlineData("view", "AP", 3)]
    [InlineData("domain.verdict", "outside", 1)]
    public void Groups_are_made_by_a_column_of_either_file(string column, string value, int count)
    {
        CommandResult result =
            Evaluate(_folder["rows.csv"], "--truth", _folder["truth.csv"], "--format", "json", "--by", column);
        JsonElement group = JsonDocument.Parse(result.Output).RootElement.GetProperty("groups").GetProperty("values").EnumerateArray()
            .Single(g => g.GetProperty("value").GetString() == value);
        Assert.Equal(count,
            group.GetProperty("series")[0].GetProperty("scores").GetProperty("geographic_extent").GetProperty("n").GetInt32());
        CommandResult text = Evaluate(_folder["rows.csv"], "--truth", _folder["truth.csv"], "--by", column);
        Assert.Contains($"geographic extent by {column}", text.Lines);
        Assert.DoesNotContain("NaN", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_stand_side_by_side_with_their_difference()
    {
        File.WriteAllText(_folder["other.csv"], Rows.Replace(",m,1,x,", ",n,2,y,", StringComparison.Ordinal)
            .Replace(",7,3,", ",6,3,", StringComparison.Ordinal));
        CommandResult result = Evaluate(_folder["rows.csv"], _folder["other.csv"], "--truth", _folder["truth.csv"], "--format", "json");
        JsonElement difference = JsonDocument.Parse(result.Output).RootElement.GetProperty("differences")[0];
        Assert.Equal(("n 2", "m 1"), (difference.GetProperty("of").GetString()!, difference.GetProperty("less").GetString()!));
        Assert.Equal(-1.0 / 6, difference.GetProperty("mae").GetProperty("value").GetDouble(), 1e-12);
        Assert.Contains("n 2 less m 1, on the images that both scored",
            Evaluate(_folder["rows.csv"], _folder["other.csv"], "--truth", _folder["truth.csv"]).Lines);
    }

    [Fact]
    public void Several_readers_are_held_against_each_other_and_the_model_against_each()
    {
        File.WriteAllText(_folder["readers.csv"], "image,who,geo\na,R1,1\na,R2,2\nb,R1,2\nb,R2,2\nc,R1,4\nc,R2,5\nd,R1,5\nd,R2,5\n");
        CommandResult result =
            Evaluate(_folder["rows.csv"], "--truth", _folder["readers.csv"], "--truth-columns", "name=image,extent=geo,rater=who");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(result.Lines, l => l.StartsWith("ICC(2,1) between readers", StringComparison.Ordinal));
        Assert.Contains(result.Lines, l => l.StartsWith("R1 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_are_scored_on_the_way()
    {
        string sample = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "severe.png");
        double score = JsonDocument.Parse(Command.Severity("predict", sample, "--format", "json").Output).RootElement[0]
            .GetProperty("geographic_extent").GetDouble();
        File.WriteAllText(_folder["one.csv"], "filename,geographic_mean\nsevere.png,5\n");
        CommandResult result = Evaluate(sample, "--truth", _folder["one.csv"], "--format", "json");
        Assert.Equal(score - 5, Score(result).GetProperty("bias").GetProperty("value").GetDouble(), 1e-9);
    }

    [Theory]
    [InlineData(2, "none of its images has scores", "filename,geographic_mean\nq.png,5\n")]
    [InlineData(2, "is no table", "# nothing more\n")]
    [InlineData(2, "has no column of scores", "filename,x\na.png,5\n")]
    public void Readers_scores_that_fit_nothing_are_an_error(int exitCode, string fault, string truth)
    {
        File.WriteAllText(_folder["bad.csv"], truth);
        CommandResult result = Evaluate(_folder["rows.csv"], "--truth", _folder["bad.csv"]);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Contains(fault, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistyped_options_and_columns_are_named()
    {
        Assert.Contains("has to be name, extent",
            Evaluate(_folder["rows.csv"], "--truth", _folder["truth.csv"], "--truth-columns", "extend=x").Error, StringComparison.Ordinal);
        Assert.Contains("--by sex: neither",
            Evaluate(_folder["rows.csv"], "--truth", _folder["truth.csv"], "--by", "sex").Error, StringComparison.Ordinal);
        Assert.Equal(3, Evaluate(_folder["none.csv"], "--truth", _folder["truth.csv"]).ExitCode);
    }

    [Fact]
    public void The_94_xrays_give_the_model_cards_table()
    {
        string truth = TestData.Get("evaluation", "eval94.csv");
        CommandResult result = Evaluate(TestData.Get("data", "cxr"), "--truth", truth, "-q");
        Assert.Equal(0, result.ExitCode);
        string card = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "models", "README.md"));
        // | severity-compact 1.1.0 | 0.75, 0.85, 0.87 | 0.72, 0.63, 0.86 |
        string[] line = card.Split('\n').First(l => l.StartsWith("| severity-compact 1.1.0 |", StringComparison.Ordinal)).Split('|');
        string[] ends = card.Split('\n').First(l => l.StartsWith("| 95 % intervals", StringComparison.Ordinal)).Split('|');
        string[] titles = ["R²", "mean absolute error", "Pearson's r"];
        for (int score = 0; score < 2; score++)
        {
            double[] values = [.. line[2 + score].Split(',').Select(Number)];
            double[][] intervals = [.. ends[2 + score].Split(',').Select(i => i.Split(" to ").Select(Number).ToArray())];
            for (int f = 0; f < titles.Length; f++)
            {
                string[] cells = result.Lines.First(l => l.StartsWith(titles[f], StringComparison.Ordinal))[titles[f].Length..]
                    .Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                double[] shown = [.. cells[score].Split(' ', '[', ',', ']').Where(c => c.Length > 0).Select(Number)];
                Assert.Equal(values[f], shown[0], 0.0051);
                Assert.Equal(intervals[f][0], shown[1], 0.02);
                Assert.Equal(intervals[f][1], shown[2], 0.02);
            }
        }
    }

    static double Number(string text) => double.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
