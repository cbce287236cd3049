using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Rows;

/// <summary>One schema in every format.</summary>
public class FormatTests
{
    [Fact]
    public void Csv_jsonl_and_json_say_the_same_under_the_same_names()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        File.WriteAllText(folder["in/image4.bmp"], "no image");
        CommandResult Predict(string format) => Command.Run(Command.Binary, ["predict", "in", "--format", format], folder.Path);
        string[] csv = Predict("csv").Output.Split("\r\n");
        string[] heading = csv[0].Split(',');
        using JsonDocument array = JsonDocument.Parse(Predict("json").Output);
        JsonElement[] lines = [.. Predict("jsonl").Lines.Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(4, array.RootElement.GetArrayLength());
        Assert.Equal((4, 6, ""), (lines.Length, csv.Length, csv[^1]));
        for (int row = 0; row < 4; row++)
        {
            Dictionary<string, string> fromArray = Flatten(array.RootElement[row]), fromLine = Flatten(lines[row]);
            string[] values = SplitRow(csv[row + 1]);
            Dictionary<string, string> fromCsv = heading.Zip(values)
                .Where(p => p.Second.Length > 0 && !p.First.StartsWith("timings_ms.", StringComparison.Ordinal))
                .ToDictionary(p => p.First, p => p.Second);
            Assert.Equal(fromArray, fromLine);
            Assert.Equal(fromArray, fromCsv);
            Assert.Equal(row == 3, fromArray.ContainsKey("error_code"));
        }
    }

