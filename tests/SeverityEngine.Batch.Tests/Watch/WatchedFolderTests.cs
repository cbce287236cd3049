using SeverityEngine.Batch.Rows;
using SeverityEngine.Batch.Watch;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Watch;

/// <summary>What a folder that is watched gives out, and when. Linux tells of files; elsewhere the folder is looked at.</summary>
public sealed class WatchedFolderTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string In => Directory.CreateDirectory(_folder["in"]).FullName;

    public void Dispose() => _folder.Dispose();

    static WatchOptions Polling(WatchOptions options) => options with { Poll = TimeSpan.FromMilliseconds(50) };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_way_in_which_a_file_arrives_gives_it_out_once(bool isPolling)
    {
        File.WriteAllText($"{In}/there.png", "1");
        using Watching watching = new(In, isPolling ? Polling : null);
        watching.WaitFor(1);
        File.WriteAllText($"{In}/written.png", "2");
        File.WriteAllText($"{In}/.temporary.png.part", "3");
        File.Move($"{In}/.temporary.png.part", $"{In}/renamed.png");
        File.WriteAllText(_folder["elsewhere.png"], "4");
        File.Move(_folder["elsewhere.png"], $"{In}/moved.png");
        Directory.CreateDirectory($"{In}/a/b/.hidden");
        File.WriteAllText($"{In}/a/b/deep.png", "5");
        File.WriteAllText($"{In}/a/b/.hidden/not.png", "6");
        File.CreateSymbolicLink($"{In}/link.png", $"{In}/written.png");
        Directory.CreateDirectory(_folder["other"]);
        File.WriteAllText(_folder["other/within.png"], "7");
        Directory.Move(_folder["other"], $"{In}/other");
        Directory.CreateSymbolicLink($"{In}/loop", In);
        File.WriteAllText($"{In}/notes.txt", "8");
        File.WriteAllBytes($"{In}/IM0001", [.. new byte[128], .. "DICM"u8]);
        File.WriteAllText($"{In}/README", "9");
        watching.WaitFor(8);
        Watching.Pause();
        Assert.Equal(["IM0001", "deep.png", "link.png", "moved.png", "renamed.png", "there.png", "within.png", "written.png"],
            watching.Names);
        Assert.Contains(watching.LeftOut.Lines(), line => line.StartsWith("2 other files left out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_is_given_out_when_its_writer_is_done(bool isPolling)
    {
        using Watching watching = new(In, isPolling ? o => Polling(o) with { Settle = TimeSpan.FromSeconds(1) } : null);
        using (FileStream file = File.Create($"{In}/slow.png"))
        {
            for (int piece = 0; piece < 8; piece++)
            {
                file.Write(new byte[1000]);
                file.Flush();
                // Longer than the system's notices need a file to stand still; a look alone has to wait for longer.
                Thread.Sleep(200);
            }
            Assert.Empty(watching.Rows);
        }
        watching.WaitFor(1);
        Watching.Pause();
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(new byte[8000])), watching.Rows.Single().Sha256);
    }

    [Fact]
    public void A_file_that_changes_is_given_out_again_and_one_that_is_only_touched_is_not()
    {
        using Watching watching = new(In);
        File.WriteAllText($"{In}/a.png", "1");
        watching.WaitFor(1);
        File.SetLastWriteTimeUtc($"{In}/a.png", DateTime.UtcNow.AddDays(-1));
        File.WriteAllText($"{In}/a.png", "1");
        Watching.Pause();
        watching.WaitFor(1);
        File.WriteAllText($"{In}/a.png", "2");
        watching.WaitFor(2);
        Assert.Contains(watching.Host.Said, line => line.Contains("has changed since it was scored", StringComparison.Ordinal));
        // Of the same length and with the old time, as a copy that keeps times has.
        DateTime time = File.GetLastWriteTimeUtc($"{In}/a.png");
        File.WriteAllText($"{In}/a.png", "3");
        File.SetLastWriteTimeUtc($"{In}/a.png", time);
        watching.WaitFor(3);
    }

    [Fact]
    public void What_changes_or_goes_before_it_is_read_has_no_row_of_that()
    {
        using Watching watching = new(In);
        watching.Hold();
        File.WriteAllText($"{In}/first.png", "1");
        File.WriteAllText($"{In}/gone.png", "2");
        Watching.Pause();
        File.Delete($"{In}/first.png");
        File.WriteAllText($"{In}/gone.png", "another");
        watching.Release();
        watching.WaitFor(1);
        Watching.Pause();
        Assert.Equal(["gone.png"], watching.Names);
        Assert.Null(watching.Rows.Single().Error);
    }

    [Fact]
    public void More_than_the_system_keeps_notices_of_is_found_by_a_look()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere there are no notices");
        int kept = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.SkipUnless(kept <= 100_000, "the system keeps more notices than a test can make");
        // Two for each file: it was made, and it was closed.
        int count = kept / 2 + 1000;
        using Watching watching = new(In, o => o with { MostWaiting = 256 });
        watching.Hold();
        File.WriteAllText($"{In}/first.png", "");
        Watching.Pause();
        for (int i = 1; i < count; i++)
            File.WriteAllText($"{In}/{i}.png", "x");
        watching.Release();
        watching.WaitFor(count);
        Watching.Pause();
        Assert.Equal(count, watching.Names.Distinct().Count());
        watching.WaitFor(count);
    }

    [Fact]
    public void Hundreds_of_new_folders_hide_no_file()
    {
        const int Count = 300;
        using Watching watching = new(In);
        for (int i = 0; i < Count; i++)
        {
            Directory.CreateDirectory($"{In}/{i}/below");
            File.WriteAllText($"{In}/{i}/below/a.png", "x");
        }
        watching.WaitFor(Count);
        Assert.Equal(Count, watching.Rows.Select(r => r.Name).Distinct().Count());
    }

    [Fact]
    public void A_folder_that_goes_is_watched_again_when_it_is_back()
    {
        using Watching watching = new(In, o => o with { Poll = OperatingSystem.IsLinux() ? null : TimeSpan.FromMilliseconds(100) });
        File.WriteAllText($"{In}/a.png", "1");
        watching.WaitFor(1);
        Directory.Delete(In, recursive: true);
        Assert.True(SpinWait.SpinUntil(
            () => watching.Host.Said.Any(l => l.Contains("is there no more", StringComparison.Ordinal)), 60_000));
        File.WriteAllText($"{In}/a.png", "1");
        File.WriteAllText($"{In}/b.png", "2");
        watching.WaitFor(2);
        File.WriteAllText($"{In}/c.png", "3");
        watching.WaitFor(3);
        Assert.Equal(["a.png", "b.png", "c.png"], watching.Names);
    }

    [Fact]
    public void Folders_of_results_are_not_entered_and_files_are_moved_when_their_rows_are_safe()
    {
        Directory.CreateDirectory($"{In}/done/sub");
        File.WriteAllText($"{In}/done/sub/a.png", "from before");
        using Watching watching = new(In, o => o with { MoveDone = $"{In}/done" }, excluded: [$"{In}/done"]);
        watching.IsSafe = false;
        Directory.CreateDirectory($"{In}/sub");
        File.WriteAllText($"{In}/sub/a.png", "1");
        watching.WaitFor(1);
        Thread.Sleep(1500);
        Assert.True(File.Exists($"{In}/sub/a.png"));
        watching.IsSafe = true;
        Assert.True(SpinWait.SpinUntil(() => File.Exists($"{In}/done/sub/a-2.png"), 60_000));
        Assert.Equal("from before", File.ReadAllText($"{In}/done/sub/a.png"));
        Assert.False(File.Exists($"{In}/sub/a.png"));
        Watching.Pause();
        watching.WaitFor(1);
    }

    [Fact]
    public void A_file_moves_to_another_file_system_whole_and_with_its_time()
    {
        const string Shared = "/dev/shm";
        Assert.SkipUnless(Directory.Exists(Shared), "there is no second file system");
        string other = Path.Combine(Shared, Path.GetFileName(_folder.Path));
        try
        {
            File.WriteAllText(_folder["a.png"], "content");
            DateTime time = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
            File.SetLastWriteTimeUtc(_folder["a.png"], time);
            MovedFiles moved = new(other);
            moved.Prepare();
            Assert.Equal(Path.Combine(other, "s/a.png"), moved.Take(_folder["a.png"], "/s"));
            Assert.Equal("content", File.ReadAllText(Path.Combine(other, "s/a.png")));
            Assert.Equal(time, File.GetLastWriteTimeUtc(Path.Combine(other, "s/a.png")));
            Assert.Equal(["a.png"], Directory.GetFiles(Path.Combine(other, "s")).Select(Path.GetFileName));
            Assert.False(File.Exists(_folder["a.png"]));
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public void What_has_rows_takes_some_forty_bytes_a_name()
    {
        const int Count = 400_000;
        string hash = new('a', 64);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        NameIndex index = new();
        for (int i = 0; i < Count; i++)
            index.Add(new RowKey($"in/{i}.png", hash, "model", i % 10 == 0 ? "image_truncated" : null));
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(bytes / Count, 24, 50);
        for (int i = 0; i < Count; i++)
        {
            Assert.True(index.TryTake($"in/{i}.png", hash, out SeverityError error));
            Assert.Equal(i % 10 == 0 ? SeverityError.ImageTruncated : SeverityError.None, error);
            Assert.False(index.TryTake($"in/{i}.PNG", hash, out _));
        }
        Assert.False(index.TryTake("in/0.png", new('b', 64), out _));
    }
}
