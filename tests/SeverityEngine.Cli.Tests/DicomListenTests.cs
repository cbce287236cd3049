using System.Diagnostics;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>
/// The receiver as a process, with the senders and archives of others: DCMTK and Orthanc. How it answers every byte, tests/SeverityEngine.
/// Dicom.Tests shows.
/// </summary>
public sealed class DicomListenTests : IDisposable
{
    const string Digital = "1.2.840.10008.5.1.4.1.1.1.1", Explicit = "1.2.840.10008.1.2.1",
        Implicit = "1.2.840.10008.1.2", BigEndian = "1.2.840.10008.1.2.2";

    static readonly string s_fixtures = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "dicom");

    readonly TemporaryFolder _folder = new();

    string Out => _folder["out"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Echo_and_store_make_rows_and_results_of_what_others_send()
    {
        string[] own = Make("in", 1);
        using Receiver receiver = new(Out, []);
        Assert.Equal(0, Command.Run(Receiver.Tool("echoscu"), ["-aec", "SEVERITY", "127.0.0.1", $"{receiver.Port}"]).ExitCode);
        Assert.Equal(0, Command.Run(Receiver.Tool("dcmsend"), ["127.0.0.1", $"{receiver.Port}", own[0],
            Path.Combine(s_fixtures, "planted.dcm"), Path.Combine(s_fixtures, "ct.dcm")]).ExitCode);
        Assert.Equal(0, receiver.Store(_folder["in"]).ExitCode);
        receiver.WaitForRows(3);
        Dictionary<string, JsonElement> rows = receiver.Rows.ToDictionary(r => r.GetProperty("file").GetString()!);
        JsonElement score = rows["received/1.2.826.9.1.dcm"], ct = rows["received/1.2.3.4.dcm"];
        Assert.Equal("image_format_unsupported", ct.GetProperty("error_code").GetString());
        // The same scores as the file itself has.
        CommandResult predicted = Command.Severity("predict", own[0], "--format", "jsonl");
        Assert.Equal(JsonDocument.Parse(predicted.Output).RootElement.GetProperty("opacity_raw").GetDouble(),
            score.GetProperty("opacity_raw").GetDouble());
        foreach (string kind in (string[])["report", "saliency"])
        {
            string file = score.GetProperty("dicom").GetProperty(kind).GetString()!;
            Assert.Equal(_folder[$"out/results/1.2.826.9.1.{kind}.dcm"], file);
            // Nothing that dicom3tools calls an error.
            CommandResult judged = Command.Run(Receiver.Tool("dciodvfy"), ["-new", file]);
            Assert.DoesNotContain("Error", judged.Output + judged.Error, StringComparison.Ordinal);
        }
        Assert.Equal(143, receiver.Terminate());
        Assert.DoesNotContain("Doe", receiver.Said, StringComparison.Ordinal);
        receiver.WaitToSay("without TLS");
        receiver.WaitToSay("Research only");
    }

    [Fact]
    public void Every_transfer_syntax_that_is_read_is_received_as_it_is()
    {
        string[] files = [.. Directory.GetFiles(TestData.Get("dicom"), "*.dcm")
            .Where(f => !Path.GetFileName(f).StartsWith("refuse", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        using Receiver receiver = new(Out, ["--results", "none"]);
        // Several are of one UID: those that come later are kept beside, with numbers.
        Dictionary<string, string> sent = [];
        foreach (string file in files)
        {
            string uid = Dump(file, "0008,0018"), syntax = Dump(file, "0002,0010");
            if (uid.Length == 0 || syntax.Length == 0)
                continue; // A bare data set, which cannot be sent as it is.
            // Of plain forms dcmsend proposes all together; storescu can be told to propose the implicit one alone.
            CommandResult result = syntax == Implicit
                ? Command.Run(Receiver.Tool("storescu"), ["-xi", "127.0.0.1", $"{receiver.Port}", file])
                : Command.Run(Receiver.Tool("dcmsend"), ["-dn", "127.0.0.1", $"{receiver.Port}", file]);
            Assert.True(result.ExitCode == 0, result.Output + result.Error);
            int version = 1 + sent.Keys.Count(k => k == uid || k.StartsWith(uid + "-", StringComparison.Ordinal));
            sent.Add(version == 1 ? uid : $"{uid}-{version}", file);
        }
        receiver.WaitForRows(sent.Count);
        HashSet<string> syntaxes = [];
        Dictionary<string, JsonElement> rows = receiver.Rows.ToDictionary(r => r.GetProperty("file").GetString()!);
        Dictionary<string, double> expected = Command.Severity(["predict", .. sent.Values, "--format", "jsonl"]).Lines
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(r => r.GetProperty("file").GetString()!, r => r.GetProperty("opacity_raw").GetDouble());
        foreach ((string name, string file) in sent)
        {
            string kept = Path.Combine(Out, "received", name + ".dcm");
            syntaxes.Add(Dump(kept, "0002,0010"));
            Assert.Equal(Dump(file, "0002,0010") is var syntax && syntax == BigEndian ? Explicit : syntax, Dump(kept, "0002,0010"));
            Assert.Equal(expected[file], rows[$"received/{name}.dcm"].GetProperty("opacity_raw").GetDouble());
        }
        Assert.Equal(9, syntaxes.Count);
    }

    [Fact]
    public async Task Four_senders_at_once_lose_nothing()
    {
        const int Senders = 4, Images = 50;
        for (int i = 0; i < Senders; i++)
            Make($"in{i}", Images, first: 1 + i * Images);
        using Receiver receiver = new(Out, ["--results", "none", "--quiet"]);
        Task<CommandResult>[] sending =
            [.. Enumerable.Range(0, Senders).Select(i => Task.Run(() => receiver.Store(_folder[$"in{i}"])))];
        Assert.All(await Task.WhenAll(sending), s => Assert.Equal(0, s.ExitCode));
        receiver.WaitForRows(Senders * Images);
        RequireEachOnce(Senders * Images);
    }

    [Fact]
    public async Task Ten_kills_during_reception_lose_nothing_and_double_nothing()
    {
        const int Kills = 10, Images = 4;
        for (int i = 0; i < Kills; i++)
            Make($"in{i}", Images, first: 1 + i * Images, side: 1024);
        int port = OrthancServer.FreePort(), cut = 0;
        using CancellationTokenSource stop = new();
        List<Task> sending = [];
        try
        {
            for (int i = 0; i < Kills; i++)
            {
                using Receiver killed = new(Out, ["--results", "none"], port);
                string[] before = Receiver.Received(Out);
                string folder = _folder[$"in{i}"];
                // Senders try again until all is answered.
                sending.Add(Task.Run(() =>
                {
                    while (!stop.IsCancellationRequested && Receiver.Store(port, folder).ExitCode != 0)
                        Thread.Sleep(100);
                }, stop.Token));
                Assert.True(SpinWait.SpinUntil(() => Receiver.Received(Out).Except(before).Any(), 60_000), killed.Said);
                killed.Kill();
                cut += Receiver.Received(Out).Count(f => f.EndsWith(".partial", StringComparison.Ordinal));
            }
            using Receiver last = new(Out, ["--results", "none"], port);
            Task all = Task.WhenAll(sending);
            Assert.Same(all, await Task.WhenAny(all, Task.Delay(60_000, TestContext.Current.CancellationToken)));
            last.WaitForRows(Kills * Images);
            Assert.Equal(143, last.Terminate());
        }
        finally
        {
            stop.Cancel();
        }
        Assert.True(cut > 0, "no kill came in the middle of a file");
        RequireEachOnce(Kills * Images);
    }

    [Fact]
    public void A_signal_ends_it_in_order_and_the_next_start_scores_what_is_left()
    {
        const int Images = 12, Lost = 5;
        Make("in", Images);
        using (Receiver receiver = new(Out, []))
        {
            Assert.Equal(0, receiver.Store(_folder["in"]).ExitCode);
            Assert.True(Receiver.Until(() => receiver.Rows.Length > 1), receiver.Said);
            Assert.Equal(143, receiver.Terminate());
            receiver.WaitToSay("which the next start scores");
        }
        // A power failure takes the last rows, and leaves a torn one.
        string rows = Path.Combine(Out, "rows.jsonl");
        string[] kept = [.. File.ReadAllLines(rows).Take(Images - Lost)];
        File.WriteAllText(rows, string.Concat(kept.Select(row => row + "\n")) + "{\"file\":\"received/1.2.8");
        using (Receiver receiver = new(Out, []))
        {
            receiver.WaitToSay($"{Images - kept.Length} images from before");
            receiver.WaitForRows(Images);
            Assert.Equal(kept, Command.Run("cat", [rows]).Lines[..kept.Length]);
            CommandResult second = Command.Severity("dicom", "listen", "--out", Out, "--port", "0");
            Assert.Equal(3, second.ExitCode);
            Assert.Contains("another run is writing it", second.Error, StringComparison.Ordinal);
            CommandResult taken = Command.Severity("dicom", "listen", "--out", _folder["other"], "--port", $"{receiver.Port}");
            Assert.Equal(2, taken.ExitCode);
            Assert.Contains("is in use", taken.Error, StringComparison.Ordinal);
        }
        RequireEachOnce(Images);
    }

    [Fact]
    public void What_the_disk_or_the_queue_has_no_room_for_is_refused_and_comes_through_later()
    {
        string[] small = Make("small", 12);
        string large = Make("large", 1, first: 50, side: 1024)[0];
        using (Receiver receiver = new(Out, []))
        {
            // 2 MiB, where the process may write files of 1 from here on.
            Assert.Equal(0, Command.Run("prlimit", ["--pid", $"{receiver.Id}", $"--fsize={1 << 20}"]).ExitCode);
            CommandResult refused = receiver.Store(large);
            Assert.Contains("Refused: OutOfResources", refused.Output + refused.Error, StringComparison.Ordinal);
            Assert.Equal(0, receiver.Store(small[0]).ExitCode);
            receiver.WaitForRows(1);
            receiver.WaitToSay("refused with status A700");
            receiver.WaitToSay("larger than the system allows");
            Assert.Equal(["1.2.826.9.1.dcm"], Receiver.Received(Out));
        }
        // The first image takes minutes: the next one finds the queue full.
        File.WriteAllBytes(_folder["slow.onnx"], SlowModel.Create());
        using (Receiver receiver = new(Out, ["--queue", "1", "--results", "none", "--model", _folder["slow.onnx"]]))
        {
            Assert.Equal(0, receiver.Store(small[1]).ExitCode);
            CommandResult result = receiver.Store(small[2]);
            Assert.Contains("Refused: OutOfResources", result.Output + result.Error, StringComparison.Ordinal);
            receiver.WaitToSay("(--queue)");
        }
        using (Receiver receiver = new(Out, ["--queue", "1"]))
        {
            Assert.True(Receiver.Until(() => receiver.Store(_folder["small"], large) is var r
                && !(r.Output + r.Error).Contains("Refused", StringComparison.Ordinal)));
            receiver.WaitForRows(13);
        }
    }

    [Fact]
    public void Results_wait_for_an_archive_that_is_away_through_a_kill_and_are_sent_once()
    {
        Make("in", 2);
        Directory.CreateDirectory(_folder["archive"]);
        int port = OrthancServer.FreePort();
        string[] forward = ["--forward", $"localhost:{port}:ARCHIVE"];
        using (Receiver receiver = new(Out, forward))
        {
            Assert.Equal(0, receiver.Store(_folder["in"]).ExitCode);
            receiver.WaitForRows(2);
            Assert.True(Receiver.Until(() => receiver.Said.Contains("cannot be reached", StringComparison.Ordinal)), receiver.Said);
            receiver.Kill();
        }
        Assert.Equal(4, Directory.GetFiles(_folder["out/forward"]).Length);
        using Process archive = Process.Start(
            new ProcessStartInfo(Receiver.Tool("storescp"), ["-aet", "ARCHIVE", "-od", _folder["archive"], $"{port}"]))!;
        try
        {
            using Receiver receiver = new(Out, forward);
            Assert.True(Receiver.Until(() => Directory.GetFiles(_folder["out/forward"]).Length == 0), receiver.Said);
            receiver.WaitToSay("4 results from before");
            // What comes now goes at once.
            Make("in", 1, first: 3);
            Assert.Equal(0, receiver.Store(_folder["in"]).ExitCode);
            Assert.True(Receiver.Until(() => Directory.GetFiles(_folder["archive"]).Length == 6), receiver.Said);
            Assert.Equal(143, receiver.Terminate());
        }
        finally
        {
            archive.Kill();
            archive.WaitForExit();
        }
        foreach (string kept in Directory.GetFiles(_folder["archive"]))
        {
            string own = Directory.GetFiles(_folder["out/results"]).Single(f => Dump(f, "0008,0018") == Dump(kept, "0008,0018"));
            Assert.Equal(Pixels(own), Pixels(kept));
            Assert.Equal(Dump(own, "0010,0010"), Dump(kept, "0010,0010"));
        }

        static string Pixels(string file) => Command.Run("dcmdump", ["+P", "7fe0,0010", "+L", file]).Output;
    }

    [Fact]
    public void Orthanc_sends_images_gets_the_results_into_their_study_and_may_send_them_back()
    {
        string[] images = Make("in", 3);
        using OrthancServer orthanc = new();
        using Receiver receiver = new(Out,
            ["--aet", "SEVERITY", "--allow", "ORTHANC", "--forward", $"127.0.0.1:{orthanc.DicomPort}:ORTHANC"]);
        Assert.NotEqual(0, receiver.Store(images[0]).ExitCode);
        receiver.WaitToSay("not among the AE titles");
        orthanc.AddModality("severity", "SEVERITY", receiver.Port);
        foreach (string image in images)
            Assert.Equal("Success", orthanc.Upload(File.ReadAllBytes(image)));
        SendAll();
        receiver.WaitForRows(3);
        orthanc.Until("the results are there", () => orthanc.Instances().Count == 9);
        // All in the one study, in series of their own.
        Assert.Single(orthanc.Instances().Select(i => i.Study).Distinct());
        Assert.True(Receiver.Until(() => Directory.GetFiles(_folder["out/forward"]).Length == 0), receiver.Said);
        // The archive sends everything, its results too.
        SendAll();
        Assert.True(Receiver.Until(() => Receiver.Received(Out).Count(f => f.EndsWith(".result.dcm", StringComparison.Ordinal)) == 6),
            receiver.Said);
        SendAll();
        Assert.Equal(143, receiver.Terminate());
        Assert.Equal(3, receiver.Rows.Length);
        Assert.Equal(9, Receiver.Received(Out).Length);
        using Receiver again = new(Out, []);
        Assert.DoesNotContain("from before", again.Said, StringComparison.Ordinal);

        void SendAll() => orthanc.Post("/modalities/severity/store",
            JsonSerializer.SerializeToUtf8Bytes(orthanc.Instances().Select(i => i.Id)));
    }

    [Fact]
    public void Hostile_peers_leave_it_serving_in_the_same_memory()
    {
        byte[][] claims =
        [
            [1, 0, 0xFF, 0xFF, 0xFF, 0xFF], "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
            [.. DicomWire.UsualRequest(), 4, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 9, 1, 3],
            [.. DicomWire.UsualRequest(), .. DicomWire.Data(3, true, true, DicomWire.Store("1.2.3")), 4, 0, 0, 0xF, 0xFF, 0xFF],
            [.. DicomWire.UsualRequest(), .. DicomWire.Data(1, true, false, new byte[12_000])],
            DicomWire.UsualRequest()[..20],
        ];
        Make("in", 2);
        using Receiver receiver = new(Out, ["--quiet"]);
        Assert.Equal(0, receiver.Store(_folder["in"]).ExitCode);
        receiver.WaitForRows(2);
        SteadyMemory.Check(() => receiver.Memory, () => Attack(2500));
        Assert.Equal(0, Command.Run(Receiver.Tool("echoscu"), ["127.0.0.1", $"{receiver.Port}"]).ExitCode);
        Assert.Equal(["1.2.826.9.1.dcm", "1.2.826.9.2.dcm"], Receiver.Received(Out));
        // A line for each would fill the disk.
        Assert.InRange(receiver.Said.Split('\n').Length, 60, 80);
        Assert.Equal(143, receiver.Terminate());

        void Attack(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using DicomWire wire = new(receiver.Port);
                wire.Send(claims[i % claims.Length]);
                wire.EndSending();
                while (wire.Receive() is not null)
                {
                }
            }
        }
    }

    [Theory]
    [InlineData("is required", "--port", "1")]
    [InlineData("0 to 65535", "--out", "x", "--port", "65536")]
    [InlineData("1 to 16 characters", "--out", "x", "--aet", "SEVENTEEN-LETTERS")]
    [InlineData("1 to 16 characters", "--out", "x", "--allow", "A", @"B\C")]
    [InlineData("HOST:PORT:AET", "--out", "x", "--forward", "localhost:4242")]
    [InlineData("HOST:PORT:AET", "--out", "x", "--forward", "localhost:0:A")]
    [InlineData("such as 127.0.0.1", "--out", "x", "--bind", "everywhere")]
    [InlineData("leave one of them away", "--out", "x", "--forward", "localhost:4242:A", "--results", "none")]
    [InlineData("1 to 1000000", "--out", "x", "--queue", "0")]
    public void Options_that_make_no_sense_are_refused(string said, params string[] arguments)
    {
        CommandResult result = Command.Run(Command.Binary, ["dicom", "listen", .. arguments], _folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(_folder["x"]));
    }

    /// <summary>Makes small X-rays, all of one study, each with pixels of its own.</summary>
    string[] Make(string folder, int count, int first = 1, int side = 64)
    {
        Directory.CreateDirectory(_folder[folder]);
        string[] files = new string[count];
        for (int i = 0; i < count; i++)
        {
            int number = first + i;
            Random random = new(number);
            ushort[] pixels = [.. Enumerable.Range(0, side * side).Select(_ => (ushort)random.Next(4096))];
            byte[] dataSet = new DicomWriter()
                .Text(0x0008_0016, "UI", Digital + "\0"[..(Digital.Length % 2)]).Text(0x0008_0018, "UI", Even($"1.2.826.9.{number}"))
                .Text(0x0008_0020, "DA", "20200125").Text(0x0008_0060, "CS", "DX").Text(0x0010_0010, "PN", "Doe^Jane")
                .Text(0x0010_0020, "LO", "4711").Text(0x0020_000D, "UI", Even("1.2.826.9")).Text(0x0020_000E, "UI", Even("1.2.826.90"))
                .Short(0x0028_0002, 1).Text(0x0028_0004, "CS", "MONOCHROME2").Short(0x0028_0010, side).Short(0x0028_0011, side)
                .Short(0x0028_0100, 16).Short(0x0028_0101, 12).Short(0x0028_0102, 11).Short(0x0028_0103, 0).Pixels(pixels).DataSet();
            files[i] = _folder[$"{folder}/{number}.dcm"];
            File.WriteAllBytes(files[i], WithMeta(dataSet, number));
        }
        return files;

        static string Even(string uid) => uid.Length % 2 == 0 ? uid : uid + "\0";

        static byte[] WithMeta(byte[] dataSet, int number)
        {
            byte[] meta = new DicomWriter().Bytes(0x0002_0001, "OB", [0, 1]).Text(0x0002_0002, "UI", Even(Digital))
                .Text(0x0002_0003, "UI", Even($"1.2.826.9.{number}")).Text(0x0002_0010, "UI", Even(Explicit))
                .Text(0x0002_0012, "UI", Even("1.2.826.1")).DataSet();
            byte[] length = new DicomWriter().Bytes(0x0002_0000, "UL", BitConverter.GetBytes(meta.Length)).DataSet();
            return [.. new byte[128], .. "DICM"u8, .. length, .. meta, .. dataSet];
        }
    }

    /// <summary>Requires one row and one file for each of the images 1 to a number, and that the files hold what was sent.</summary>
    void RequireEachOnce(int count)
    {
        string[] names = [.. Enumerable.Range(1, count).Select(i => $"1.2.826.9.{i}.dcm").Order(StringComparer.Ordinal)];
        Assert.Equal(names, Receiver.Received(Out));
        Assert.Equal(names.Select(n => $"received/{n}"),
            Receiver.RowsOf(Out).Select(r => r.GetProperty("file").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(Receiver.RowsOf(Out), r => Assert.True(r.TryGetProperty("opacity", out _), r.ToString()));
        foreach (string sent in Directory.GetFiles(_folder.Path, "*.dcm", SearchOption.AllDirectories)
            .Where(f => !f.StartsWith(Out, StringComparison.Ordinal)))
        {
            byte[] before = File.ReadAllBytes(sent),
                after = File.ReadAllBytes(Path.Combine(Out, "received", $"1.2.826.9.{Path.GetFileName(sent)}"));
            // The data set, which ends both.
            int length = before.Length - 144 - BitConverter.ToInt32(before, 140);
            Assert.True(before.AsSpan(^length..).SequenceEqual(after.AsSpan(^length..)), sent);
        }
    }

    /// <summary>An attribute's value, as DCMTK reads it; empty for none.</summary>
    static string Dump(string file, string tag)
    {
        string line = Command.Run(Receiver.Tool("dcmdump"), ["-q", "-Un", "+P", tag, file]).Output.Split('\n')[0];
        return line.Length < 16 ? "" : line[(line.IndexOf(')', StringComparison.Ordinal) + 5)..].Split(" #")[0].Trim().Trim('[', ']');
    }
}