    [Theory]
    [InlineData("rows.csv", "file,name,")]
    [InlineData("rows.TSV", "file\tname\t")]
    [InlineData("rows.JSONL", "{\"file\":")]
    [InlineData("rows.json", "[")]
    [InlineData("rows.txt", "geographic_extent (0-8)  opacity (0-6)  image\n")]
    public void The_outputs_name_tells_its_format(string output, string start)
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 1);
        CommandResult result = Command.Run(Command.Binary, ["predict", "in", "-o", output], folder.Path);
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
        Assert.StartsWith(start, File.ReadAllText(folder[output]));
        Assert.Contains(output, result.Error);
    }

    [Fact]
    public void An_ending_that_is_no_format_is_refused_unless_the_format_is_given()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 1);
        CommandResult refused = Command.Run(Command.Binary, ["predict", "in", "-o", "rows.xlsx"], folder.Path);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("'.xlsx' is no format", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["rows.xlsx"]));
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", "in", "-o", "rows.xlsx", "--format", "csv", "-q"], folder.Path).ExitCode);
        Assert.StartsWith("file,name,", File.ReadAllText(folder["rows.xlsx"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_before_csv_is_for_Excel_and_no_other_format_has_it()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 1);
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", "in", "-o", "rows.csv", "--bom", "-q"], folder.Path).ExitCode);
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", "in", "-o", "rows.csv", "--resume", "-q"], folder.Path).ExitCode);
        Assert.True(File.ReadAllBytes(folder["rows.csv"]).AsSpan().StartsWith("\uFEFFfile,"u8));
        Assert.Equal(2, File.ReadAllLines(folder["rows.csv"]).Length);
        Assert.Equal(2, Command.Run(Command.Binary, ["predict", "in", "-o", "rows.jsonl", "--bom"], folder.Path).ExitCode);
    }

    [Theory]
    [InlineData(".", "in/image1.bmp")]
    [InlineData("in", "image1.bmp")]
    [InlineData("other", "../in/image1.bmp")]
    public void Rows_name_files_from_a_folder_and_resume_by_that(string from, string file)
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 1);
        Directory.CreateDirectory(folder["other"]);
        string[] arguments = ["predict", folder["in"], "-q", "-o", "rows.jsonl", "--resume", "--relative-to", from];
        Assert.Equal(0, Command.Run(Command.Binary, arguments, folder.Path).ExitCode);
        Assert.Equal(0, Command.Run(Command.Binary, [.. arguments, "--unordered"], folder.Path).ExitCode);
        JsonElement row = JsonDocument.Parse(Assert.Single(File.ReadAllLines(folder["rows.jsonl"]))).RootElement;
        Assert.Equal((file, "image1.bmp"), (row.GetProperty("file").GetString(), row.GetProperty("name").GetString()));
        Assert.Equal(2, Command.Run(Command.Binary, ["predict", "in", "--relative-to", "nowhere"], folder.Path).ExitCode);
    }

    [Fact]
    public void Members_of_archives_are_named_from_a_folder_too()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 1);
        System.IO.Compression.ZipFile.CreateFromDirectory(folder["in"], folder["a.zip"]);
        string[] arguments = ["predict", folder["a.zip"], "--format", "jsonl", "-q", "--relative-to", "in"];
        string row = Command.Run(Command.Binary, arguments, folder.Path).Lines.Single();
        Assert.Equal("../a.zip/image1.bmp", JsonDocument.Parse(row).RootElement.GetProperty("file").GetString());
    }

    [Fact]
    public void Text_of_several_images_names_the_error_in_its_place()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 1);
        CommandResult result = Command.Run(Command.Binary, ["predict", "-q", "gone.png", "in/image1.bmp"], folder.Path);
        Assert.EndsWith("-  gone.png: error (file_not_found): no such file; check the path", result.Lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^ +\d\.\d{4} +\d\.\d{4}  in/image1\.bmp$", result.Lines[2]);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public void Every_mode_and_thread_count_gives_the_same_scores()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 12);
        string[][] runs = [["--mode", "latency"], ["--mode", "throughput"], ["--threads", "1"], ["--threads", "5"], ["--unordered"]];
        (string, double)[][] scores =
            [.. runs.Select(options => Command.Run(Command.Binary, ["predict", "in", "--format", "jsonl", .. options], folder.Path).Lines
                .Select(l => JsonDocument.Parse(l).RootElement)
                .Select(r => (r.GetProperty("file").GetString()!, Math.Round(r.GetProperty("geographic_extent_raw").GetDouble(), 3)))
                .ToArray())];
        Assert.Equal(12, scores[0].Length);
        Assert.Equal(12, scores[0].Select(s => s.Item2).Distinct().Count());
        for (int run = 1; run < 4; run++)
            Assert.Equal(scores[0], scores[run]);
        Assert.Equal(scores[0].Order(), scores[4].Order());
    }

    static Dictionary<string, string> Flatten(JsonElement row)
    {
        Dictionary<string, string> values = [];
        AddTo(values, "", row);
        return values;
    }

    static void AddTo(Dictionary<string, string> values, string parent, JsonElement row)
    {
        foreach (JsonProperty property in row.EnumerateObject())
        {
            string name = parent + property.Name;
            if (property.Name == "timings_ms")
            {
                // Times differ from run to run: the names alone are compared.
                foreach (JsonProperty stage in property.Value.EnumerateObject())
                    Assert.True(stage.Value.GetDouble() > 0, stage.Name);
            }
            else if (property.Value.ValueKind == JsonValueKind.Array)
            {
                string[] texts = [.. property.Value.EnumerateArray().Select(t => t.GetString()!)];
                if (texts.Length > 0)
                    values[name] = string.Join("; ", texts);
            }
            else if (property.Value.ValueKind == JsonValueKind.Object)
            {
                AddTo(values, name + ".", property.Value);
            }
            else
            {
                values[name] = property.Value.ToString();
            }
        }
    }

    /// <summary>A row of these tests: no value holds a line's end or a quote inside.</summary>
    static string[] SplitRow(string row)
    {
        List<string> values = [];
        while (true)
        {
            bool quoted = row.StartsWith('"');
            int end = quoted ? row.IndexOf('"', 1) + 1 : row.IndexOf(',');
            end = end < 0 ? row.Length : end;
            values.Add(row[..end].Trim('"'));
            if (end >= row.Length)
                return [.. values];
            row = row[(end + 1)..];
        }
    }
}
