using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Merge;

/// <summary>Merged rows as Parquet: what DuckDB reads there, and that a failure leaves no file.</summary>
public sealed class ParquetTests : IDisposable
{
    const string Model = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    static readonly string s_reader = Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Batch.Tests", "Merge", "duckdb");
    static readonly string[] s_findings = ["Lung Opacity", "a/b.c", "é\""];
    static readonly RowColumn[] s_columns = [.. RowSchema.For(s_findings, saliency: true, dicom: true, uids: true).Columns];

    readonly TemporaryFolder _folder = new();

    /// <summary>How many rows are read back: SEVERITY_ROWS, else some that take a second.</summary>
    static int Count =>
        int.TryParse(Environment.GetEnvironmentVariable("SEVERITY_ROWS"), CultureInfo.InvariantCulture, out int rows) ? rows : 20_000;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DuckDB_reads_every_value_of_every_column_as_jsonl_has_it()
    {
        // As pods of several machines would write them; jsonl of another version has a column that this one does not know.
        WriteCsv("a.csv", Count / 2, seed: 1);
        WriteJson("b.jsonl", Count - Count / 2, seed: 2);
        Merges("a.csv", "b.jsonl", "-o", "all.jsonl");
        Merges("a.csv", "b.jsonl", "-o", "all.parquet");
        JsonNode found = Read("all.parquet", "all.jsonl");
        Assert.Equal("[]", found["differences"]!.ToJsonString());
        Assert.Equal(Count, (int)found["rows"]!);
        Dictionary<string, string> columns = s_columns.ToDictionary(c => c.Name, c => c.Type switch
        {
            RowType.Text => "VARCHAR",
            RowType.Texts => "VARCHAR[]",
            RowType.Integer => "BIGINT",
            RowType.Single => "FLOAT",
            _ => "DOUBLE",
        });
        columns.Add("note.odd", "VARCHAR");
        Assert.Equal(columns, found["columns"]!.Deserialize<Dictionary<string, string>>()!);
        Assert.Equal(["file"], found["required"]!.Deserialize<string[]>()!);
        Assert.Equal("ZSTD", (string)found["compression"]!);
        Assert.Equal($$"""{"severity.engine_version":"0.1.0","severity.model":"m","severity.model_sha256":"{{Model}}"}""",
            found["metadata"]!.ToJsonString());
    }

