using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Rows;

/// <summary>Runs that are killed, stopped, or meet a full disk.</summary>
public class NeverLostTests
{
    const int Images = 400;

    static Process Start(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(Command.Binary, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Everything in a jsonl row that is the same in every run: all but the timings.</summary>
    static string[] StableRows(string path) => [.. File.ReadLines(path).Select(line =>
    {
        using JsonDocument row = JsonDocument.Parse(line);
        return string.Join('|', row.RootElement.EnumerateObject().Where(p => p.Name != "timings_ms").Select(p => p.Value.GetRawText()));
    })];

    /// <summary>The file column, without the heading; the test's names need no quotes.</summary>
    static string[] CsvNames(string path) => [.. File.ReadLines(path).Skip(1).Select(line => line.Split(',')[0])];

    [Theory]
    [InlineData("rows.jsonl", 1)]
    [InlineData("rows.csv", 2)]
    public void Killed_fifty_times_at_random_and_resumed_every_image_has_one_row(string output, int seed)
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], Images);
        string[] arguments = ["predict", "in", "-o", output, "--resume"];
        Random random = new(seed);
        int killed = 0, grown = 0;
        for (int kill = 0; kill < 50; kill++)
        {
            long before = File.Exists(folder[output]) ? new FileInfo(folder[output]).Length : 0;
            using Process run = Start(folder.Path, arguments);
            // Now and then in the middle of a write: as soon as the file has grown.
            if (kill % 2 == 0)
                run.WaitForExit(random.Next(5, 150));
            else
                SpinWait.SpinUntil(
                    () => run.HasExited || (File.Exists(folder[output]) && new FileInfo(folder[output]).Length > before), 2000);
            run.Kill();
            run.WaitForExit();
            killed += run.ExitCode == 0 ? 0 : 1;
            grown += File.Exists(folder[output]) && new FileInfo(folder[output]).Length > before ? 1 : 0;
        }
        CommandResult last = Command.Run(Command.Binary, arguments, folder.Path);
        Assert.True(last.ExitCode == 0, last.Error);
        // Where kills came after the run's end, or before its first row, the test would show nothing.
        Assert.InRange(killed, 10, 50);
        Assert.InRange(grown, 10, 50);

