using System.Diagnostics;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>The published program downloads from a server of the test's own, whose certificate SSL_CERT_FILE makes known to it.</summary>
public class InstallDownloadTests
{
    static string Served(string path) => StandIn.Checkpoint(path == "standin.pt" ? "standin-module-legacy.pt" : path);

    [Fact]
    public void Install_downloads_verifies_and_converts_and_a_second_model_uses_what_is_here()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SSL_CERT_FILE is known on Linux");
        using HttpsServer server = new(r => HttpsServer.File(r, File.ReadAllBytes(Served(r.Path))));
        using StandIn store = Trusting(server);
        CommandResult result = Install(store, StandIn.Cidc);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("100 % of 27.1 MiB", result.Error);
        Assert.True(File.Exists(store.ModelPath(StandIn.Cidc)));
        Assert.Equal(["standin.pt"], server.Requests.Select(r => r.Path));

        Assert.Equal(0, Install(store, StandIn.Ralo).ExitCode);
        Assert.Equal(["standin.pt", "mlp_geo.pkl", "mlp_opa.pkl"], server.Requests.Select(r => r.Path));
        Assert.Equal(0, store.Run("model", "verify").ExitCode);
    }

    [Fact]
    public void What_was_downloaded_by_a_process_that_was_killed_is_gone_on_with()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SSL_CERT_FILE is known on Linux");
        bool stall = true;
        using HttpsServer server = new(r => HttpsServer.File(r, File.ReadAllBytes(Served(r.Path)), "\"v1\"") is var answer && stall
            ? answer with { StopAfter = 5_000_000, Silent = true } : answer);
        using StandIn store = Trusting(server);
        string part = Path.Combine(store.Home, "downloads", "standin.pt.part");
        using (Process process =
            Command.Start(Command.Binary, ["model", "install", StandIn.Cidc, "--catalog", store.Catalog], store.Environment))
        {
            Assert.True(SpinWait.SpinUntil(() => File.Exists(part) && new FileInfo(part).Length > 1_000_000, TimeSpan.FromSeconds(60)));
            process.Kill();
            process.WaitForExit();
        }
        Assert.False(File.Exists(store.ModelPath(StandIn.Cidc)));
        Assert.Contains("not installed", store.Run("model", "list").Output);
        long kept = new FileInfo(part).Length;
        stall = false;
        Assert.Equal(0, Install(store, StandIn.Cidc).ExitCode);
        HttpsRequest last = server.Requests.Last();
        Assert.Equal($"bytes={kept}-", last.Range);
        Assert.Equal("\"v1\"", last.Headers["If-Range"]);
        Assert.Equal(0, store.Run("model", "verify", StandIn.Cidc).ExitCode);
        Assert.False(File.Exists(part));
    }

    [Fact]
    public void A_wrong_file_is_named_and_nothing_is_installed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SSL_CERT_FILE is known on Linux");
        byte[] wrong = File.ReadAllBytes(Served("standin.pt"));
        wrong[1_000_000] ^= 1;
        using HttpsServer server = new(r => HttpsServer.File(r, wrong));
        using StandIn store = Trusting(server);
        CommandResult result = Install(store, StandIn.Cidc);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("SHA-256", result.Error);
        Assert.False(Directory.Exists(Path.Combine(store.Home, "models")));
        Assert.False(File.Exists(Path.Combine(store.Home, "downloads", "standin.pt")));
    }

    [Fact]
    public void A_server_that_nobody_vouches_for_is_not_asked()
    {
        using HttpsServer server = new(r => HttpsServer.File(r, File.ReadAllBytes(Served(r.Path))));
        using StandIn store = new(server.Address(""));
        CommandResult result = Install(store, StandIn.Cidc);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("no secure connection to localhost", result.Error);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public void A_file_that_is_not_there_ends_in_what_to_do()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SSL_CERT_FILE is known on Linux");
        using HttpsServer server = new(_ => new HttpsAnswer(404));
        using StandIn store = Trusting(server);
        CommandResult result = Install(store, StandIn.Cidc);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("404", result.Error);
        Assert.Contains("--from", result.Error);
    }

    [Fact]
    public void Whenever_an_installation_is_killed_the_model_is_whole_or_not_there()
    {
        using StandIn store = new();
        string backbone = StandIn.Checkpoint("standin-module-legacy.pt"), model = store.ModelPath(StandIn.Cidc);
        Stopwatch whole = Stopwatch.StartNew();
        Assert.Equal(0, store.Install(StandIn.Cidc, backbone).ExitCode);
        TimeSpan longest = whole.Elapsed * 1.2;
        byte[] expected = File.ReadAllBytes(model);
        string record = File.ReadAllText(Path.ChangeExtension(model, ".json"));

        Random random = new(1);
        int there = 0, absent = 0;
        for (int i = 0; i < 25; i++)
        {
            File.Delete(model);
            File.Delete(Path.ChangeExtension(model, ".json"));
            using Process process = Command.Start(
                Command.Binary, ["model", "install", StandIn.Cidc, "--catalog", store.Catalog, "--from", backbone], store.Environment);
            // The last third of the time is when files are written.
            Thread.Sleep(longest * (i % 2 == 0 ? random.NextDouble() : 0.6 + 0.4 * random.NextDouble()));
            process.Kill();
            process.WaitForExit();
            if (File.Exists(model))
            {
                there++;
                Assert.Equal(expected, File.ReadAllBytes(model));
                Assert.Equal(record, File.ReadAllText(Path.ChangeExtension(model, ".json")));
                continue;
            }
            absent++;
            Assert.Contains($"{StandIn.Cidc}  not installed", store.Run("model", "list").Output);
        }
        Assert.True(absent > 0, $"every one of {there} was done before it was killed");
        TestContext.Current.TestOutputHelper?.WriteLine($"{there} were whole, {absent} not there");
        Assert.Equal(0, store.Install(StandIn.Cidc, backbone).ExitCode);
        Assert.Equal(expected, File.ReadAllBytes(model));
        Assert.Equal(0, store.Run("model", "verify").ExitCode);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(model)!, "*.partial"));
    }

    static CommandResult Install(StandIn store, string name) => store.Run("model", "install", name, "--catalog", store.Catalog);

    static StandIn Trusting(HttpsServer server)
    {
        StandIn store = new(server.Address(""));
        File.WriteAllText(store["server.pem"], server.CertificatePem);
        store.Environment["SSL_CERT_FILE"] = store["server.pem"];
        return store;
    }
}
