using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using SeverityEngine.Batch.Merge;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Merge;

/// <summary>Rows of several runs in one file: none lost, none twice, whatever the format.</summary>
public sealed class MergeTests : IDisposable
{
    const string ModelA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const string ModelB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "all.csv")]
    [InlineData(2, "all.tsv")]
    [InlineData(3, "all.jsonl")]
    public void Mixed_files_of_random_rows_merge_as_pythons_readers_merge_them(int seed, string output)
    {
        Random random = new(seed);
        string[] files = [_folder["a.csv"], _folder["b.jsonl"], _folder["c.tsv"], _folder["d.jsonl"], _folder["e.csv"]];
        for (int i = 0; i < files.Length; i++)
        {
            Write(files[i], [.. Enumerable.Range(0, 60).Select(_ => RandomRow(random))]);
            File.SetLastWriteTimeUtc(files[i], DateTime.UnixEpoch.AddDays(i));
        }
        CommandResult merged = Command.Severity(["merge", .. files.Reverse(), "-o", _folder[output]]);
        Assert.True(merged.ExitCode == 0, merged.Error);
        string script = Path.Combine(
            TestData.RepositoryRoot, "tests", "SeverityEngine.Batch.Tests", "Merge", "check_merge.py");
        CommandResult check = Command.Run("/usr/bin/python3", [script, _folder[output], .. files]);
        Assert.True(check.ExitCode == 0, check.Error);
        int rows = int.Parse(check.Output, CultureInfo.InvariantCulture);
        Assert.Contains($"severity: {rows} rows of 5 files, ", merged.Error);
        Assert.Contains($"{300 - rows} duplicates dropped", merged.Error);

        // The order does not hang on that of the files, nor on how much is sorted in memory at once.
        foreach (int room in (int[])[1, 5_000, 1 << 20])
        {
            random.Shuffle(files);
            MergeOutput target = new(_folder["again" + Path.GetExtension(output)], null, CsvSafe: false, Force: true);
            Run(files, target, room);
            Assert.Equal(File.ReadAllText(_folder[output]), File.ReadAllText(target.File!));
        }
    }

    [Fact]
    public void Real_rows_of_shards_give_what_one_run_gives_in_any_format()
    {
        Directory.CreateDirectory(_folder["x"]);
        for (int i = 0; i < 6; i++)
            File.WriteAllBytes(_folder[$"x/image{i}.bmp"], TestImages.Bmp(i));
        File.WriteAllText(_folder["x/torn.png"], "no picture");
        string[] formats = ["csv", "jsonl", "tsv"];
        for (int i = 0; i < 3; i++)
            Predict("-o", $"{i}.{formats[i]}", "--shard", $"{i}/3");
        foreach (string format in formats)
        {
            Predict("-o", $"whole.{format}");
            CommandResult merged = Command.Run(Command.Binary,
                ["merge", "0.csv", "1.jsonl", "2.tsv", "-o", $"merged.{format}"], _folder.Path);
            Assert.True(merged.ExitCode == 0, merged.Error);
            Assert.Equal(WithoutTimes($"whole.{format}"), WithoutTimes($"merged.{format}"));
            Assert.Contains("7 rows of 3 files, 1 error among them, 0 duplicates dropped", merged.Error);
        }

        void Predict(params string[] arguments)
        {
            CommandResult result = Command.Run(Command.Binary, ["predict", "x", .. arguments], _folder.Path);
            Assert.True(result.ExitCode is 0 or 3, result.Error);
        }

        string[] WithoutTimes(string name)
        {
            string[] lines = File.ReadAllLines(_folder[name]);
            if (name.EndsWith(".jsonl", StringComparison.Ordinal))
            {
                return [.. lines.Select(l =>
                {
                    JsonObject row = JsonNode.Parse(l)!.AsObject();
                    row.Remove("timings_ms");
                    return row.ToJsonString();
                })];
            }
            char separator = name.EndsWith(".tsv", StringComparison.Ordinal) ? '\t' : ',';
            int[] kept = [.. lines[0].Split(separator).Select((c, i) => (c, i))
                .Where(c => !c.c.StartsWith("timings_ms", StringComparison.Ordinal)).Select(c => c.i)];
            return [.. lines.Select(l => l.Split(separator)).Select(v => string.Join('|', kept.Select(i => v[i])))];
        }
    }

    [Fact]
    public void The_newest_row_of_an_image_and_content_is_kept_and_a_score_before_an_error()
    {
        Write(_folder["old.csv"], Row("a", "1", 1), Row("b", "2", 1), Row("c", null, null), Row("d", "4", 1), Row("e", null, null));
        Write(_folder["new.jsonl"], Row("a", "1", 2), Row("b", "2", null), Row("c", "3", 2), Row("d", "5", 2), Row("e", null, null));
        File.SetLastWriteTimeUtc(_folder["old.csv"], DateTime.UnixEpoch);
        MergeCounts counts = Run([_folder["new.jsonl"], _folder["old.csv"]], new(_folder["m.jsonl"], null, false, false));
        Assert.Equal(["a 2", "b 1", "c 2", "d 1", "d 2", "e error"], Outcomes(_folder["m.jsonl"]).Order());
        Assert.Equal((6, 1, 4, 1), (counts.Rows, counts.Faulty, counts.Duplicates, counts.Ambiguous));
    }

    [Fact]
    public void Rows_of_two_models_or_versions_are_merged_where_that_is_asked_for_alone()
    {
        Write(_folder["a.csv"], Row("a", "1", 1), Row("b", "2", 1));
        Write(_folder["b.csv"], Row("a", "1", 2, ModelB));
        Write(_folder["v.csv"], Row("a", "1", 3, ModelA, engine: "0.2.0"));
        Write(_folder["n.csv"], Row("a", "1", 3, ""));
        Fails("SHA-256 aaaaaaaaaaaa...), and", "a.csv", "b.csv");
        Fails("the engine's version 0.1.0", "a.csv", "v.csv");
        Fails("does not say which model", "n.csv");
        CommandResult mixed = Merge("a.csv", "b.csv", "v.csv", "--mixed", "-o", "m.jsonl");
        Assert.True(mixed.ExitCode == 0, mixed.Error);
        // The same model in two versions is one; the later file's row is the newer.
        Assert.Equal(["a 2", "a 3", "b 1"], Outcomes(_folder["m.jsonl"]).Order());

        void Fails(string fault, params string[] files)
        {
            CommandResult result = Merge([.. files, "-o", "m.jsonl"]);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(fault, result.Error);
            Assert.False(File.Exists(_folder["m.jsonl"]));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_list_expects_and_no_row_has_is_counted_and_written_down(bool nul)
    {
        Write(_folder["a.csv"], Row("a", "1", 1), Row("b\nb", "2", 1), Row("z", "3", 1));
        string end = nul ? "\0" : "\n";
        string[] names = nul ? ["a", "b\nb", "c\nc", "d", "d"] : ["a", "c 1", "d", "d"];
        File.WriteAllText(_folder["list"], string.Concat(names.Select(n => n + end)));
        CommandResult result = Merge(["a.csv", "--expect", "list", "--missing", "missing", "-o", "m.csv", .. nul ? ["-0"] : (string[])[]]);
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(nul ? "c\nc\0d\0" : "c 1\nd\n", File.ReadAllText(_folder["missing"]));
        Assert.Contains($"2 images of {(nul ? 4 : 3)} expected have no row", result.Error);
        Assert.Contains(nul ? "1 image with rows is not in the list" : "2 images with rows are not in the list", result.Error);
        Assert.Equal(3, File.ReadAllText(_folder["m.csv"]).Split("\r\n").Length - 2);
    }

    [Fact]
    public void A_torn_row_at_the_end_is_left_out_and_said()
    {
        Write(_folder["a.csv"], Row("a", "1", 1), Row("b", "2", 1));
        Write(_folder["b.jsonl"], Row("c", "3", 1), Row("d", "4", 1));
        foreach (string name in (string[])["a.csv", "b.jsonl"])
        {
            byte[] whole = File.ReadAllBytes(_folder[name]);
            File.WriteAllBytes(_folder[name], whole[..^5]);
        }
        CommandResult result = Merge("a.csv", "b.jsonl", "-o", "m.jsonl");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("a.csv: its last row is cut short and left out", result.Error);
        Assert.Contains("b.jsonl: its last row is cut short and left out", result.Error);
        Assert.Equal(["a 1", "c 1"], Outcomes(_folder["m.jsonl"]));
    }

    [Fact]
    public void A_shard_without_images_has_an_empty_file_of_jsonl_which_is_merged_like_any_other()
    {
        Directory.CreateDirectory(_folder["x"]);
        File.WriteAllBytes(_folder["x/a.bmp"], TestImages.Bmp(1));
        for (int i = 0; i < 2; i++)
        {
            CommandResult result = Command.Run(Command.Binary, ["predict", "x", "-o", $"{i}.jsonl", "--shard", $"{i}/2"], _folder.Path);
            Assert.True(result.ExitCode == 0, result.Error);
        }
        Assert.Equal(1, ((string[])["0.jsonl", "1.jsonl"]).Count(name => new FileInfo(_folder[name]).Length == 0));
        MergeCounts counts = Run([_folder["0.jsonl"], _folder["1.jsonl"]], new MergeOutput(_folder["m.csv"], null, false, false));
        Assert.Equal(1, counts.Rows);
        Assert.Equal(2, File.ReadAllLines(_folder["m.csv"]).Length);
    }

    [Theory]
    [InlineData("x.csv", "", "does not name the column 'file'")]
    [InlineData("x.csv", "name,score\r\na,1\r\n", "does not name the column 'file'")]
    [InlineData("x.csv", "file,file\r\na,1\r\n", "a column twice")]
    [InlineData("x.csv", "file,geographic_extent\r\na,1,2\r\n", "row 1, at byte 24, is no row of results")]
    [InlineData("x.csv", "file,geographic_extent\r\na,one\r\n", "is no row of results")]
    [InlineData("x.csv", "file,geographic_extent\r\na,\r\n", "is no row of results")]
    [InlineData("x.csv", "file,geographic_extent\r\n\"a,1\r\n", "cut short")]
    [InlineData("x.jsonl", "{\"file\":\"a\"}\n", "is no row of results")]
    [InlineData("x.jsonl", "{\"file\":\"a\",\"geographic_extent\":1}}\n", "is no row of results")]
    [InlineData("x.jsonl", "{\"file\":\"\\ud800\",\"geographic_extent\":1}\n", "is no row of results")]
    [InlineData("x.jsonl", "{{\"file\":1}\n", "is no row of results")]
    [InlineData("x.json", "[{\"file\":\"a\",\"geographic_extent\":1}]\n", "it is one array of json")]
    public void What_holds_no_rows_is_refused_by_name(string name, string content, string fault)
    {
        File.WriteAllText(_folder[name], content);
        CommandResult result = Merge(name, "-o", "m.csv");
        Assert.Contains(name, result.Error);
        Assert.Contains(fault, result.Error);
        Assert.Equal(fault == "cut short" ? 0 : 2, result.ExitCode);
    }

    [Fact]
    public void Objects_within_objects_without_end_are_refused()
    {
        File.WriteAllText(_folder["x.jsonl"], string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000) + "\n");
        Assert.Equal(2, Merge("x.jsonl", "-o", "m.csv").ExitCode);
    }

    [Fact]
    public void No_input_and_no_other_file_is_replaced()
    {
        Write(_folder["a.csv"], Row("a", "1", 1));
        byte[] before = File.ReadAllBytes(_folder["a.csv"]);
        Assert.Contains("is the input a.csv", Merge("a.csv", "-o", "a.csv").Error);
        Assert.Contains("is the input a.csv", Merge("a.csv", "--expect", "a.csv", "--missing", "a.csv", "-o", "m.csv").Error);
        File.WriteAllText(_folder["notes.csv"], "mine");
        Assert.Contains("notes.csv: is there already", Merge("a.csv", "-o", "notes.csv").Error);
        Assert.Contains("tells no format", Merge("a.csv", "-o", "m.xlsx").Error);
        Assert.Equal("mine", File.ReadAllText(_folder["notes.csv"]));
        Assert.Equal(before, File.ReadAllBytes(_folder["a.csv"]));
        Assert.Equal(0, Merge("a.csv", "-o", "notes.csv", "--force").ExitCode);
        Assert.Equal(["a.csv", "notes.csv"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Spreadsheets_are_shielded_where_that_is_asked_for_and_what_was_shielded_is_one_image()
    {
        Write(_folder["a.csv"], Row("=1+1", "1", 1));
        CommandResult safe = Merge("a.csv", "-o", "safe.csv", "--csv-safe");
        Assert.True(safe.ExitCode == 0, safe.Error);
        Assert.Contains("\n'=1+1,", File.ReadAllText(_folder["safe.csv"]));
        Assert.Contains("1 row of 2 files, 0 errors among them, 1 duplicate dropped", Merge("a.csv", "safe.csv", "-o", "m.csv").Error);
    }

    [Fact]
    public void A_million_rows_are_merged_in_bounded_memory()
    {
        const int Files = 4, Rows = 250_000;
        for (int file = 0; file < Files; file++)
        {
            using StreamWriter writer = new(_folder[$"{file}.csv"]);
            writer.Write("file,sha256,model,model_sha256,engine_version,geographic_extent,opacity\r\n");
            for (int row = 0; row < Rows; row++)
            {
                // Each file has every fourth image, and the first rows of the next one's, which are dropped.
                int image = row < 1000 ? row * Files + (file + 1) % Files : row * Files + file;
                writer.Write($"archive/{image % 977}/image {image}.dcm,{image:x64},m,{ModelA},0.1.0,1.5,2.5\r\n");
            }
        }
        string output = _folder["all.csv"];
        long peak = Command.PeakMemory(Command.Binary,
            ["merge", .. Enumerable.Range(0, Files).Select(i => _folder[$"{i}.csv"]), "-o", output, "--quiet"]);
        // 190 MB of rows pass; a tenth of them is held, with what the names take.
        Assert.InRange(peak, 1, 640L << 20);
        HashSet<int> seen = [];
        foreach (string line in File.ReadLines(output).Skip(1))
            Assert.True(seen.Add(int.Parse(line.AsSpan(line.IndexOf(' ') + 1, line.IndexOf(".dcm", StringComparison.Ordinal)
                - line.IndexOf(' ') - 1), CultureInfo.InvariantCulture)));
        Assert.Equal(Files * Rows, seen.Count);
    }

    static JsonObject Row(string file, string? sha256, double? extent, string model = ModelA, string engine = "0.1.0")
    {
        JsonObject row = new() { ["file"] = file, ["model"] = "m", ["engine_version"] = engine };
        if (model.Length > 0)
            row["model_sha256"] = model;
        if (sha256 is not null)
            row["sha256"] = sha256.PadLeft(32, '0') + new string('0', 32);
        if (extent is not null)
            row["geographic_extent"] = extent;
        else
            row["error_code"] = "file_unreadable";
        return row;
    }

    static JsonObject RandomRow(Random random)
    {
        string[] odd = ["a,b", "say \"x\"", "two\nlines", "tab\there", "胸.png", "ß", "=1+1", "semi; colon", "\u2028", "x/../y", "-", "'"];
        string file = random.Next(3) == 0 ? odd[random.Next(odd.Length)] : $"image {random.Next(80)}.png";
        int content = random.Next(3);
        JsonObject row = Row(file, content == 0 ? null : $"{content}", content > 0 && random.Next(4) > 0 ? random.NextDouble() * 8 : null);
        if (row.ContainsKey("geographic_extent"))
        {
            row["opacity"] = random.Next(7);
            row["interval"] = new JsonObject { ["level"] = 0.9, ["opacity"] = new JsonObject { ["low"] = -1e-7 } };
            row["warnings"] = new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => (JsonNode)odd[random.Next(4)])]);
        }
        else
            row["error"] = odd[random.Next(odd.Length)];
        if (random.Next(4) == 0)
            row["note"] = odd[random.Next(odd.Length)];
        if (random.Next(4) == 0)
            row["findings"] = new JsonObject { ["Lung Opacity"] = 0.25 };
        return row;
    }

    /// <summary>Writes rows: csv and tsv by RFC 4180, with every value in quotes.</summary>
    static void Write(string path, params JsonObject[] rows)
    {
        StringBuilder text = new();
        if (path.EndsWith(".jsonl", StringComparison.Ordinal))
        {
            foreach (JsonObject row in rows)
                text.Append(row.ToJsonString(new() { Encoder = JavaScriptEncoder.Default })).Append('\n');
        }
        else
        {
            char separator = path.EndsWith(".tsv", StringComparison.Ordinal) ? '\t' : ',';
            List<Dictionary<string, string>> flat = [.. rows.Select(row => new Dictionary<string, string>(Flat("", row)))];
            string[] columns = [.. flat.SelectMany(f => f.Keys).Distinct()];
            text.AppendJoin(separator, columns).Append("\r\n");
            foreach (Dictionary<string, string> row in flat)
                text.AppendJoin(separator, columns.Select(c => row.TryGetValue(c, out string? v) && v.Length > 0
                    ? $"\"{v.Replace("\"", "\"\"")}\"" : "")).Append("\r\n");
        }
        File.WriteAllText(path, text.ToString());
    }

    static IEnumerable<KeyValuePair<string, string>> Flat(string prefix, JsonObject row)
    {
        foreach ((string name, JsonNode? value) in row)
        {
            if (value is JsonObject inner)
            {
                foreach (KeyValuePair<string, string> pair in Flat($"{prefix}{name}.", inner))
                    yield return pair;
            }
            else
                yield return new(prefix + name,
                    value is JsonArray list ? string.Join("; ", list.Select(v => v!.GetValue<string>())) : $"{value}");
        }
    }

    static IEnumerable<string> Outcomes(string path) => File.ReadLines(path).Select(line => JsonNode.Parse(line)!)
        .Select(row => $"{row["file"]} {row["geographic_extent"]?.ToJsonString() ?? "error"}");

    MergeCounts Run(IReadOnlyList<string> files, MergeOutput output, int room = RowMerge.UsualRoom) =>
        new RowMerge { Rows = files, Temporary = _folder.Path, Warn = Assert.Fail, Room = room }.Run(output.Open);

    CommandResult Merge(params string[] arguments) => Command.Run(Command.Binary, ["merge", .. arguments], _folder.Path);
}
