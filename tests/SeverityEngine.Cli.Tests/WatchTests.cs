using System.Diagnostics;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>
/// <c>severity watch</c> as a process. When files count as whole, and what a folder that is watched may do, tests/SeverityEngine.Batch.
/// Tests shows.
/// </summary>
public sealed class WatchTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string In => Directory.CreateDirectory(_folder["in"]).FullName;

    string Rows => _folder["rows.jsonl"];

    public void Dispose() => _folder.Dispose();

    /// <summary>Watches the folder <c>in</c>.</summary>
    RunningCommand Watch(params string[] options) =>
        new(["watch", "in", "-o", "rows.jsonl", .. options], "; rows go to rows.jsonl", _folder.Path);

    void WaitForRows(RunningCommand watch, int count)
    {
        Assert.True(RunningCommand.Until(() => RunningCommand.RowsIn(Rows).Length >= count),
            $"{RunningCommand.RowsIn(Rows).Length} rows of {count}:\n{watch.Said}");
        Assert.Equal(count, RunningCommand.RowsIn(Rows).Length);
    }

    /// <summary>What a row says of its image, without times.</summary>
    static string[] Facts(IEnumerable<JsonElement> rows) => [.. rows.Select(row => string.Join('|', row.EnumerateObject()
        .Where(p => p.Name is not "timings_ms").Select(p => $"{p.Name}={p.Value}"))).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData]
    [InlineData("--poll", "0.2")]
    public void The_rows_are_those_that_predict_makes_of_the_same_files(params string[] how)
    {
        byte[] image = TestImages.Bmp(1);
        TestImages.Fill($"{In}/before", 3);
        File.WriteAllBytes($"{In}/torn.bmp", image[..1000]);
        using (RunningCommand watch = Watch(["-r", .. how]))
        {
            WaitForRows(watch, 4);
            TestImages.Fill($"{In}/new/below", 3);
            File.WriteAllBytes($"{In}/photo.webp", [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBP"u8]);
            File.WriteAllBytes($"{In}/empty.png", []);
            File.WriteAllBytes($"{In}/.hidden.bmp", image);
            File.WriteAllBytes($"{In}/IM0001", [.. new byte[128], .. "DICM"u8, 1, 2]);
            File.WriteAllText($"{In}/README", "not an image");
            File.WriteAllBytes($"{In}/all.zip", [1, 2, 3]);
            File.CreateSymbolicLink($"{In}/link.bmp", $"{In}/before/image1.bmp");
            File.CreateSymbolicLink($"{In}/nowhere.bmp", $"{In}/nothing");
            Directory.CreateSymbolicLink($"{In}/loop", In);
            WaitForRows(watch, 12);
            Assert.Equal(0, watch.Terminate());
            watch.WaitToSay("all.zip: is an archive");
            watch.WaitToSay("2 other files left out");
        }
        CommandResult predicted = Command.Run(Command.Binary, ["predict", "in", "-r", "--format", "jsonl"], _folder.Path);
        Assert.Equal(Facts(predicted.Lines.Select(line => JsonDocument.Parse(line).RootElement)), Facts(RunningCommand.RowsIn(Rows)));
        // All has its row: neither another watch nor predict makes any more.
        using (RunningCommand again = Watch(["-r", .. how]))
        {
            File.WriteAllBytes($"{In}/last.bmp", TestImages.Bmp(9));
            WaitForRows(again, 13);
            Assert.Equal(0, again.Terminate());
        }
        Assert.Equal(3, Command.Run(Command.Binary, ["predict", "in", "-r", "-o", "rows.jsonl", "--resume"], _folder.Path).ExitCode);
        Assert.Equal(13, RunningCommand.RowsIn(Rows).Length);
    }

    [Fact]
    public async Task Ten_kills_during_arrival_lose_nothing_and_double_nothing()
    {
        const int Kills = 10, Images = 200;
        using CancellationTokenSource stop = new();
        // Half of them are moved away, so that kills come between rows and moves too.
        Task arriving = Task.Run(() =>
        {
            for (int i = 0; i < Images && !stop.IsCancellationRequested; i++)
            {
                File.WriteAllBytes($"{In}/{i}.part", i % 4 == 0 ? TestImages.Bmp(i)[..2000] : TestImages.Bmp(i));
                File.Move($"{In}/{i}.part", $"{In}/{i}.bmp");
                Thread.Sleep(10);
            }
        }, stop.Token);
        try
        {
            for (int kill = 0; kill < Kills; kill++)
            {
                int before = RunningCommand.RowsIn(Rows).Length;
                using RunningCommand killed = Watch("--settle", "50ms", "--move-done", "done");
                Assert.True(RunningCommand.Until(() => RunningCommand.RowsIn(Rows).Length > before || before == Images), killed.Said);
                killed.Kill();
            }
            await arriving;
            using RunningCommand last = Watch("--settle", "50ms", "--move-done", "done");
            WaitForRows(last, Images);
            Assert.True(RunningCommand.Until(() => Directory.GetFiles(In).Length == Images / 4), last.Said);
            Assert.Equal(0, last.Terminate());
        }
        finally
        {
            stop.Cancel();
        }
        JsonElement[] rows = RunningCommand.RowsIn(Rows);
        Assert.Equal(Enumerable.Range(0, Images).Select(i => $"in/{i}.bmp").Order(StringComparer.Ordinal),
            rows.Select(r => r.GetProperty("file").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(Images / 4, rows.Count(r => r.TryGetProperty("error_code", out _)));
        Assert.Equal(Images * 3 / 4, Directory.GetFiles(_folder["done"]).Length);
    }

    [Fact]
    public void Files_are_moved_behind_their_rows_and_replace_nothing_there()
    {
        string[] options = ["-r", "--move-done", "in/done", "--move-failed", "failed", "--saliency", "in/maps"];
        Directory.CreateDirectory($"{In}/done/sub");
        File.WriteAllText($"{In}/done/sub/image1.bmp", "somebody's");
        TestImages.Fill($"{In}/sub", 2);
        File.WriteAllBytes($"{In}/torn.bmp", TestImages.Bmp(1)[..1000]);
        using (RunningCommand watch = Watch(options))
        {
            WaitForRows(watch, 3);
            Assert.True(RunningCommand.Until(() => File.Exists($"{In}/done/sub/image1-2.bmp") && File.Exists(_folder["failed/torn.bmp"])));
            // The same again has its row; another image of the name gets one, and a map of its own.
            File.WriteAllBytes($"{In}/sub/image2.bmp", TestImages.Bmp(2));
            File.WriteAllBytes($"{In}/sub/image1.bmp", TestImages.Bmp(3));
            WaitForRows(watch, 4);
            Assert.True(RunningCommand.Until(() => Directory.GetFiles($"{In}/done/sub").Length == 5));
            Assert.Equal(0, watch.Terminate());
        }
        Assert.Equal("somebody's", File.ReadAllText($"{In}/done/sub/image1.bmp"));
        Assert.Equal(TestImages.Bmp(1), File.ReadAllBytes($"{In}/done/sub/image1-2.bmp"));
        Assert.Equal(TestImages.Bmp(3), File.ReadAllBytes($"{In}/done/sub/image1-3.bmp"));
        Assert.Equal(["image2-2.bmp", "image2.bmp"], Directory.GetFiles($"{In}/done/sub", "image2*").Select(Path.GetFileName).Order());
        Assert.Equal(["image1-2.saliency.png", "image1.saliency.png", "image2.saliency.png"],
            Directory.GetFiles($"{In}/maps/sub").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(3, RunningCommand.RowsIn(Rows).Where(r => r.TryGetProperty("saliency", out _))
            .Select(r => r.GetProperty("saliency").GetProperty("picture").GetString()).Distinct().Count());
    }

    [Fact]
    public void While_the_disk_takes_no_rows_no_file_is_moved_and_none_is_lost()
    {
        TestImages.Fill(In, 4);
        using RunningCommand watch = Watch("--move-done", "done");
        WaitForRows(watch, 4);
        Assert.True(RunningCommand.Until(() => Directory.GetFiles(In).Length == 0), watch.Said);
        long length = new FileInfo(Rows).Length;
        Assert.Equal(0, Command.Run("prlimit", ["--pid", $"{watch.Id}", $"--fsize={length + 10}:"]).ExitCode);
        TestImages.Fill(In, 2);
        File.WriteAllBytes($"{In}/image1.bmp", TestImages.Bmp(11));
        Assert.True(RunningCommand.Until(() => watch.Said.Contains("rows are held in memory", StringComparison.Ordinal)), watch.Said);
        Thread.Sleep(1500);
        Assert.Contains("image1.bmp", Directory.GetFiles(In).Select(Path.GetFileName));
        Assert.Equal(4, RunningCommand.RowsIn(Rows).Length);
        Assert.Equal(0, Command.Run("prlimit", ["--pid", $"{watch.Id}", "--fsize=unlimited:"]).ExitCode);
        WaitForRows(watch, 5);
        Assert.True(RunningCommand.Until(() => Directory.GetFiles(In).Length == 0), watch.Said);
        Assert.Equal(0, watch.Terminate());
    }

    [Fact]
    public void A_file_that_the_system_does_not_give_is_tried_again_before_its_row()
    {
        Directory.CreateDirectory(In);
        using RunningCommand watch = Watch();
        // Nobody reads this, the administrator neither.
        File.CreateSymbolicLink($"{In}/memory.png", $"/proc/{watch.Id}/mem");
        File.WriteAllBytes($"{In}/image.bmp", TestImages.Bmp(1));
        WaitForRows(watch, 1);
        Assert.True(RunningCommand.Until(() => watch.Said.Contains("in/memory.png is tried again", StringComparison.Ordinal)), watch.Said);
        Assert.Equal("in/image.bmp", RunningCommand.RowsIn(Rows).Single().GetProperty("file").GetString());
        watch.Signal("INT");
        Assert.Equal(0, watch.WaitForExit());
    }

    [Fact]
    public void Rows_of_another_model_and_a_second_watch_with_the_same_rows_are_refused()
    {
        TestImages.Fill(In, 1);
        using (RunningCommand watch = Watch())
        {
            WaitForRows(watch, 1);
            CommandResult second = Command.Run(Command.Binary, ["watch", "in", "-o", "rows.jsonl"], _folder.Path);
            Assert.Equal(3, second.ExitCode);
            Assert.Contains("another run is writing it", second.Error, StringComparison.Ordinal);
        }
        string made = RunningCommand.RowsIn(Rows).Single().GetProperty("model_sha256").GetString()!;
        File.WriteAllText(Rows, File.ReadAllText(Rows).Replace(made, new string('0', made.Length), StringComparison.Ordinal));
        CommandResult other = Command.Run(Command.Binary, ["watch", "in", "-o", "rows.jsonl"], _folder.Path);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("holds scores of the model severity-compact", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "is required", "in")]
    [InlineData(2, "-o FILE.csv, FILE.tsv or FILE.jsonl", "in", "-o", "rows.txt")]
    [InlineData(2, "500ms or 2s", "in", "-o", "rows.csv", "--settle", "soon")]
    [InlineData(2, "from 100ms to 3600s", "in", "-o", "rows.csv", "--poll", "0")]
    [InlineData(2, "found in in again", "in", "-o", "rows.csv", "--move-done", "in")]
    [InlineData(2, "found in in again", "in", "-o", "rows.csv", "--move-failed", ".")]
    [InlineData(2, "name a folder", "in", "-o", "rows.csv", "--saliency", "map.png")]
    [InlineData(3, "no such folder", "nowhere", "-o", "rows.csv")]
    public void What_makes_no_sense_is_refused(int exitCode, string said, params string[] arguments)
    {
        Directory.CreateDirectory(In);
        CommandResult result = Command.Run(Command.Binary, ["watch", .. arguments], _folder.Path);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.False(File.Exists(_folder["rows.csv"]));
    }

    [Fact]
    public async Task Predict_gives_the_row_of_each_line_of_a_list_while_the_list_is_still_open()
    {
        TestImages.Fill(In, 3);
        ProcessStartInfo start = new(Command.Binary, ["predict", "--from-list", "-", "--format", "jsonl"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.Path,
        };
        using Process process = Process.Start(start)!;
        for (int i = 1; i <= 3; i++)
        {
            await process.StandardInput.WriteAsync($"in/image{i}.bmp\n");
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            string? row = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
                .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Assert.Equal($"in/image{i}.bmp", JsonDocument.Parse(row!).RootElement.GetProperty("file").GetString());
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
