using System.IO.Compression;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>Results as DICOM objects through the published command. That they are valid, tests/SeverityEngine.Dicom.Tests shows.</summary>
public sealed class DicomResultTests : IDisposable
{
    static readonly string s_root = TestData.RepositoryRoot;

    readonly TemporaryFolder _folder = new();

    /// <summary>A DICOM file with a study, and an image that is none.</summary>
    public DicomResultTests()
    {
        File.Copy(Path.Combine(s_root, "tests", "fixtures", "dicom", "planted.dcm"), _folder["x.dcm"]);
        File.Copy(Path.Combine(s_root, "tests", "samples", "clear.png"), _folder["clear.png"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_report_and_a_picture_are_written_beside_the_row_and_are_the_same_again()
    {
        string[] arguments =
            ["predict", "x.dcm", "--dicom-report", "r.dcm", "--dicom-saliency", "s.dcm", "--format", "jsonl"];
        CommandResult result = Run("86400", arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        JsonElement row = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal("r.dcm", row.GetProperty("dicom").GetProperty("report").GetString());
        Assert.Equal("s.dcm", row.GetProperty("dicom").GetProperty("saliency").GetString());
        Assert.Equal("extent", row.GetProperty("saliency").GetProperty("of").GetString());
        byte[] report = File.ReadAllBytes(_folder["r.dcm"]), saliency = File.ReadAllBytes(_folder["s.dcm"]);
        Assert.Equal("DICM"u8.ToArray(), report[128..132]);
        Assert.Contains("19700102", Text(report), StringComparison.Ordinal);
        // Files of an earlier run are replaced.
        Assert.Equal(0, Run("86400", arguments).ExitCode);
        Assert.Equal(report, File.ReadAllBytes(_folder["r.dcm"]));
        Assert.Equal(saliency, File.ReadAllBytes(_folder["s.dcm"]));
        Assert.Equal(0, Run("172800", arguments).ExitCode);
        Assert.Equal(Text(report).Replace("19700102", "19700103", StringComparison.Ordinal), Text(File.ReadAllBytes(_folder["r.dcm"])));
    }

    [Fact]
    public void A_time_that_is_none_is_an_error()
    {
        CommandResult result = Run("yesterday", "predict", "x.dcm", "--dicom-report", "r.dcm");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("SOURCE_DATE_EPOCH", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["r.dcm"]));
    }

    [Theory]
    [InlineData("rows.csv")]
    [InlineData("rows.jsonl")]
    public void Results_of_many_stand_in_folders_like_their_images_members_of_archives_too(string rows)
    {
        Directory.CreateDirectory(_folder["in/p1"]);
        File.Copy(_folder["x.dcm"], _folder["in/p1/a.dcm"]);
        File.Copy(_folder["x.dcm"], _folder["in/b.dcm"]);
        using (ZipArchive zip = ZipFile.Open(_folder["z.zip"], ZipArchiveMode.Create))
            zip.CreateEntryFromFile(_folder["x.dcm"], "p2/IM1");
        CommandResult result = Run(null, "predict", "-r", "in", "z.zip", "--dicom-report", "out", "--dicom-saliency", "out", "-o", rows);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(
            ["b.report.dcm", "b.saliency.dcm", "p1/a.report.dcm", "p1/a.saliency.dcm", "p2/IM1.report.dcm", "p2/IM1.saliency.dcm"],
            Directory.EnumerateFiles(_folder["out"], "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(_folder["out"], file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        // What a run wrote is no X-ray for the next one.
        CommandResult list = Run(null, "predict", "--list", "-r", "out");
        Assert.Equal(3, list.ExitCode);
        Assert.Contains("*.report.dcm of earlier runs", list.Output + list.Error, StringComparison.Ordinal);
        // A row's files stay that row's, whatever else is named.
        File.Copy(_folder["x.dcm"], _folder["b.dcm"]);
        byte[] first = File.ReadAllBytes(_folder["out/b.report.dcm"]);
        CommandResult resumed =
            Run("0", "predict", "b.dcm", "in/b.dcm", "--dicom-report", "out", "--dicom-saliency", "out", "-o", rows, "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(first, File.ReadAllBytes(_folder["out/b.report.dcm"]));
        Assert.True(File.Exists(_folder["out/b-2.report.dcm"]) && File.Exists(_folder["out/b-2.saliency.dcm"]));
    }

    [Theory]
    [InlineData("clear.png", "is no DICOM file")]
    [InlineData("no-study.dcm", "StudyInstanceUID (0020,000D) is missing")]
    public void An_image_without_a_study_keeps_its_scores_and_the_run_says_why_there_is_no_report(string image, string why)
    {
        File.Copy(Path.Combine(s_root, "tests", "fixtures", "dicom", "display", "linear-2.dcm"), _folder["no-study.dcm"]);
        CommandResult result =
            Run(null, "predict", "x.dcm", image, "--dicom-report", "out", "--dicom-saliency", "out", "--format", "jsonl");
        Assert.Equal(3, result.ExitCode);
        JsonElement row = JsonDocument.Parse(result.Lines[1]).RootElement;
        Assert.True(row.TryGetProperty("geographic_extent", out _) && !row.TryGetProperty("error_code", out _));
        Assert.Contains(why, row.GetProperty("warnings").ToString(), StringComparison.Ordinal);
        Assert.Contains($"severity: warning: {image}: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(["x.report.dcm", "x.saliency.dcm"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_image_without_a_score_has_no_results()
    {
        File.WriteAllBytes(_folder["cut.dcm"], File.ReadAllBytes(_folder["x.dcm"])[..^100]);
        CommandResult result = Run(null, "predict", "cut.dcm", "--dicom-report", "r.dcm", "--dicom-saliency", "s.dcm");
        Assert.Equal(3, result.ExitCode);
        Assert.False(File.Exists(_folder["r.dcm"]) || File.Exists(_folder["s.dcm"]));
    }

    [Fact]
    public void Neither_an_input_nor_somebody_elses_file_is_replaced()
    {
        byte[] input = File.ReadAllBytes(_folder["x.dcm"]);
        File.Copy(_folder["x.dcm"], _folder["other.dcm"]);
        Assert.Equal(2, Run(null, "predict", "x.dcm", "--dicom-report", "x.dcm").ExitCode);
        CommandResult other = Run(null, "predict", "x.dcm", "--dicom-report", "other.dcm");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("is not a DICOM report of this program", other.Error, StringComparison.Ordinal);
        Assert.Equal(input, File.ReadAllBytes(_folder["other.dcm"]));
        Assert.Equal(2, Run(null, "predict", "x.dcm", "--dicom-report", "o.dcm", "--dicom-saliency", "o.dcm").ExitCode);
        Assert.Equal(2, Run(null, "predict", "x.dcm", "other.dcm", "--dicom-report", "o.dcm").ExitCode);
        Assert.Equal(0, Run(null, "predict", "x.dcm", "--dicom-report", "other.dcm", "--force").ExitCode);
        Assert.NotEqual(input, File.ReadAllBytes(_folder["other.dcm"]));
        Assert.Equal(input, File.ReadAllBytes(_folder["x.dcm"]));
    }

    CommandResult Run(string? time, params string[] arguments)
    {
        Dictionary<string, string> environment = new() { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "" };
        if (Environment.GetEnvironmentVariable("HOME") is { } home)
            environment["HOME"] = home;
        if (time is not null)
            environment["SOURCE_DATE_EPOCH"] = time;
        return Command.Run(Command.Binary, arguments, _folder.Path, environment);
    }

    static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);
}
