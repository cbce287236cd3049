using System.Globalization;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>The page, used in a real browser.</summary>
public sealed class UsedPage : IDisposable
{
    readonly RunningServer _server = new();
    readonly TemporaryFolder _folder = new();
    readonly Lazy<JsonElement> _found;

    public UsedPage() => _found = new(Use);

    public JsonElement Found => _found.Value;

    /// <summary>The images that are chosen all at once: twenty, with one of a name that is no ordinary one.</summary>
    public IReadOnlyList<string> Many { get; private set; } = [];

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    JsonElement Use()
    {
        string browser = Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Server.Tests", "browser");
        string[] samples =
        [
            RunningServer.Sample("severe.png"), RunningServer.Fixture("dicom", "display", "implicit.dcm"),
            RunningServer.Sample("moderate.jpg"),
        ];
        string Copy(string sample, string name)
        {
            File.Copy(sample, _folder[name]);
            return _folder[name];
        }
        string bad = _folder["notes.txt"];
        File.WriteAllText(bad, "no image");
        Many = [.. Enumerable.Range(0, 19).Select(i => Copy(samples[i % 3], $"{i:00}{Path.GetExtension(samples[i % 3])}")),
            Copy(samples[0], "<img src=x onerror=alert(1)> & =1+1.png")];
        // SEVERITY_SCREENSHOTS=FOLDER keeps the pictures of the page, for people to look at.
        string pictures = Environment.GetEnvironmentVariable("SEVERITY_SCREENSHOTS") is { Length: > 0 } kept ? kept : _folder.Path;
        NodeFolder.Install(browser);
        CommandResult run = NodeFolder.Run(browser, "page.mjs",
            [NodeFolder.Tool("chromium"), _server.Address.ToString(), pictures, RunningServer.Sample("severe.png"), bad, .. Many]);
        Assert.True(run.ExitCode == 0, $"page.mjs ended with {run.ExitCode}: {run.Error}");
        return JsonDocument.Parse(run.Output).RootElement;
    }
}

public sealed class PageTests : IClassFixture<UsedPage>
{
    readonly UsedPage _page;
    readonly JsonElement _found;
    readonly JsonElement _severe;

