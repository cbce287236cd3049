using SeverityEngine.Phantoms;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public sealed class ReportCommandTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_of_predict_become_a_report_with_X_rays_and_maps()
    {
        Draw("xrays/DOE_JANE.png");
        Assert.Equal(0, Run("predict", "xrays", "-o", "rows.csv", "--saliency-panel", "maps", "-q").ExitCode);
        CommandResult made = Run("report", "rows.csv", "-o", "report.html");
        Assert.Equal((0, ""), (made.ExitCode, made.Error.Trim()));
        Assert.StartsWith("wrote report.html (1 row, ", made.Output, StringComparison.Ordinal);
        string page = Page();
        Assert.Equal(2, page.Split("src=\"data:image/jpeg;base64,").Length - 1);
        Assert.Contains("1 January 2020, 00:00 UTC", page, StringComparison.Ordinal);
        Assert.Contains("severity report rows.csv -o report.html", page, StringComparison.Ordinal);
        Assert.Contains("severity-compact", page, StringComparison.Ordinal);

        // A report takes the place of a report, and nothing of an anonymous one names the image.
        Assert.Equal(0, Run("report", "rows.csv", "-o", "report.html", "--anonymous", "-q").ExitCode);
        page = Page();
        Assert.Contains("<code>severity report ... -o ... --anonymous -q</code>", page, StringComparison.Ordinal);
        foreach (string name in (string[])["DOE", "JANE", "xrays", "rows.csv", _folder.Path])
            Assert.DoesNotContain(name, page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("src=\"data:image/jpeg;base64,").Length - 1);
    }

    [Fact]
    public void An_image_that_is_gone_is_counted_on_standard_error()
    {
        Draw("xrays/a.png");
        Run("predict", "xrays", "-o", "rows.csv", "--relative-to", "xrays", "-q");
        CommandResult elsewhere = Run("report", "rows.csv", "-o", "report.html");
        Assert.Equal(0, elsewhere.ExitCode);
        Assert.Contains("warning: 1 image is not where the rows say and not shown", elsewhere.Error, StringComparison.Ordinal);
        Assert.Contains("not there any more</span>", Page(), StringComparison.Ordinal);
        CommandResult there = Run("report", "rows.csv", "-o", "report.html", "--images", "xrays");
        Assert.Equal("", there.Error.Trim());
        Assert.Equal(2, Run("report", "rows.csv", "-o", "report.html", "--images", "nowhere").ExitCode);
    }

    [Fact]
    public void Neither_inputs_nor_files_of_others_are_replaced()
    {
        File.WriteAllText(_folder["rows.csv"], "file,geographic_extent,opacity\na.png,1,2\n");
        File.WriteAllText(_folder["truth.csv"], "filename,geographic_mean,opacity_mean\nb.png,1,2\n");
        File.WriteAllText(_folder["mine.html"], "<p>mine</p>");
        foreach (string input in (string[])["rows.csv", "./rows.csv", "truth.csv"])
        {
            CommandResult refused = Run("report", "rows.csv", "--truth", "truth.csv", "-o", input, "--force");
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("which it would destroy", refused.Error, StringComparison.Ordinal);
        }
        CommandResult others = Run("report", "rows.csv", "-o", "mine.html");
        Assert.Equal(2, others.ExitCode);
        Assert.Contains("mine.html: is there already and is not a report of this program", others.Error, StringComparison.Ordinal);
        Assert.Equal("<p>mine</p>", File.ReadAllText(_folder["mine.html"]));
        CommandResult forced = Run("report", "rows.csv", "--truth", "truth.csv", "-o", "mine.html", "--force");
        Assert.Equal(0, forced.ExitCode);
        Assert.Contains("none of the rows has readers' scores", forced.Error, StringComparison.Ordinal);
        Assert.Equal(["mine.html", "rows.csv", "truth.csv"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_is_no_file_of_rows_is_named()
    {
        File.WriteAllText(_folder["x.csv"], "a,b\n1,2\n");
        CommandResult result = Run("report", "x.csv", "-o", "report.html");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("x.csv: holds no results", result.Error, StringComparison.Ordinal);
        Assert.Equal(3, Run("report", "gone.csv", "-o", "report.html").ExitCode);
        Assert.Equal(2, Run("report", "x.csv", "-o", "report.html", "--truth-columns", "name=a").ExitCode);
        Assert.False(File.Exists(_folder["report.html"]));
    }

    void Draw(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        new ChestPhantom { Seed = 1, Width = 256, Height = 256, GeographicExtent = 3, Opacity = 2 }.Save(_folder[name]);
    }

    string Page() => File.ReadAllText(_folder["report.html"]);

    CommandResult Run(params string[] arguments) => Command.Run(Command.Binary, arguments, _folder.Path, new Dictionary<string, string>
    {
        // The first second of 2020.
        ["SOURCE_DATE_EPOCH"] = "1577836800",
        ["HOME"] = _folder.Path,
    });
}
