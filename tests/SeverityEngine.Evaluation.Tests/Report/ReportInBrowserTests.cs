using System.Text.Json;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Evaluation.Tests.Report;

/// <summary>A report with what rows can hold at worst, as a browser shows it.</summary>
public sealed class OpenedReport : IDisposable
{
    /// <summary>The names of the images, in the rows' order; the last row is another model's.</summary>
    public static readonly string[] Names =
    [
        "image2.png", "image10.png", "\"><img src=x onerror=window.pwned=2>.png", "'onmouseover='window.pwned=3",
        "&lt;b&gt; &amp; \u202Egnp.exe", "javascript:window.pwned=4", "gone.png", "torn.png", "]]><!--.png",
        "<script>window.pwned=1</script>.png",
    ];

    readonly ReportFiles _files = new();
    readonly Lazy<JsonElement> _found;

    public OpenedReport() => _found = new(Open);

    public JsonElement Found => _found.Value;

    public void Dispose() => _files.Dispose();

    JsonElement Open()
    {
        GivenRow[] rows =
        [
            new(_files.Draw(Names[0], 1), 3.25, 2.5) { Panel = _files.Panel("p0.panel.png", 1) },
            new(_files.Draw(Names[1], 2), 1.5, 4) { Warnings = $"{_files[Names[1]]}: all its pixels; <b>bold</b>" },
            new(Names[2], 0, 0) { Verdict = "outside", Reason = "<u>upside_down" },
            new(Names[3], 8, 6) { Verdict = "not_checked" },
            new(Names[4], 2, 2),
            new(Names[5], 4.5, 1),
            new(_files["gone.png"], 5.5, 3.5) { Panel = "javascript:alert(1)" },
            new(Names[7]) { ErrorCode = "image_truncated", Error = $"{Names[7]}: the image is cut short: <script>window.pwned=6</script>" },
            new(Names[8]) { ErrorCode = "<i>", Error = "</script><script>window.pwned=7</script>" },
            new(Names[9], 7.75, 0.5) { Model = "<img src=x onerror=window.pwned=5>" },
        ];
        string truth = _files["experts.csv"];
        File.WriteAllText(truth, "filename,geographic_mean,opacity_mean\nimage2.png,3,2\nimage10.png,2.5,1\ngone.png,5,4\n");
        _files.Report(out _, request => request with
        {
            Truth = ReaderFile.Read(truth, new()),
            CommandLine = "severity report '</code><script>window.pwned=8</script>'",
        }, _files.Rows("rows.csv", rows));
        return BrowserRun.Inspect(_files["report.html"]);
    }
}

public sealed class ReportInBrowserTests : IClassFixture<OpenedReport>
{
    readonly JsonElement _found;

