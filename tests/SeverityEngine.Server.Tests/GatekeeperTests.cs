using System.Net;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>A page of another site, open in a browser on the same machine, gets nothing.</summary>
public sealed class GatekeeperTests(UsualServer usual) : IClassFixture<UsualServer>
{
    readonly RunningServer _server = usual.Server;

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("localhost:1234", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:80", 200)]
    [InlineData("192.0.2.7:8080", 200)]
    [InlineData("evil.example", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("127.0.0.1.nip.io", 421)]
    public void A_name_that_is_not_the_servers_is_refused(string host, int status)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/healthz") { Headers = { Host = host } };
        Assert.Equal(status, (int)_server.Send(request).StatusCode);
    }

    [Fact]
    public void A_name_that_is_allowed_is_the_servers()
    {
        using RunningServer server = new("--allow-host", "scores.example");
        using HttpRequestMessage allowed = new(HttpMethod.Get, "/healthz") { Headers = { Host = "scores.example" } };
        using HttpRequestMessage other = new(HttpMethod.Get, "/healthz") { Headers = { Host = "evil.example" } };
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.MisdirectedRequest),
            (server.Send(allowed).StatusCode, server.Send(other).StatusCode));
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "https://127.0.0.1:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public void What_another_sites_page_sends_is_refused_and_nothing_is_shared_with_it(string header, string value)
    {
        (HttpMethod, string)[] asked =
            [(HttpMethod.Post, "/v1/predict"), (HttpMethod.Get, "/metrics"), (HttpMethod.Options, "/v1/predict")];
        foreach ((HttpMethod method, string address) in asked)
        {
            using HttpRequestMessage request = new(method, address);
            request.Headers.Add(header, value);
            HttpResponseMessage answer = _server.Send(request);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void The_servers_own_page_and_a_link_to_it_are_let_in()
    {
        string own = _server.Address.ToString().TrimEnd('/');
        using HttpRequestMessage page = new(HttpMethod.Post, "/v1/predict")
        {
            Content = new ByteArrayContent(File.ReadAllBytes(RunningServer.Sample("clear.png"))),
        };
        page.Headers.Add("Origin", own);
        page.Headers.Add("Sec-Fetch-Site", "same-origin");
        Assert.Equal(HttpStatusCode.OK, _server.Send(page).StatusCode);
        using HttpRequestMessage link = new(HttpMethod.Get, "/");
        link.Headers.Add("Sec-Fetch-Site", "cross-site");
        link.Headers.Add("Sec-Fetch-Mode", "navigate");
        link.Headers.Add("Sec-Fetch-Dest", "document");
        Assert.Equal(HttpStatusCode.OK, _server.Send(link).StatusCode);
    }

    [Fact]
    public void Answers_are_kept_by_nobody_and_taken_for_what_they_are()
    {
        HttpResponseMessage answer = _server.Predict("no image"u8.ToArray());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["no-referrer"], answer.Headers.GetValues("Referrer-Policy"));
        string policy = _server.Get("/").Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_an_image_is_said_on_standard_error()
    {
        using RunningServer server = new();
        server.PredictForm([("DOE^JOHN.png", "no image"u8.ToArray()), ("SMITH.png", File.ReadAllBytes(RunningServer.Sample("clear.png")))]);
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        Assert.DoesNotContain("DOE", server.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("SMITH", server.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_in_the_file_system_serves_its_owner_and_goes_with_the_server()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "tried where the tests know the mode of sockets");
        using TemporaryFolder folder = new();
        string path = folder["s.sock"];
        for (int start = 0; start < 2; start++)
        {
            using RunningServer server = new("--unix-socket", path);
            Assert.Equal("srw-rw----", Command.Run("stat", ["-c", "%A", path]).Output.Trim());
            CommandResult answer = Command.Run("curl",
                ["-sS", "--unix-socket", path, "--data-binary", $"@{RunningServer.Sample("clear.png")}", "http://any.name/v1/predict"]);
            Assert.Contains("\"geographic_extent\":", answer.Output, StringComparison.Ordinal);
            CommandResult second = Command.Run(RunningServer.Binary, ["--unix-socket", path]);
            Assert.Equal(2, second.ExitCode);
            Assert.Contains("in use", second.Error, StringComparison.Ordinal);
            if (start == 0)
            {
                // What a killed server leaves is no obstacle to the next.
                server.Signal("KILL");
                server.WaitForExit();
                Assert.True(File.Exists(path));
                continue;
            }
            server.Signal("TERM");
            Assert.Equal(0, server.WaitForExit());
            Assert.False(File.Exists(path));
        }
        File.WriteAllText(path, "mine");
        Assert.Equal(2, Command.Run(RunningServer.Binary, ["--unix-socket", path]).ExitCode);
        Assert.Equal("mine", File.ReadAllText(path));
    }
}