    public PageTests(UsedPage page)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the browser is Debian's");
        _page = page;
        _found = page.Found;
        CommandResult command = Command.Severity("predict", RunningServer.Sample("severe.png"), "--format", "jsonl");
        _severe = JsonDocument.Parse(command.Output).RootElement;
    }

    [Fact]
    public void Nothing_is_asked_of_another_machine_and_the_console_stays_empty()
    {
        Assert.Equal([], Texts("foreign"));
        Assert.Equal([], Texts("errors"));
        JsonElement refused = _found.GetProperty("refused");
        Assert.Equal(("undefined", false, false), (refused.GetProperty("script").GetString(), refused.GetProperty("fetched").GetBoolean(),
            refused.GetProperty("image").GetBoolean()));
        // The one file that is no image: once alone, and once at each look.
        Assert.Equal(7, _found.GetProperty("refusedRequests").GetInt32());
    }

    [Fact]
    public void An_xray_that_is_chosen_by_the_keyboard_shows_both_scores_as_the_command_gives_them()
    {
        Assert.Equal("files", _found.GetProperty("firstFocus").GetString());
        JsonElement one = _found.GetProperty("one");
        Assert.Equal(("severe.png", Score("geographic_extent"), Score("opacity")),
            (one.GetProperty("name").GetString(), one.GetProperty("extent").GetString(), one.GetProperty("opacity").GetString()));
        JsonElement interval = _severe.GetProperty("interval").GetProperty("geographic_extent");
        string low = Rounded(interval.GetProperty("low").GetDouble()), high = Rounded(interval.GetProperty("high").GetDouble());
        Assert.Equal($"90 % of experts' scores lie within {low} to {high}.", one.GetProperty("interval").GetString());
        Assert.Equal($"{Score("geographic_extent")} on a scale from 0 to 8; {low} to {high} for 90 percent of experts",
            one.GetProperty("meter").GetString());
        int width = _severe.GetProperty("width").GetInt32();
        Assert.Equal([width, width], one.GetProperty("pictures").EnumerateArray().Select(p => p.GetInt32()));
    }

    [Fact]
    public void The_map_fades_by_the_slider()
    {
        Assert.Equal(("0", "1", "100 %"), (_found.GetProperty("without").GetProperty("strength").GetString(),
            _found.GetProperty("full").GetProperty("strength").GetString(), _found.GetProperty("percent").GetString()));
    }

    [Fact]
    public void A_file_that_is_no_image_is_told_in_words()
    {
        JsonElement bad = _found.GetProperty("bad");
        Assert.False(bad.GetProperty("scores").GetBoolean());
        Assert.Equal("2 X-rays done, 1 without a score", bad.GetProperty("status").GetString());
        Assert.StartsWith("This file has no score. Not an image in a format that is known;", bad.GetProperty("notes")[0].GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void That_it_is_for_research_only_is_always_in_sight()
    {
        Assert.Equal("Research only. Not for medical use.", _found.GetProperty("research").GetString());
        Assert.Equal(0, _found.GetProperty("bannerTop").GetDouble());
    }

    [Fact]
    public void The_table_is_saved_with_the_commands_columns_and_values()
    {
        using TemporaryFolder folder = new();
        CommandResult command = Command.Run(Command.Binary,
            ["predict", "severe.png", "--format", "csv", "--saliency", folder["map.png"]],
            Path.GetDirectoryName(RunningServer.Sample("severe.png")));
        string[] expected = command.Output.Split("\r\n");
        JsonElement csv = _found.GetProperty("csv");
        string[] saved = csv.GetProperty("text").GetString()!.Split("\r\n");
        Assert.Equal("severity.csv", csv.GetProperty("name").GetString());
        Assert.Equal(expected[0], saved[0]);
        Assert.Equal(4, saved.Length);
        string[] columns = saved[0].Split(','), there = saved[1].Split(','), wanted = expected[1].Split(',');
        foreach ((string column, int at) in columns.Select((column, at) => (column, at)))
        {
            if (column is "saliency.picture" || column.StartsWith("timings", StringComparison.Ordinal))
                continue;
            // One program writes 1E-07 where the other writes 1e-7, and the last digits depend on how many cores share an image.
            if (double.TryParse(wanted[at], CultureInfo.InvariantCulture, out double number))
                Assert.Equal(number, double.Parse(there[at], CultureInfo.InvariantCulture), 1e-4 * Math.Max(1e-4, Math.Abs(number)));
            else
                Assert.Equal(wanted[at], there[at]);
        }
        Assert.StartsWith("notes.txt,notes.txt,", saved[2], StringComparison.Ordinal);
        Assert.Contains("image_format_unknown", saved[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Twenty_files_at_once_have_their_rows_in_order_and_a_name_is_text()
    {
        string[][] rows = [.. _found.GetProperty("many").EnumerateArray()
            .Select(r => r.EnumerateArray().Select(c => c.GetString()!).ToArray())];
        Assert.Equal(_page.Many.Select(Path.GetFileName), rows.Select(r => r[0]));
        Assert.All(rows, row => Assert.Matches(@"^\d\.\d$", row[1]));
        Assert.Equal((Score("geographic_extent"), Score("opacity")), (rows[0][1], rows[19][2]));
        Assert.Equal("Outside the model's domain: the scores mean nothing.", rows[1][3]);
    }

    [Fact]
    public void Arrow_keys_lead_from_row_to_row()
    {
        JsonElement third = _found.GetProperty("third");
        Assert.Equal(("02.jpg", "02.jpg"), (third.GetProperty("name").GetString(), third.GetProperty("focus").GetString()));
    }

    [Fact]
    public void Removing_all_begins_anew() => Assert.Equal((0, "files"), (_found.GetProperty("cleared").GetProperty("rows").GetInt32(),
        _found.GetProperty("cleared").GetProperty("focus").GetString()));

    [Theory]
    [InlineData("drop")]
    [InlineData("paste")]
    public void An_xray_can_be_dropped_and_pasted(string how)
    {
        JsonElement row = Assert.Single(_found.GetProperty(how).EnumerateArray());
        Assert.Equal(($"{how}.png", Score("geographic_extent")), (row[0].GetString(), row[1].GetString()));
    }

    [Fact]
    public void Axe_finds_nothing_in_light_and_dark_at_three_widths() =>
        Assert.Equal([], _found.GetProperty("axe").EnumerateArray().Select(v => v.ToString()));

    [Fact]
    public void Nothing_is_wider_than_the_page() => Assert.Equal([], Texts("overflows"));

    IEnumerable<string> Texts(string name) => _found.GetProperty(name).EnumerateArray().Select(t => t.GetString()!);

    string Score(string column) => Rounded(_severe.GetProperty(column).GetDouble());

    /// <summary>One decimal, as JavaScript rounds it.</summary>
    static string Rounded(double number) => number.ToString("F1", CultureInfo.InvariantCulture);
}