    public ReportInBrowserTests(OpenedReport opened)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the browser is Debian's");
        _found = opened.Found;
    }

    [Fact]
    public void Nothing_is_asked_of_the_network_and_the_console_stays_empty()
    {
        Assert.Equal([], Texts("requests"));
        Assert.Equal([], Texts("errors"));
        Assert.Equal(0, Number("broken"));
    }

    [Fact]
    public void Hostile_texts_of_rows_are_texts()
    {
        // What turns the direction of writing is spelled out.
        Assert.All(OpenedReport.Names.Select(n => n.Replace("\u202E", "\\u202E", StringComparison.Ordinal)).Zip(Texts("titles")),
            pair => Assert.EndsWith(pair.First, pair.Second, StringComparison.Ordinal));
        JsonElement foreign = _found.GetProperty("foreign");
        Assert.Equal(1, foreign.GetProperty("scripts").GetInt32());
        foreach (string kind in (string[])["handlers", "images", "elements"])
            Assert.Equal(0, foreign.GetProperty(kind).GetInt32());
        Assert.Equal("undefined", foreign.GetProperty("pwned").GetString());
        string[][] remarks =
            [.. _found.GetProperty("remarks").EnumerateArray().Select(r => r.EnumerateArray().Select(t => t.GetString()!).ToArray())];
        Assert.Equal(["Warning: all its pixels; <b>bold</b>"], remarks[1]);
        Assert.Equal(["Outside the domain (<u>upside down): the scores mean nothing"], remarks[2]);
        Assert.Equal(["Domain not checked"], remarks[3]);
        Assert.Equal(["Error (image_truncated): the image is cut short: <script>window.pwned=6</script>"], remarks[7]);
    }

    [Fact]
    public void The_policy_refuses_what_the_page_does_not_hold()
    {
        JsonElement refused = _found.GetProperty("refused");
        Assert.Equal("undefined", refused.GetProperty("script").GetString());
        Assert.Equal("0px", refused.GetProperty("style").GetString());
        Assert.False(refused.GetProperty("fetched").GetBoolean());
        Assert.False(refused.GetProperty("image").GetBoolean());
    }

    [Fact]
    public void Headings_sort_by_the_keyboard_and_say_so_and_rows_without_a_value_come_last()
    {
        double?[] ascending = Numbers(_found.GetProperty("ascending").GetProperty("extent"));
        Assert.Equal([0, 1.5, 2, 3.25, 4.5, 5.5, 7.75, 8, null, null], ascending);
        Assert.Equal("ascending", Sort("ascending", "Geographic extent"));
        Assert.Null(Sort("ascending", "No."));
        double?[] descending = Numbers(_found.GetProperty("descending").GetProperty("extent"));
        Assert.Equal([8, 7.75, 5.5, 4.5, 3.25, 2, 1.5, 0, null, null], descending);
        Assert.Equal("descending", Sort("descending", "Geographic extent"));
        Assert.Equal("Geographic extent", _found.GetProperty("focused").GetString());
        // Of the readers' three images; a minus sign counts.
        Assert.Equal([-0.5, 0.5, 3], Numbers(_found.GetProperty("difference"))[..3]);
        Assert.Equal([6, 4.5 - 0.5, 3.5], Numbers(_found.GetProperty("phone"))[..3]);
    }

    [Fact]
    public void Names_sort_as_people_count()
    {
        List<string> names = [.. Texts("byName")];
        Assert.True(names.IndexOf("image2.png") < names.IndexOf("image10.png"));
        Assert.Equal(OpenedReport.Names.Length, names.Count);
    }

    [Theory]
    [InlineData("", new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, "10 rows")]
    [InlineData("s", new[] { 1, 2, 3, 4, 5, 6, 7, 10 }, "8 of 10 rows")]
    [InlineData("w", new[] { 2 }, "1 of 10 rows")]
    [InlineData("o", new[] { 3 }, "1 of 10 rows")]
    [InlineData("e", new[] { 8, 9 }, "2 of 10 rows")]
    [InlineData("find", new[] { 8 }, "1 of 10 rows")]
    public void Filters_show_what_fits_and_say_how_many(string filter, int[] rows, string says)
    {
        JsonElement shown = _found.GetProperty("filters").GetProperty(filter);
        Assert.Equal(rows, shown.GetProperty("rows").EnumerateArray().Select(r => r.GetInt32()));
        Assert.Equal(says, shown.GetProperty("says").GetString());
    }

    [Fact]
    public void A_link_of_an_error_leads_to_its_row_though_it_is_filtered_away()
    {
        Assert.Equal(0, _found.GetProperty("filters").GetProperty("nothing").GetArrayLength());
        Assert.True(_found.GetProperty("linked").GetProperty("shown").GetBoolean());
    }

    [Fact]
    public void Axe_finds_nothing_serious_in_light_and_dark_at_three_widths() =>
        Assert.Equal([], _found.GetProperty("axe").EnumerateArray()
            .Where(v => v.GetProperty("impact").GetString() is "serious" or "critical").Select(v => v.ToString()));

    [Fact]
    public void Nothing_is_wider_than_the_page() => Assert.Equal([], Texts("overflows"));

    [Fact]
    public void Without_script_the_table_is_whole_and_has_no_dead_controls()
    {
        JsonElement plain = _found.GetProperty("withoutScript");
        Assert.Equal(10, plain.GetProperty("rows").GetInt32());
        Assert.False(plain.GetProperty("controls").GetBoolean());
        Assert.Equal(0, plain.GetProperty("buttons").GetInt32());
    }

    [Fact]
    public void On_paper_all_rows_stand_without_controls()
    {
        JsonElement printed = _found.GetProperty("printed");
        Assert.Equal(10, printed.GetProperty("rows").GetInt32());
        Assert.False(printed.GetProperty("controls").GetBoolean());
        Assert.InRange(printed.GetProperty("pages").GetInt32(), 2, 8);
    }

    [Fact]
    public void The_first_words_say_that_it_is_for_research_only() =>
        Assert.StartsWith("Research only. Not for medical use.", _found.GetProperty("research").GetString(), StringComparison.Ordinal);

    IEnumerable<string> Texts(string name) => _found.GetProperty(name).EnumerateArray().Select(t => t.GetString()!);

    int Number(string name) => _found.GetProperty(name).GetInt32();

    string? Sort(string step, string column) => _found.GetProperty(step).GetProperty("sorts").GetProperty(column).GetString();

    static double?[] Numbers(JsonElement array) =>
        [.. array.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? (double?)null : v.GetDouble())];
}
