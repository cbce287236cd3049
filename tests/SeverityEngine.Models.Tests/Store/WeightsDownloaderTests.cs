using System.Net;
using SeverityEngine.Models.Download;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Store;

public class WeightsDownloaderTests
{
    const int Size = 1_000_000;

    static readonly byte[] s_content = Content(1);
    static readonly DownloadSettings s_settings =
        new() { Stall = TimeSpan.FromSeconds(20), FirstWait = TimeSpan.FromMilliseconds(1), Attempts = 3 };

    readonly List<DownloadProgress> _progress = [];

    [Fact]
    public async Task A_file_comes_whole_and_gets_its_name()
    {
        using HttpsServer server = new(r => HttpsServer.File(r, s_content));
        using TemporaryFolder folder = new();
        string path = await Download(server, folder);
        Assert.Equal(folder["weights.pt"], path);
        Assert.Equal(s_content, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.Equal(Size, _progress[^1].Received);
        Assert.Null(Assert.Single(server.Requests).Range);
    }

    [Theory]
    [InlineData("\"tag\"", "If-Range", "\"tag\"")]
    [InlineData("W/\"tag\"", "If-Range", null)]
    [InlineData(null, "If-Range", null)]
    public async Task A_cut_connection_is_gone_on_with_where_it_broke_off(string? tag, string header, string? mark)
    {
        int requests = 0;
        using HttpsServer server = new(r => requests++ == 0
            ? HttpsServer.File(r, s_content, tag) with { StopAfter = 300_000 }
            : HttpsServer.File(r, s_content, tag));
        using TemporaryFolder folder = new();
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        HttpsRequest second = server.Requests.Last();
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal("bytes=300000-", second.Range);
        Assert.Equal(mark, second.Headers.GetValueOrDefault(header));
        Assert.Contains(_progress, p => p.Trouble is not null);
    }

    [Fact]
    public async Task A_later_run_goes_on_where_an_earlier_one_ended()
    {
        bool cut = true;
        using HttpsServer server =
            new(r => HttpsServer.File(r, s_content, "\"tag\"") is var answer && cut ? answer with { StopAfter = 200_000 } : answer);
        using TemporaryFolder folder = new();
        // No attempt brings all that the server has promised, and the third gives up; what came is kept.
        using (HttpsServer gone = new(_ => new HttpsAnswer(503)))
            Assert.Equal(SeverityError.DownloadFailed, (await Fails(gone, folder)).Code);
        using (CancellationTokenSource cancellation = new())
        {
            SeverityException error = await Assert.ThrowsAsync<SeverityException>(() => Download(server, folder, progress: p =>
            {
                if (p.Trouble is not null)
                    cancellation.Cancel();
            }, cancellation: cancellation.Token));
            Assert.Equal(SeverityError.Canceled, error.Code);
        }
        const int Kept = 200_000;
        Assert.Equal(Kept, new FileInfo(folder["weights.pt.part"]).Length);
        Assert.False(File.Exists(folder["weights.pt"]));
        cut = false;
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        Assert.Equal($"bytes={Kept}-", server.Requests.Last().Range);
        Assert.Equal("\"tag\"", server.Requests.Last().Headers["If-Range"]);
        Assert.Equal([folder["weights.pt"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_sends_all_again()
    {
        using HttpsServer server = new(_ => new HttpsAnswer(200, s_content));
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["weights.pt.part"], s_content[..400_000]);
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        Assert.Equal("bytes=400000-", Assert.Single(server.Requests).Range);
    }

    [Fact]
    public async Task A_file_that_changed_on_the_server_is_not_mixed_with_what_is_here()
    {
        using HttpsServer server = new(r => HttpsServer.File(r, s_content, "\"new\""));
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["weights.pt.part"], Content(2)[..400_000]);
        File.WriteAllText(folder["weights.pt.part.version"], "\"old\"");
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(400_000)]
    [InlineData(Size)]
    [InlineData(Size + 1)]
    public async Task A_part_of_something_else_is_found_out_and_dropped(int length)
    {
        using HttpsServer server = new(r => HttpsServer.File(r, s_content));
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["weights.pt.part"], Content(2, length));
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        Assert.Null(server.Requests.Last().Range);
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_part_is_refused_and_what_it_leads_to_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using HttpsServer server = new(r => HttpsServer.File(r, s_content));
        using TemporaryFolder folder = new();
        // Larger than the file: such a part is emptied before anything is asked for.
        File.WriteAllBytes(folder["victim"], Content(2, Size + 1));
        File.CreateSymbolicLink(folder["weights.pt.part"], folder["victim"]);
        SeverityException error = await Fails(server, folder);
        Assert.Equal(SeverityError.FileUnwritable, error.Code);
        Assert.Contains("weights.pt.part: is a symbolic link", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        Assert.Equal(Content(2, Size + 1), File.ReadAllBytes(folder["victim"]));
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_parts_version_is_neither_read_nor_written_through()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using HttpsServer server = new(r => r.Range is null ? HttpsServer.File(r, s_content, "\"tag\"") : new HttpsAnswer(416));
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["victim"], "\"kept\"");
        File.WriteAllBytes(folder["weights.pt.part"], s_content[..400_000]);
        File.CreateSymbolicLink(folder["weights.pt.part.version"], folder["victim"]);
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        Assert.Equal(["bytes=400000-", null], server.Requests.Select(r => r.Range));
        Assert.DoesNotContain(server.Requests, r => r.Headers.ContainsKey("If-Range"));
        Assert.Equal("\"kept\"", File.ReadAllText(folder["victim"]));
    }

    [Fact]
    public async Task A_range_that_the_server_refuses_starts_anew()
    {
        using HttpsServer server = new(r => r.Range is null ? new HttpsAnswer(200, s_content) : new HttpsAnswer(416));
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["weights.pt.part"], s_content[..400_000]);
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_file_of_the_wrong_hash_is_deleted_and_both_hashes_are_named()
    {
        using HttpsServer server = new(r => HttpsServer.File(r, Content(2)));
        using TemporaryFolder folder = new();
        SeverityException error = await Fails(server, folder);
        Assert.Equal(SeverityError.VerificationFailed, error.Code);
        Assert.Contains(ContentHash.Sha256(s_content), error.Message);
        Assert.Contains(ContentHash.Sha256(Content(2)), error.Message);
        AssertNothingKept(folder);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(Size - 1)]
    [InlineData(Size + 1)]
    public async Task A_file_of_another_size_is_refused_before_it_is_read(int size)
    {
        using HttpsServer server = new(_ => new HttpsAnswer(200, Content(1, size)));
        using TemporaryFolder folder = new();
        SeverityException error = await Fails(server, folder);
        Assert.Equal(SeverityError.VerificationFailed, error.Code);
        Assert.Contains($"{size} bytes", error.Message);
        AssertNothingKept(folder);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_at_the_files_size()
    {
        // No length is announced, so only counting can tell.
        using HttpsServer server = new(_ => new HttpsAnswer(200, Content(1, 5 * Size)) { Headers = { ["Content-Length"] = "" } });
        using TemporaryFolder folder = new();
        SeverityException error = await Fails(server, folder);
        Assert.Equal(SeverityError.VerificationFailed, error.Code);
        Assert.Contains("sends more than", error.Message);
        Assert.All(_progress, p => Assert.InRange(p.Received, 0, Size));
        AssertNothingKept(folder);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(407)]
    [InlineData(204)]
    public async Task An_answer_that_will_not_change_ends_at_once(int status)
    {
        using HttpsServer server = new(_ => new HttpsAnswer(status));
        using TemporaryFolder folder = new();
        SeverityException error = await Fails(server, folder);
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
        Assert.Contains($"{status}", error.Message);
        Assert.Contains("--from", error.Message);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_passing_fault_is_tried_again_and_a_lasting_one_given_up(int status)
    {
        int failures = 2;
        using HttpsServer server = new(r => failures-- > 0 ? new HttpsAnswer(status) : HttpsServer.File(r, s_content));
        using TemporaryFolder folder = new();
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        failures = int.MaxValue;
        File.Delete(folder["weights.pt"]);
        SeverityException error = await Fails(server, folder);
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
        Assert.Contains($"{status}", error.Message);
        Assert.Equal(3 + s_settings.Attempts, server.Requests.Count);
    }

    [Fact]
    public async Task Redirects_are_followed_with_the_range_and_only_so_far()
    {
        using HttpsServer server = new(r => r.Path switch
        {
            "weights.pt" => new HttpsAnswer(302) { Headers = { ["Location"] = "/elsewhere" } },
            "elsewhere" => HttpsServer.File(r, s_content),
            _ => new HttpsAnswer(301) { Headers = { ["Location"] = "/again" } },
        });
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["weights.pt.part"], s_content[..400_000]);
        Assert.Equal(s_content, File.ReadAllBytes(await Download(server, folder)));
        Assert.All(server.Requests, r => Assert.Equal("bytes=400000-", r.Range));

        SeverityException error = await Assert.ThrowsAsync<SeverityException>(() => Download(server, folder, server.Address("round")));
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
        Assert.Contains("redirects more than 10 times", error.Message);
    }

    [Theory]
    [InlineData("http://localhost:1/weights.pt")]
    [InlineData("ftp://localhost/weights.pt")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_away_from_https_is_refused(string location)
    {
        using HttpsServer server = new(_ => new HttpsAnswer(302) { Headers = { ["Location"] = location } });
        using TemporaryFolder folder = new();
        SeverityException error = await Fails(server, folder);
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
        Assert.Contains("not HTTPS", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_address_that_is_not_https_is_refused_before_anything_is_sent()
    {
        using HttpsServer server = new(r => HttpsServer.File(r, s_content));
        using TemporaryFolder folder = new();
        SeverityException error = await Assert.ThrowsAsync<SeverityException>(
            () => Download(server, folder, server.Address("weights.pt").Replace("https:", "http:", StringComparison.Ordinal)));
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
        Assert.Contains("not HTTPS", error.Message);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300_000)]
    public async Task A_server_that_stalls_is_left_and_asked_again(int after)
    {
        int requests = 0;
        using HttpsServer server = new(r => requests++ == 0 ? HttpsServer.File(r, s_content) with { StopAfter = after, Silent = true }
            : HttpsServer.File(r, s_content));
        using TemporaryFolder folder = new();
        string path = await Download(server, folder, settings: s_settings with { Stall = TimeSpan.FromSeconds(1) });
        Assert.Equal(s_content, File.ReadAllBytes(path));
        Assert.Contains(_progress, p => p.Trouble?.Contains("sent nothing for 1 s", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_server_that_nobody_vouches_for_is_refused()
    {
        using HttpsServer server = new(r => HttpsServer.File(r, s_content));
        using TemporaryFolder folder = new();
        using WeightsDownloader downloader = new();
        SeverityException error = await Assert.ThrowsAsync<SeverityException>(() => downloader.DownloadAsync(
            Weights(server.Address("weights.pt")), folder.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
        Assert.Contains("no secure connection to localhost", error.Message);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        using TemporaryFolder folder = new();
        string address;
        using (HttpsServer server = new(_ => new HttpsAnswer(500)))
            address = server.Address("weights.pt");
        using WeightsDownloader downloader = new(new SocketsHttpHandler { UseProxy = false }, s_settings);
        SeverityException error = await Assert.ThrowsAsync<SeverityException>(
            () => downloader.DownloadAsync(Weights(address), folder.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
        Assert.Contains("localhost", error.Message);
    }

    [Fact]
    public async Task Two_who_download_the_same_file_at_once_both_get_it()
    {
        using ManualResetEventSlim second = new();
        int requests = 0;
        using HttpsServer server = new(r =>
        {
            if (Interlocked.Increment(ref requests) == 1)
                second.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            else
                second.Set();
            return HttpsServer.File(r, s_content);
        });
        using TemporaryFolder folder = new();
        string[] paths =
            await Task.WhenAll(Download(server, folder), Task.Run(() => Download(server, folder), TestContext.Current.CancellationToken));
        Assert.Equal(paths[0], paths[1]);
        Assert.Equal(s_content, File.ReadAllBytes(paths[0]));
        Assert.Equal([folder["weights.pt"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_proxy_is_asked_for_a_tunnel_and_its_refusal_reported()
    {
        using TemporaryFolder folder = new();
        using WeightsDownloader downloader = new(
            new SocketsHttpHandler { Proxy = new WebProxy("http://localhost:1"), AllowAutoRedirect = false },
            s_settings with { Attempts = 1 });
        SeverityException error = await Assert.ThrowsAsync<SeverityException>(() =>
            downloader.DownloadAsync(Weights("https://localhost:2/w"), folder.Path, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(SeverityError.DownloadFailed, error.Code);
    }

    static byte[] Content(int seed, int size = Size)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    static WeightsFile Weights(string url) => new("weights.pt", url, Size, ContentHash.Sha256(s_content), "CC0", "here");

    static void AssertNothingKept(TemporaryFolder folder)
    {
        Assert.False(File.Exists(folder["weights.pt"]));
        Assert.All(Directory.GetFiles(folder.Path), f => Assert.Equal(0, new FileInfo(f).Length));
    }

    async Task<string> Download(HttpsServer server, TemporaryFolder folder, string? address = null, DownloadSettings? settings = null,
        Action<DownloadProgress>? progress = null, CancellationToken? cancellation = null)
    {
        using WeightsDownloader downloader = new(server.Handler(), settings ?? s_settings);
        return await downloader.DownloadAsync(Weights(address ?? server.Address("weights.pt")), folder.Path, new Listener(p =>
        {
            lock (_progress)
                _progress.Add(p);
            progress?.Invoke(p);
        }), cancellation ?? TestContext.Current.CancellationToken);
    }

    Task<SeverityException> Fails(HttpsServer server, TemporaryFolder folder) =>
        Assert.ThrowsAsync<SeverityException>(() => Download(server, folder));

    sealed class Listener(Action<DownloadProgress> heard) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => heard(value);
    }
}