        string[] expected = [.. Enumerable.Range(1, Images).Select(i => $"in/image{i}.bmp")];
        if (output.EndsWith("csv", StringComparison.Ordinal))
        {
            Assert.Equal(expected, CsvNames(folder[output]));
            return;
        }
        CommandResult undisturbed = Command.Run(Command.Binary, ["predict", "in", "-o", "undisturbed.jsonl"], folder.Path);
        Assert.Equal(0, undisturbed.ExitCode);
        Assert.Equal(
            expected, File.ReadLines(folder[output]).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("file").GetString()));
        Assert.Equal(StableRows(folder["undisturbed.jsonl"]), StableRows(folder[output]));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void A_signal_finishes_what_is_in_hand_and_says_how_to_resume(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kill is a command of Unix");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 2000);
        using Process run = Start(folder.Path, "predict", "in", "-o", "rows.jsonl");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(folder["rows.jsonl"]) && new FileInfo(folder["rows.jsonl"]).Length > 0, 20_000));
        Command.Run("kill", [$"-{signal}", $"{run.Id}"]);
        string error = run.StandardError.ReadToEnd();
        run.WaitForExit();
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains("--resume", error);
        Assert.Contains("rows.jsonl", error);
        string[] names =
            [.. File.ReadAllLines(folder["rows.jsonl"]).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("file").GetString()!)];
        Assert.InRange(names.Length, 1, 1999);
        Assert.Equal(Enumerable.Range(1, names.Length).Select(i => $"in/image{i}.bmp"), names);
    }

    [Fact]
    public void A_signal_gives_up_images_that_take_too_long_and_leaves_them_to_resume()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kill is a command of Unix");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        File.WriteAllBytes(folder["in/image0.bmp"], [1, 2, 3]); // a row that is there before the signal
        File.WriteAllBytes(folder["slow.onnx"], SlowModel.Create());
        using Process run = Start(folder.Path, "predict", "in", "-o", "rows.jsonl", "--model", "slow.onnx", "--threads", "1");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(folder["rows.jsonl"]) && new FileInfo(folder["rows.jsonl"]).Length > 0, 60_000));
        Thread.Sleep(500);
        long start = Stopwatch.GetTimestamp();
        Command.Run("kill", ["-TERM", $"{run.Id}"]);
        string error = run.StandardError.ReadToEnd();
        run.WaitForExit();
        // Five seconds of patience, where the image would have taken minutes.
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(30));
        Assert.Equal(143, run.ExitCode);
        Assert.Contains("interrupted after 1 image in", error);
        Assert.Contains("--resume", error);
        // What was given up has no row, so that another run scores it.
        JsonElement row = JsonDocument.Parse(Assert.Single(File.ReadAllLines(folder["rows.jsonl"]))).RootElement;
        Assert.Equal("in/image0.bmp", row.GetProperty("file").GetString());
        Assert.Equal("image_format_unknown", row.GetProperty("error_code").GetString());
    }

    [Fact]
    public void A_signal_ends_a_run_that_waits_for_standard_input()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "kill is a command of Unix");
        ProcessStartInfo start = new(Command.Binary, ["predict", "-"]) { RedirectStandardInput = true, RedirectStandardError = true };
        using Process run = Process.Start(start)!;
        Thread.Sleep(500);
        Command.Run("kill", ["-INT", $"{run.Id}"]);
        Assert.True(run.WaitForExit(20_000));
        Assert.Equal(130, run.ExitCode);
    }

    [Fact]
    public void Resume_scores_again_what_changed_and_leaves_the_rest()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 6);
        File.WriteAllText(folder["in/image7.bmp"], "no image");
        string[] arguments = ["predict", "in", "in/gone.bmp", "-o", "rows.jsonl", "--resume"];
        Assert.Equal(3, Command.Run(Command.Binary, arguments, folder.Path).ExitCode);
        string[] before = File.ReadAllLines(folder["rows.jsonl"]);
        Assert.Equal(8, before.Length);

        CommandResult again = Command.Run(Command.Binary, arguments, folder.Path);
        Assert.Equal(3, again.ExitCode); // two images still have no score
        Assert.Contains("8 already scored", again.Error);
        Assert.Equal(before, File.ReadAllLines(folder["rows.jsonl"]));

        File.WriteAllBytes(folder["in/image2.bmp"], TestImages.Bmp(99));
        File.WriteAllBytes(folder["in/gone.bmp"], TestImages.Bmp(100));
        Assert.Equal(3, Command.Run(Command.Binary, ["predict", "in", "-o", "rows.jsonl", "--resume"], folder.Path).ExitCode);
        string[] after = File.ReadAllLines(folder["rows.jsonl"]);
        string[] kept = [.. before.Where(r => !r.Contains("image2.bmp") && !r.Contains("gone.bmp"))];
        Assert.Equal(kept, after[..kept.Length]);
        Assert.Equal(["in/gone.bmp", "in/image2.bmp"],
            after[kept.Length..].Select(l => JsonDocument.Parse(l).RootElement.GetProperty("file").GetString()).Order());
    }

    [Fact]
    public void Rows_are_added_only_when_that_is_asked_for_and_none_is_lost()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 2);
        CommandResult Predict(params string[] further) =>
            Command.Run(Command.Binary, ["predict", "in", "-o", "rows.csv", "--quiet", .. further], folder.Path);
        Assert.Equal(0, Predict().ExitCode);
        byte[] before = File.ReadAllBytes(folder["rows.csv"]);
        CommandResult refused = Predict();
        Assert.Equal(2, refused.ExitCode);
        foreach (string said in (string[])["rows.csv: holds 2 rows already", "--resume", "--append", "name another file"])
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(folder["rows.csv"]));
        Assert.Equal(0, Predict("--append").ExitCode);
        Assert.Equal(4, CsvNames(folder["rows.csv"]).Length);
        Assert.Equal(2, Predict("--append", "--resume").ExitCode);
        Assert.Equal(2, Command.Run(Command.Binary, ["predict", "in", "--append"], folder.Path).ExitCode);
        // A file that holds nothing yet is not in the way.
        File.WriteAllText(folder["empty.jsonl"], "");
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", "in", "-o", "empty.jsonl", "-q"], folder.Path).ExitCode);
    }

    [Fact]
    public void Resume_refuses_a_file_of_another_model()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 1);
        string hash = new('b', 64), name = "severity-compact";
        string row = $"{{\"file\":\"x\",\"sha256\":\"00\",\"model\":\"{name}\",\"model_sha256\":\"{hash}\"}}\n";
        File.WriteAllText(folder["rows.jsonl"], row);
        CommandResult result = Command.Run(Command.Binary, ["predict", "in", "-o", "rows.jsonl", "--resume"], folder.Path);
        Assert.Equal(2, result.ExitCode);
        // Its name is the same: the hash tells.
        Assert.Contains($"{name} (SHA-256 {hash[..12]}...)", result.Error);
        Assert.Equal(row, File.ReadAllText(folder["rows.jsonl"]));
    }

    [Theory]
    [InlineData("rows.jsonl")]
    [InlineData("rows.csv")]
    public void Rows_that_a_full_disk_refuses_are_written_once_there_is_room(string output)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 20);
        CommandResult result = Strace(folder.Path, output, "when=3..12", "predict", "in", "-o", output);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("No space left on device", result.Error);
        string[] names = output.EndsWith("csv", StringComparison.Ordinal) ? CsvNames(folder[output])
            : [.. File.ReadAllLines(folder[output]).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("file").GetString()!)];
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"in/image{i}.bmp"), names);
    }

    [Fact]
    public void A_disk_that_stays_full_ends_with_3_and_resume_completes_the_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 20);
        CommandResult full = Strace(folder.Path, "rows.jsonl", "when=8+", "predict", "in", "-o", "rows.jsonl");
        Assert.Equal(3, full.ExitCode);
        Assert.Contains("13 rows could not be written", full.Error);
        Assert.Contains("--resume", full.Error);
        Assert.Equal(7, File.ReadAllLines(folder["rows.jsonl"]).Length);
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", "in", "-o", "rows.jsonl", "--resume"], folder.Path).ExitCode);
        Assert.Equal(20, StableRows(folder["rows.jsonl"]).Distinct().Count());
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public void A_full_device_ends_with_3(string format)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        CommandResult result = Command.Run(Command.Binary, ["predict", "in", "-o", "/dev/full", "--format", format], folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("/dev/full: cannot be written: the disk is full", result.Error);
        CommandResult redirected = Command.Run("bash", ["-c", $"{Command.Binary} predict in --format {format} > /dev/full"], folder.Path);
        Assert.Equal(3, redirected.ExitCode);
        Assert.Contains("No space left on device", redirected.Error);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("txt")]
    public void What_is_only_good_whole_takes_its_place_when_it_is_complete(string extension)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        string output = "rows." + extension;
        string old = extension == "json" ? "[]\n" : "geographic_extent (0-8): 1.0000\n";
        File.WriteAllText(folder[output], old);
        // What all runs into a file write first; it is called after the file's name.
        string partial = $".severity-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(output)))[..32]}.partial";
        CommandResult full = Strace(folder.Path, partial, "when=1+", "predict", "in", "-o", output);
        Assert.Equal(3, full.ExitCode);
        Assert.Contains($"{output}: cannot be written: the disk is full; make room", full.Error);
        Assert.Equal(old, File.ReadAllText(folder[output]));
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", "in", "-o", output], folder.Path).ExitCode);
        // Warnings name their picture once more, before a colon.
        Assert.Equal(3, Regex.Count(File.ReadAllText(folder[output]), @"in/image\d\.bmp(?!: )"));
        Assert.Equal(["in", output], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(2, Command.Run(Command.Binary, ["predict", "in", "-o", output, "--resume"], folder.Path).ExitCode);
    }

    /// <summary>Runs the command under strace, which has the kernel answer writes to one file as a full disk does.</summary>
    static CommandResult Strace(string folder, string file, string when, params string[] arguments) => Command.Run("strace",
        ["-f", "-qq", "-o", "/dev/null", "-P", Path.Combine(folder, file), "-P", file, "-e", "trace=pwrite64,write,pwritev", "-e",
            $"inject=pwrite64,write,pwritev:error=ENOSPC:{when}",
            Command.Binary, .. arguments], folder);
}
