using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using SeverityEngine.Evaluation.Report;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests.Report;

public sealed partial class HtmlReportTests : IDisposable
{
    readonly ReportFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void The_same_rows_make_the_same_bytes()
    {
        string rows = _files.Rows("rows.csv",
            [.. Enumerable.Range(1, 40).Select(i => new GivenRow(_files.Draw($"{i}.png", i, 128), i % 9, i % 7))]);
        string first = _files.Report(out _, null, rows), second = _files.Report(out _, request => request with { Threads = 1 }, rows);
        Assert.Equal(first, second);
        Assert.Equal(40, XRays(first).Length);
    }

    [Fact]
    public void An_anonymous_report_holds_no_name_path_or_UID_and_no_text_of_rows()
    {
        const string Secret = "DOE^JANE-1.2.840.113619.2.5";
        string image = _files.Draw($"{Secret}/{Secret}-1.png", 1);
        string rows = _files.Rows($"{Secret}.csv",
            new GivenRow(image, 3, 2)
            {
                Panel = _files.Panel($"{Secret}.panel.png", 1),
                Warnings = $"{image}: its values use at most 4096 of 65536 levels; {image}: of {Secret}, which is unknown",
            },
            new GivenRow($"/home/{Secret}/gone.png", 4, 1) { Verdict = "outside", Reason = Secret, Warnings = $"{Secret}: what" },
            new GivenRow(Secret) { ErrorCode = "image_truncated", Error = $"{Secret}: the image is cut short: {Secret}" },
            new GivenRow($"{Secret}-4") { ErrorCode = Secret, Error = Secret });
        string truth = _files["truth.csv"];
        File.WriteAllText(truth, $"filename,geographic_mean,opacity_mean\n{Secret}-1.png,3,2\n");
        string page = _files.Report(out ReportCounts counts,
            request => request with
            {
                IsAnonymous = true,
                Truth = ReaderFile.Read(truth, new()),
                Images = _files.Path,
                CommandLine = "severity report ...",
            }, rows);
        Assert.Equal(new ReportCounts(4, 1, 0, 0) { Joined = 1 }, counts);
        foreach (string part in (string[])["DOE", "JANE", "113619", "gone", "truth.csv", "/home", _files.Path, ".png", ".csv"])
            Assert.DoesNotContain(part, page, StringComparison.OrdinalIgnoreCase);
        foreach (string picture in (string[])[.. XRays(page), .. Maps(page)])
        {
            byte[] jpeg = Convert.FromBase64String(picture);
            Assert.DoesNotContain("DOE", Encoding.Latin1.GetString(jpeg), StringComparison.Ordinal);
            // A quantization table follows the header at once: no comment, no Exif.
            Assert.Equal([0xFF, 0xDB], jpeg[20..22]);
        }
        Assert.Single(XRays(page));
        Assert.Single(Maps(page));
        Assert.Contains("its values use few of the levels", page, StringComparison.Ordinal);
        Assert.Contains("a warning whose text is left out", page, StringComparison.Ordinal);
        Assert.Contains("Error (image_truncated):</strong> the image is cut short", page, StringComparison.Ordinal);
        Assert.Contains("What is burnt into an X-ray can be seen", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_pictures_there_are_none()
    {
        string page = _files.Report(out ReportCounts counts, request => request with { HasPictures = false },
            _files.Rows("rows.csv", new GivenRow(_files.Draw("a.png", 1), 3, 2) { Panel = _files.Panel("p.panel.png", 1) }));
        Assert.Equal(new ReportCounts(1, 0, 0, 0), counts);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_is_gone_or_damaged_keeps_its_row_and_the_page_says_so()
    {
        File.WriteAllText(_files["damaged.png"], "no picture");
        string page = _files.Report(out ReportCounts counts, null, _files.Rows("rows.csv",
            new GivenRow(_files.Draw("a.png", 1), 1, 1) { Panel = _files["gone.panel.png"] },
            new GivenRow(_files["gone.png"], 2, 2),
            new GivenRow(_files["damaged.png"], 3, 3),
            // A row that is an error is not counted twice.
            new GivenRow(_files["never.png"]) { ErrorCode = "file_not_found", Error = "is not there" }));
        Assert.Equal(new ReportCounts(4, 1, 1, 1), counts);
        Assert.Single(XRays(page));
        Assert.Contains("not there any more</span>", page, StringComparison.Ordinal);
        Assert.Contains("not shown: not an image in a format that is known", page, StringComparison.Ordinal);
        Assert.Contains("1 image is not there any more. 1 image could not be read. 1 saliency map is not shown.", page,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Relative_paths_begin_at_the_folder_that_is_named()
    {
        _files.Draw("xrays/p1/a.png", 1);
        string rows = _files.Rows("rows.csv", new GivenRow("p1/a.png", 1, 1) { Panel = "p.panel.png" });
        _files.Panel("xrays/p.panel.png", 1);
        string page = _files.Report(out ReportCounts counts, request => request with { Images = _files["xrays"] }, rows);
        Assert.Equal(new ReportCounts(1, 0, 0, 0), counts);
        Assert.Single(XRays(page));
        Assert.Single(Maps(page));
    }

    [Theory]
    [InlineData("xrays.zip")]
    [InlineData("xrays.tar")]
    public void Members_of_archives_are_shown_in_whatever_order_rows_name_them(string name)
    {
        string[] members = ["b/1.png", "b/2.png", "a.png", "c.png"];
        string[] paths = [.. members.Select((member, i) => _files.Draw($"files/{member}", i + 1))];
        if (name.EndsWith(".zip", StringComparison.Ordinal))
            ZipFile.CreateFromDirectory(_files["files"], _files[name]);
        else
            TarFile.CreateFromDirectory(_files["files"], _files[name], includeBaseDirectory: false);
        string fromFiles = _files.Report(out _, null, _files.Rows("f.csv", [.. paths.Select(p => new GivenRow(p, 1, 1))]));
        GivenRow[] rows =
        [
            .. members.Select(m => new GivenRow($"{_files[name]}/{m}", 1, 1)), new($"{_files[name]}/never.png", 1, 1),
            // Another model's row shows the same member.
            new($"{_files[name]}/a.png", 2, 2) { Model = "another" },
        ];
        string fromArchive = _files.Report(out ReportCounts counts, null, _files.Rows("a.csv", rows));
        Assert.Equal(new ReportCounts(6, 1, 0, 0), counts);
        Assert.Equal([.. XRays(fromFiles), XRays(fromFiles)[2]], XRays(fromArchive));
        Assert.Equal(4, XRays(fromFiles).Distinct().Count());
    }

    [Fact]
    public void Rows_of_several_models_say_whose_they_are()
    {
        string image = _files.Draw("a.png", 1);
        string page = _files.Report(out _, null, _files.Rows("one.csv", new GivenRow(image, 1, 1)),
            _files.Rows("two.csv", new GivenRow(image, 2, 2) { Model = "other-model" }));
        Assert.Equal(["some-model 1.2", "other-model 1.2"], ModelCell().Matches(page).Select(m => m.Groups[1].Value));
        // A histogram of each score and model.
        Assert.Equal(4, Regex.Count(page, "aria-label=\"Histogram of "));
    }

    [Fact]
    public void Ten_thousand_images_fit_60_megabytes()
    {
        const int Count = 300, Megabyte = 1_000_000;
        string rows = _files.Rows("rows.csv", [.. Enumerable.Range(1, Count).Select(i => new GivenRow(
            _files.Draw($"x/{i}.png", i, 128 + i), i % 9, i % 7) { Panel = _files.Panel($"{i}.panel.png", i) })]);
        string page = _files.Report(out ReportCounts counts, null, rows);
        Assert.Equal(new ReportCounts(Count, 0, 0, 0), counts);
        double pictures = XRays(page).Concat(Maps(page)).Sum(p => (double)Convert.FromBase64String(p).Length) / Count;
        Assert.InRange(pictures, 1000, 5000);
        string[] lines = [.. page.Split('\n').Where(line => line.StartsWith("<tr role=\"row\" id=", StringComparison.Ordinal))];
        Assert.Equal(Count, lines.Length);
        Assert.InRange(lines.Average(line => Encoding.UTF8.GetByteCount(line) + 1.0), 1000, 60 * Megabyte / 10_000);
    }

    [Fact]
    public void Figures_under_the_plots_are_those_of_scipy_and_scikit_learn()
    {
        string scores = TestData.Get("evaluation", "eval94.csv");
        string page = _files.Report(out _, request => request with { Truth = ReaderFile.Read(scores, new()), HasPictures = false }, scores);
        // Of evaluate-expected.json beside it: MAE, R2, Pearson with Fisher's interval, bias with its t interval, limits with theirs.
        Assert.Contains("<th scope=\"row\">Geographic extent</th><td>94</td><td>1.16</td><td>0.61</td><td>0.79 [0.70, 0.86]</td>"
            + "<td>\u22120.21 [\u22120.51, +0.09]</td><td>\u22123.08 [\u22123.60, \u22122.57] to +2.66 [+2.15, +3.18]</td>", page,
            StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">Opacity</th><td>94</td><td>0.80</td><td>0.56</td><td>0.78 [0.68, 0.85]</td>"
            + "<td>\u22120.30 [\u22120.50, \u22120.11]</td><td>\u22122.17 [\u22122.51, \u22121.84] to +1.57 [+1.23, +1.90]</td>", page,
            StringComparison.Ordinal);
        Assert.Contains("Bland-Altman plot of opacity, 94 images: bias \u22120.30, limits of agreement \u22122.17 and +1.57", page,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Medians_means_and_bars_count_what_is_inside_the_domain()
    {
        string page = _files.Report(out _, request => request with { HasPictures = false }, _files.Rows("rows.csv",
            new GivenRow("a", 0, 1), new GivenRow("b", 0.49, 2), new GivenRow("c", 0.5, 3), new GivenRow("d", 8, 6),
            new GivenRow("e", 7.6, 6) { Verdict = "outside" }));
        // Extents 0, 0.49, 0.5 and 8 have the median 0.495, opacities 1, 2, 3 and 6 the median 2.5 and the mean 3.
        Assert.Contains("<td>5</td><td>0.50</td><td>2.25</td><td>2.50</td><td>3.00</td>", page, StringComparison.Ordinal);
        Assert.Contains("0: 2, 0.5: 1, 1: 0,", page, StringComparison.Ordinal);
        Assert.Contains("7.5: 2\"", page, StringComparison.Ordinal);
        Assert.Contains("class=\"bar out\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_number_and_what_has_no_rows_is_refused()
    {
        File.WriteAllText(_files["empty.csv"], "file,geographic_extent,opacity\n");
        SeverityException empty = Assert.Throws<SeverityException>(() => _files.Report(out _, null, _files["empty.csv"]));
        Assert.Contains("has no rows", empty.Message, StringComparison.Ordinal);
        File.WriteAllText(_files["odd.csv"], "file,geographic_extent,opacity,interval.opacity.low,interval.opacity.high\na,1,1,x,2\n");
        SeverityException odd = Assert.Throws<SeverityException>(() => _files.Report(out _, null, _files["odd.csv"]));
        Assert.Contains("line 2: 'x' under 'interval.opacity.low' is no number", odd.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_files["report.html"]));
        Assert.Equal(2, Directory.GetFiles(_files.Path).Length);
    }

    static string[] XRays(string page) => [.. XRay().Matches(page).Select(m => m.Groups[1].Value)];

    static string[] Maps(string page) => [.. Map().Matches(page).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("<img alt=\"X-ray\"[^>]*base64,([^\"]*)\"")]
    private static partial Regex XRay();

    [GeneratedRegex("<img alt=\"saliency map\"[^>]*base64,([^\"]*)\"")]
    private static partial Regex Map();

    [GeneratedRegex("class=\"m\">([^<]*)</td>")]
    private static partial Regex ModelCell();
}