    [Fact]
    public void Standard_output_gets_the_same_bytes_and_rows_without_a_row_are_a_file_too()
    {
        WriteJson("a.jsonl", 50, seed: 3);
        Merges("a.jsonl", "-o", "all.parquet");
        Assert.Equal(0, Shell("severity merge a.jsonl --format parquet > piped.parquet").ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["all.parquet"]), File.ReadAllBytes(_folder["piped.parquet"]));
        File.WriteAllText(_folder["none.jsonl"], "");
        Merges("none.jsonl", "-o", "none.parquet");
        Assert.Equal(0, (int)Read("none.parquet")["rows"]!);
    }

    [Fact]
    public void Row_groups_end_at_a_number_of_rows_and_of_characters()
    {
        File.WriteAllLines(_folder["many.jsonl"], Enumerable.Range(0, 70_000).Select(i => Error($"{i}", "x")));
        File.WriteAllLines(_folder["long.jsonl"], Enumerable.Range(0, 3_000).Select(i => Error($"{i}", new string('x', 10_000))));
        Merges("many.jsonl", "-o", "many.parquet");
        Merges("long.jsonl", "-o", "long.parquet");
        Assert.Equal("[65536,4464]", Read("many.parquet")["groups"]!.ToJsonString());
        int[] groups = Read("long.parquet", "long.jsonl")["groups"]!.Deserialize<int[]>()!;
        Assert.Equal(3_000, groups.Sum());
        Assert.InRange(groups[0], 1_000, (16 << 20) / 10_000 + 1);
    }

    [Theory]
    [InlineData("""{"file":"x","error_code":"internal","width":"12"}""", "the row of x: its width is no integer")]
    [InlineData("""{"file":"x","error_code":"internal","width":1.5}""", "the row of x: its width is no integer")]
    [InlineData("""{"file":"x","error_code":"internal","opacity":1e999}""", "the row of x: its opacity is no number")]
    [InlineData("""{"file":"x","error_code":"internal","saliency":{"peak":{"value":1e99}}}""", ": its saliency.peak.value is no number")]
    [InlineData("""{"file":"x","error_code":"internal","warnings":"none"}""", "the row of x: its warnings is no list")]
    [InlineData("""{"file":"x","error_code":"internal","error":"a","error":"b"}""", "the row of x: it has two values of error, where")]
    public void What_a_column_cannot_hold_is_said_with_the_image_and_leaves_no_file(string row, string fault)
    {
        File.WriteAllLines(_folder["a.jsonl"], [Error("a", "x"), row]);
        Fails(Merge("a.jsonl", "--mixed", "-o", "all.parquet"), 2, $"severity: error: Parquet cannot be written: ", fault);
        Merges("a.jsonl", "--mixed", "-o", "all.jsonl");
    }

    [Fact]
    public void A_full_disk_leaves_no_file_and_an_old_one_as_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit, /dev/full");
        WriteJson("a.jsonl", 2_000, seed: 4);
        Fails(Shell("ulimit -f 64; severity merge a.jsonl -o all.parquet"), 3, "all.parquet: cannot be written");
        File.WriteAllText(_folder["old.parquet"], "old");
        Fails(Merge("a.jsonl", "-o", "old.parquet"), 2, "old.parquet: is there already");
        Fails(Shell("ulimit -f 64; severity merge a.jsonl -o old.parquet --force"), 3, "old.parquet: cannot be written");
        Assert.Equal("old", File.ReadAllText(_folder["old.parquet"]));
        File.Delete(_folder["old.parquet"]);
        Fails(Shell("severity merge a.jsonl --format parquet > /dev/full"), 3, "the results cannot be written: No space left on device");
        CommandResult gone = Shell("severity merge a.jsonl --format parquet | head -c 4; exit ${PIPESTATUS[0]}");
        Assert.Equal((141, "PAR1", ""), (gone.ExitCode, gone.Output, gone.Error));
    }

    [Theory]
    [InlineData(null, 5, "/severity-parquet, which is not there; put severity-parquet of the same release there, or name a .csv or")]
    [InlineData("#!/nothing", 5, "which writes Parquet, cannot be started: ")]
    [InlineData("#!/bin/sh\necho '1 < 2' >&2; exit 2", 2, "Parquet cannot be written: 1 < 2\n")]
    [InlineData("#!/bin/sh\ncat >/dev/null; exit 5", 5, "severity-parquet ended with exit code 5 and without a word; name a .csv")]
    [InlineData("#!/bin/sh\nhead -c 99 >/dev/null; echo PAR1; kill -9 $$", 5, "severity-parquet ended with exit code 137")]
    [InlineData("#!/bin/sh\nread l; { echo \"$l\" | sed s/0.1.0/0.0.9/; cat; } | $PARQUET", 2,
        "severity is of version 0.0.9 and severity-parquet beside it of 0.1.0; install both from one release")]
    public void A_program_beside_it_that_is_missing_or_fails_is_told_and_leaves_no_file(string? program, int exitCode, string fault)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "scripts as programs");
        File.Copy(Command.Binary, _folder["severity"]);
        if (program is not null)
        {
            File.WriteAllText(_folder["severity-parquet"], program);
            Command.Run("/bin/chmod", ["+x", _folder["severity-parquet"]]);
        }
        WriteJson("a.jsonl", 2_000, seed: 5);
        CommandResult result = Command.Run(_folder["severity"], ["merge", "a.jsonl", "-o", "all.parquet"], _folder.Path,
            new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["PARQUET"] = Parquet });
        Fails(result, exitCode, fault);
    }

    [Fact]
    public async Task A_signal_to_both_programs_leaves_the_rows_to_the_command()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals");
        using Process process = Process.Start(
            new ProcessStartInfo(Parquet) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.WriteLine("""{"version":"0.1.0","columns":[{"path":["file"],"type":"text"}],"metadata":{}}""");
        // A whole group, which is written at once, and no more than a pipe takes besides.
        for (int i = 0; i < 66_000; i++)
            process.StandardInput.WriteLine($$"""{"file":"{{Guid.NewGuid()}}"}""");
        process.StandardInput.Flush();
        byte[] start = new byte[4];
        process.StandardOutput.BaseStream.ReadExactly(start);
        Assert.Equal("PAR1"u8, start);
        foreach (string signal in (string[])["-INT", "-TERM"])
            Command.Run("/bin/kill", [signal, $"{process.Id}"]);
        using MemoryStream rest = new();
        Task reading = process.StandardOutput.BaseStream.CopyToAsync(rest, TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        await reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.True(rest.GetBuffer().AsSpan(0, (int)rest.Length).EndsWith("PAR1"u8));
    }

    [Fact]
    public void Parquet_is_written_by_merge_alone_and_not_read()
    {
        CommandResult predicted = Command.Run(Command.Binary, ["predict", ".", "-o", "x.parquet"], _folder.Path);
        Fails(predicted, 2, "name x.jsonl here, then run 'severity merge x.jsonl -o x.parquet'");
        WriteJson("a.jsonl", 1, seed: 6);
        Merges("a.jsonl", "-o", "all.parquet");
        CommandResult read = Merge("all.parquet", "-o", "all.csv");
        Assert.Equal(2, read.ExitCode);
        Assert.Contains("all.parquet: holds no rows that can be merged: it is Parquet, which is written and not read", read.Error);
    }

    [Theory]
    [InlineData(0, "severity-parquet writes the rows of 'severity merge ROWS... -o FILE.parquet'", "--help")]
    [InlineData(2, "severity-parquet writes the rows of 'severity merge ROWS... -o FILE.parquet'", "x")]
    [InlineData(2, "standard input does not begin with the heading")]
    public void Started_by_hand_it_says_what_it_is(int exitCode, string said, params string[] arguments)
    {
        CommandResult result = Command.Run(Parquet, arguments, input: "file,name\r\n"u8.ToArray());
        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith(said, exitCode == 0 ? result.Output : result.Error);
        Assert.Empty(exitCode == 0 ? result.Error : result.Output);
    }

    [Fact]
    public void It_tells_its_version_and_the_licenses_of_what_is_inside()
    {
        Assert.Equal("0.1.0\n", Command.Run(Parquet, ["--version"]).Output);
        string notices = Command.Run(Parquet, ["--licenses"]).Output;
        Assert.All(["Parquet.Net | 6.1.0 | MIT", "Snappier | ", "ZstdSharp.Port | ", "CommunityToolkit.HighPerformance | "],
            package => Assert.Contains($"| {package}", notices));
        Assert.DoesNotContain("| Microsoft.ML.OnnxRuntime", notices);
    }

    /// <summary>The program that writes Parquet.</summary>
    static string Parquet => Path.Combine(Path.GetDirectoryName(Command.Binary)!, "severity-parquet");

    CommandResult Merge(params string[] arguments) => Command.Run(Command.Binary, ["merge", .. arguments], _folder.Path);

    void Merges(params string[] arguments)
    {
        CommandResult merged = Merge(arguments);
        Assert.True(merged.ExitCode == 0, merged.Error);
    }

    CommandResult Shell(string script) =>
        Command.Run("/bin/bash", ["-c", $"severity() {{ {Command.Binary} \"$@\"; }}; {script}"], _folder.Path);

    /// <summary>The run failed, and nothing new is in the folder.</summary>
    void Fails(CommandResult result, int exitCode, params string[] faults)
    {
        Assert.True(result.ExitCode == exitCode, $"{result.ExitCode}: {result.Error}");
        Assert.All(faults, fault => Assert.Contains(fault, result.Error));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(Path.GetFileName)
            .Except(["a.jsonl", "old.parquet", "severity", "severity-parquet"]));
    }

    /// <summary>What DuckDB reads.</summary>
    JsonNode Read(string parquet, string? jsonl = null)
    {
        NodeFolder.Install(s_reader);
        string[] files = jsonl is null ? [_folder[parquet]] : [_folder[parquet], _folder[jsonl]];
        CommandResult read = NodeFolder.Run(s_reader, "compare.mjs", files);
        Assert.True(read.ExitCode == 0, read.Error);
        return JsonNode.Parse(read.Output)!;
    }

    static string Error(string file, string error) => $$"""{"file":"{{file}}","model":"m","model_sha256":"{{Model}}","""
        + $$""" "engine_version":"0.1.0","error_code":"internal","error":"{{error}}"}""";

    void WriteCsv(string name, int rows, int seed)
    {
        Random random = new(seed);
        using StreamWriter file = new(_folder[name]);
        file.Write(string.Join(',', s_columns.Select(c => CsvRows.Quoted(c.Name, ','))) + "\r\n");
        for (int i = 0; i < rows; i++)
        {
            file.Write(string.Join(',', s_columns.Select(c => Value(c, $"csv/{i}.png", random) switch
            {
                null => "",
                string text => CsvRows.Quoted(text, ','),
                string[] texts => CsvRows.Quoted(string.Join("; ", texts), ','),
                var number => ((IFormattable)number).ToString(null, CultureInfo.InvariantCulture),
            })) + "\r\n");
        }
    }

    void WriteJson(string name, int rows, int seed)
    {
        Random random = new(seed);
        using FileStream file = File.Create(_folder[name]);
        for (int i = 0; i < rows; i++)
        {
            JsonObject row = [];
            foreach (RowColumn column in s_columns)
            {
                if (Value(column, $"json/{i} é\"\u2028.png", random) is not { } value)
                    continue;
                JsonObject at = row;
                foreach (string outer in column.Path.SkipLast(1))
                    at = (at[outer] ??= new JsonObject()).AsObject();
                at[column.Path[^1]] = JsonSerializer.SerializeToNode(value);
            }
            if (i % 5 == 0)
                row["note"] = new JsonObject { ["odd"] = i % 2 == 0 ? true : new JsonArray(1, "x", null) };
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(row), (byte)'\n']);
        }
    }

    /// <summary>A value of a column; null for none. Each row is a score of one model.</summary>
    static object? Value(RowColumn column, string file, Random random) => column.Name switch
    {
        "file" => file,
        "model" => "m",
        "model_sha256" => Model,
        "engine_version" => "0.1.0",
        "error_code" or "error" => null,
        "geographic_extent" => 8 * random.NextDouble(),
        "sha256" => $"{random.NextInt64():x16}{new string('0', 48)}",
        _ when random.Next(3) == 0 => null,
        _ => column.Type switch
        {
            RowType.Text => random.Next(4) == 0 ? $"é\t\"{random.Next()}\" 𝄞" : $"{column.Name} {random.Next(10)}",
            RowType.Texts => Enumerable.Range(0, random.Next(3)).Select(n => $"{file}: doubt {n}, \"{random.Next(10)}\"").ToArray(),
            RowType.Integer => random.Next(20) == 0 ? random.NextInt64(-1L << 52, 1L << 52) : random.NextInt64(4096),
            RowType.Single => (float)random.NextDouble() * MathF.Pow(10, random.Next(-30, 30)),
            _ => random.Next(20) == 0 ? random.Next(3) - 1.0 : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300)),
        },
    };
}
