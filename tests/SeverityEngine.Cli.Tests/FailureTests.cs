using System.Diagnostics;
using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>However the command is run, it ends with an exit code of the table and in few words, and what it wrote is whole.</summary>
public sealed class FailureTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public FailureTests() => TestImages.Fill(_folder["in"], 3);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("predict in/image1.bmp >&-", 3, "the results cannot be written: standard output is closed")]
    [InlineData("predict in --format csv >&-", 3, "the results cannot be written: standard output is closed")]
    [InlineData("predict in --format csv >&- <&-", 3, "the results cannot be written: standard output is closed")]
    [InlineData("predict in -o /dev/stdout >&-", 3, "standard output is closed")]
    [InlineData("version >&-", 3, "the results cannot be written: standard output is closed")]
    [InlineData("version --licenses >&-", 3, "the results cannot be written: standard output is closed")]
    [InlineData("--help >&-", 3, "the results cannot be written: standard output is closed")]
    [InlineData("model list > /dev/full", 3, "the results cannot be written: No space left on device")]
    [InlineData("predict in --format jsonl > /dev/full", 3, "the results cannot be written: No space left on device")]
    public void Where_results_cannot_be_written_one_line_says_so(string command, int exitCode, string message)
    {
        CommandResult result = Shell(command);
        Assert.Equal((exitCode, $"severity: error: {message}\n"),
            (result.ExitCode, result.Error.Replace("/dev/stdout: cannot be written: ", "").Replace("; name another file", "")));
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    [InlineData("2>&- <&-")]
    public void Messages_that_cannot_be_written_are_dropped_and_the_run_goes_on(string redirection)
    {
        File.WriteAllLines(_folder["list"], Enumerable.Range(0, 20).SelectMany(i => (string[])[$"gone{i}.png", "in/image1.bmp"]));
        CommandResult result = Shell($"predict --from-list list -o rows.csv {redirection}");
        Assert.Equal((3, "", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(41, File.ReadAllLines(_folder["rows.csv"]).Length);
    }

    [Fact]
    public void With_nothing_open_rows_are_written_all_the_same()
    {
        CommandResult result = Shell("predict in -o rows.csv <&- >&- 2>&-");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(4, File.ReadAllLines(_folder["rows.csv"]).Length);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    [InlineData("text")]
    public void A_reader_that_is_gone_ends_the_run_soon_and_quietly(string format)
    {
        TestImages.Fill(_folder["many"], 300);
        CommandResult result = Command.Run("bash",
            ["-c", $"'{Command.Binary}' predict many --format {format} --saliency maps -q | head -n 1 > /dev/null; "
                + "echo ${PIPESTATUS[0]}"],
            _folder.Path);
        Assert.Equal(("141\n", ""), (result.Output, result.Error));
        Assert.InRange(Directory.GetFiles(_folder["maps"]).Length, 1, 250);
    }

    [Fact]
    public void Output_that_shares_a_file_with_messages_overwrites_none_of_them()
    {
        Assert.Equal(3, Shell("predict in/gone.png in --format csv > log 2>&1").ExitCode);
        string[] lines = File.ReadAllLines(_folder["log"]);
        // A heading, four rows, an error, and of three pictures of noise that they are no X-rays.
        Assert.Equal(9, lines.Length);
        Assert.Single(lines, l => l.StartsWith("severity: error: in/gone.png", StringComparison.Ordinal));
        Assert.Equal(4, lines.Count(l => l.StartsWith("in/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("ulimit -v 400000")]
    [InlineData("ulimit -v 500000")]
    [InlineData("ulimit -v 700000")]
    [InlineData("ulimit -v 1500000")]
    [InlineData("ulimit -n 4")]
    [InlineData("ulimit -n 6")]
    [InlineData("ulimit -n 9")]
    [InlineData("ulimit -n 12")]
    [InlineData("ulimit -n 20")]
    public void Short_of_memory_descriptors_or_room_it_says_so(string limit)
    {
        foreach (string command in (string[])["predict in/image1.bmp", "predict in --format csv", "predict in -o rows.csv"])
        {
            CommandResult result = Command.Run("bash", ["-c", $"{limit}; '{Command.Binary}' {command}"], _folder.Path);
            Assert.True(result.ExitCode is 0 or 3 or 5, $"{limit}; {command}: {result.ExitCode}: {result.Error}");
            Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
            // Want of memory is not the output's fault.
            Assert.DoesNotContain("cannot be written: Cannot allocate memory", result.Error, StringComparison.Ordinal);
            Assert.InRange(result.Error.Split('\n').Length - 1, result.ExitCode == 0 ? 0 : 1, 5);
        }
    }

    [Theory]
    [InlineData("predict in -o rows.csv")]
    [InlineData("predict in -o rows.json")]
    [InlineData("predict in --format csv > rows.csv")]
    [InlineData("predict in/image1.bmp --saliency map.png")]
    [InlineData("phantom phantom.png")]
    public void A_limit_on_the_size_of_files_is_an_error_and_not_the_end(string command)
    {
        CommandResult result = Command.Run("bash", ["-c", $"ulimit -f 0; '{Command.Binary}' {command}"], _folder.Path);
        // Where ONNX Runtime is unpacked it is the first file that is too large; else each of three images may have a warning before.
        Assert.True(result.ExitCode is 3 or 5, $"{result.ExitCode}: {result.Error}");
        Assert.Contains("severity: error: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.InRange(result.Error.Split('\n').Length - 1, 1, 5);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/random")]
    [InlineData("in")]
    [InlineData("/dev/null")]
    public void What_is_no_file_is_no_model(string path)
    {
        // One that is read has no end.
        CommandResult result = Shell($"predict in --model {path}");
        Assert.Equal(4, result.ExitCode);
        Assert.StartsWith($"severity: error: {path}: ", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("csv")]
    public void Names_are_spelled_out_for_people_and_kept_for_programs(string format)
    {
        string name = "x\u001b[31m\n\u202Egnp.bmp";
        File.WriteAllBytes(_folder[name], TestImages.Bmp(1));
        CommandResult result = Command.Run(Command.Binary, ["predict", ".", "in/image1.bmp", "--format", format], _folder.Path);
        Assert.Equal(0, result.ExitCode);
        if (format == "csv")
            Assert.Contains($"\"{name}\"", result.Output.Replace("./", ""), StringComparison.Ordinal);
        else
            Assert.Contains("x\\x1B[31m\\n\\u202Egnp.bmp\n", result.Output, StringComparison.Ordinal);
        File.WriteAllText(_folder[name], "no image");
        Assert.DoesNotContain("\u001b", Command.Run(Command.Binary, ["predict", "."], _folder.Path).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_may_begin_with_an_at_sign()
    {
        File.WriteAllBytes(_folder["@a.bmp"], TestImages.Bmp(1));
        CommandResult result = Shell("predict @a.bmp --format csv");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("@a.bmp,", result.Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public void A_list_is_read_by_its_mark(string encoding)
    {
        File.Copy(_folder["in/image1.bmp"], _folder["röntgen.bmp"]);
        File.WriteAllText(_folder["list"], "in/image1.bmp\r\nröntgen.bmp\r\n", Encoding.GetEncoding(encoding));
        foreach (string command in (string[])["predict --from-list list --format csv", "predict --from-list - --format csv < list",
            "predict --from-list <(cat list) --format csv"])
        {
            CommandResult result = Shell(command);
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.Equal(["file", "in/image1.bmp", "röntgen.bmp"], result.Lines.Select(l => l.Split(',')[0]));
        }
    }

    [Fact]
    public void A_name_that_is_not_utf_8_is_said_to_be_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere names are Unicode");
        Shell("version > /dev/null; cp in/image1.bmp in/$'r\\xf6ntgen.bmp'");
        CommandResult result = Shell("predict in --format csv");
        // .NET cannot remove it either.
        Assert.Equal(0, Command.Run("rm", ["-r", _folder["in"]]).ExitCode);
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(5, result.Lines.Length);
        Assert.Contains(result.Lines, l => l.Contains("file_unreadable", StringComparison.Ordinal) && l.Contains("its name is not UTF-8"));
    }

    [Fact]
    public void A_file_of_rows_that_is_taken_away_is_noticed_at_the_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere open files stay");
        Assert.Equal(0, Command.Run("mkfifo", [_folder["pipe"]]).ExitCode);
        ProcessStartInfo start = new(Command.Binary, ["predict", "--from-list", "pipe", "-o", "rows.csv"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardError = true,
        };
        using Process run = Process.Start(start)!;
        using (StreamWriter list = new(_folder["pipe"]))
        {
            Assert.True(SpinWait.SpinUntil(() => File.Exists(_folder["rows.csv"]), 20_000));
            File.Move(_folder["rows.csv"], _folder["moved.csv"]);
            list.WriteLine("in/image1.bmp");
        }
        string error = run.StandardError.ReadToEnd();
        run.WaitForExit();
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("rows.csv: was removed or replaced during the run", error, StringComparison.Ordinal);
    }

    [Fact]
    public void With_csv_safe_no_cell_is_a_formula_and_rows_are_known_again()
    {
        foreach (string name in (string[])["=1+1.bmp", "+x.bmp", "-y.bmp", "@z.bmp", "'=q.bmp", "plain.bmp"])
            File.WriteAllBytes(_folder[name], TestImages.Bmp(name.Length));
        File.WriteAllLines(_folder["list"], ["=1+1.bmp", "+x.bmp", "-y.bmp", "@z.bmp", "plain.bmp", "=gone.bmp"]);
        string command = "predict --from-list list -o rows.csv --csv-safe --resume";
        Assert.Equal(3, Shell(command).ExitCode);
        string[] rows = File.ReadAllLines(_folder["rows.csv"]);
        Assert.Equal(["file", "'=1+1.bmp", "'+x.bmp", "'-y.bmp", "'@z.bmp", "plain.bmp", "'=gone.bmp"], rows.Select(r => r.Split(',')[0]));
        Assert.DoesNotContain(rows.SelectMany(r => r.Split(',')), cell => cell is ['=' or '+' or '@', ..] or ['"', '=' or '+' or '@', ..]);
        CommandResult again = Shell(command);
        Assert.Contains("6 already scored", again.Error, StringComparison.Ordinal);
        Assert.Equal(rows, File.ReadAllLines(_folder["rows.csv"]));
    }

    CommandResult Shell(string command) => Command.Run("bash", ["-c", $"'{Command.Binary}' {command}"], _folder.Path);
}
