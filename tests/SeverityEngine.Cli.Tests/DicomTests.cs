using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>DICOM through the published command. The files are pydicom's (tests/fixtures/dicom/make_dicom.py).</summary>
public class DicomTests
{
    /// <summary>What stands in every element of text of planted.dcm, without a difference between capitals and others.</summary>
    static readonly string[] s_planted = ["zyxwvut", "jane", "8675309", "19170417", "086Y"];

    static string Sample(params string[] parts) => Path.Combine([TestData.RepositoryRoot, "tests", "fixtures", "dicom", .. parts]);

    static JsonElement Row(params string[] arguments)
    {
        CommandResult result = Command.Severity(["predict", "--format", "jsonl", .. arguments]);
        Assert.Equal(0, result.ExitCode);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    static string Warnings(JsonElement row) => row.GetProperty("warnings").ToString();

    [Fact]
    public void Display_settings_are_applied_where_they_are_asked_for()
    {
        string file = Sample("display", "linear-2.dcm"), plain = Sample("ct.dcm");
        double none = Row(file).GetProperty("geographic_extent_raw").GetDouble();
        Assert.Equal(none, Row("--dicom-voi", "none", file).GetProperty("geographic_extent_raw").GetDouble());
        double window = Row("--dicom-voi", "window", file).GetProperty("geographic_extent_raw").GetDouble();
        Assert.NotEqual(none, window);
        Assert.Equal(window, Row("--dicom-voi", "auto", file).GetProperty("geographic_extent_raw").GetDouble());
        JsonElement other = Row("--any-modality", "--dicom-voi", "window", plain);
        Assert.Equal(none, other.GetProperty("geographic_extent_raw").GetDouble());
        Assert.Contains("scored without", Warnings(other), StringComparison.Ordinal);
        Assert.Contains("modality", Warnings(other), StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_and_modalities_are_read_where_they_are_asked_for_and_refused_with_the_remedy()
    {
        double first = Row("--frame", "1", Sample("frames.dcm")).GetProperty("opacity_raw").GetDouble();
        Assert.NotEqual(first, Row("--frame", "2", Sample("frames.dcm")).GetProperty("opacity_raw").GetDouble());
        Assert.Equal(first, Row(Sample("display", "linear-2.dcm")).GetProperty("opacity_raw").GetDouble());
        CommandResult frames = Command.Severity("predict", Sample("frames.dcm")), ct = Command.Severity("predict", Sample("ct.dcm"));
        Assert.Equal((3, 3), (frames.ExitCode, ct.ExitCode));
        Assert.Contains("--frame 1", frames.Error, StringComparison.Ordinal);
        Assert.Contains("--any-modality", ct.Error, StringComparison.Ordinal);
        Assert.Equal(2, Command.Severity("predict", "--frame", "0", Sample("frames.dcm")).ExitCode);
        Assert.Equal(2, Command.Severity("predict", "--dicom-voi", "lung", Sample("ct.dcm")).ExitCode);
    }

    [Fact]
    public void Uids_stand_in_rows_where_they_are_asked_for()
    {
        string file = Sample("planted.dcm"), png = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png");
        CommandResult csv = Command.Severity("predict", "--dicom-uids", "--format", "csv", file, png);
        string[] names = csv.Lines[0].Split(','), values = csv.Lines[1].Split(','), none = csv.Lines[2].Split(',');
        string[] columns = ["study_instance_uid", "series_instance_uid", "sop_instance_uid"];
        Assert.Equal(["1.2.826.99.1", "1.2.826.99.2", "1.2.826.99.3"], columns.Select(c => values[Array.IndexOf(names, c)]));
        Assert.All(columns, c => Assert.Equal("", none[Array.IndexOf(names, c)]));
        JsonElement row = Row("--dicom-uids", file);
        Assert.Equal("1.2.826.99.1", row.GetProperty("study_instance_uid").GetString());
        Assert.DoesNotContain("1.2.826.99", Command.Severity("predict", "--format", "jsonl", file).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public void Nothing_that_identifies_a_patient_leaves_the_file(string format)
    {
        using TemporaryFolder folder = new();
        byte[] file = File.ReadAllBytes(Sample("planted.dcm"));
        string whole = folder["a.dcm"], cut = folder["b.dcm"], damaged = folder["c.dcm"];
        File.WriteAllBytes(whole, file);
        File.WriteAllBytes(cut, file[..^100]);
        // A length in the midst of the texts that leads beyond the file.
        file[file.Length / 2] = file[file.Length / 2 + 1] = 0xFF;
        File.WriteAllBytes(damaged, file);
        string output = folder["rows." + (format == "text" ? "txt" : format)];
        CommandResult result = Command.Severity("predict", whole, cut, damaged, "--dicom-uids", "--dicom-voi", "auto", "--format", format,
            "-o", output, "--saliency", folder["maps"]);
        Assert.Equal(3, result.ExitCode);
        string bytes = System.Text.Encoding.Latin1.GetString(
            [.. Directory.GetFiles(folder["maps"]).SelectMany(File.ReadAllBytes)]);
        string said = result.Output + result.Error + File.ReadAllText(output) + bytes;
        Assert.Contains("a.dcm", said, StringComparison.Ordinal);
        Assert.All(s_planted, text => Assert.DoesNotContain(text, said, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Dicom_is_measured_explained_and_taken_from_standard_input()
    {
        using TemporaryFolder folder = new();
        string file = Sample("display", "linear-2.dcm");
        CommandResult bench =
            Command.Severity("bench", file, "--threads", "1", "--mode", "latency", "--iterations", "30", "--format", "json");
        Assert.Equal((0, ""), (bench.ExitCode, bench.Error));
        CommandResult input = Command.Run(Command.Binary, ["predict", "-"], input: File.ReadAllBytes(file));
        Assert.Equal(Command.Severity("predict", file).Output, input.Output);
        CommandResult map = Command.Severity("predict", file, "--saliency", folder["map.png"], "--saliency-size", "original");
        Assert.Equal(0, map.ExitCode);
        Assert.Equal("PNG"u8.ToArray(), File.ReadAllBytes(folder["map.png"])[1..4]);
    }
}
