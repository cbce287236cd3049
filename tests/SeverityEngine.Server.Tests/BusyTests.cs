using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>More than the server can do at once, clients that keep it waiting, and its end.</summary>
public sealed class BusyTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static byte[] Clear => File.ReadAllBytes(RunningServer.Sample("clear.png"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_does_not_fit_into_the_queue_is_told_to_come_back_and_the_rest_is_done()
    {
        using RunningServer server = Slow(ProductsOf(1.5), "--queue", "1");
        Task<HttpResponseMessage> first = Task.Run(() => server.Predict(Clear)), second = Task.Run(() => server.Predict(Clear));
        server.Until("both are in", () => server.Metric("severity_requests_admitted") == 2);
        HttpResponseMessage third = server.Predict(Clear);
        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (third.StatusCode, third.Headers.RetryAfter!.ToString()));
        Assert.Equal("busy", RunningServer.Json(third).GetProperty("error_code").GetString());
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [(await first).StatusCode, (await second).StatusCode]);
        Assert.Equal(HttpStatusCode.OK, server.Predict(Clear).StatusCode);
        Assert.Equal(1, server.Metric("severity_requests_total{route=\"/v1/predict\",status=\"429\"}"));
    }

    [Fact]
    public void A_score_that_takes_too_long_is_given_up()
    {
        using RunningServer server = Slow(5000, "--timeout", "1");
        HttpResponseMessage answer = server.Predict(Clear);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "timed_out"),
            (answer.StatusCode, RunningServer.Json(answer).GetProperty("error_code").GetString()));
    }

    [Fact]
    public void A_body_that_does_not_come_is_waited_for_no_longer_than_allowed()
    {
        using RunningServer server = new("--timeout", "1");
        string answer = server.Raw("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"timed_out\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_form_whose_end_does_not_come_holds_no_memory_after_its_time()
    {
        using RunningServer server = new("--timeout", "1");
        foreach (string query in (string[])["", "?view=inline"])
        {
            string part = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\n\r\n" + new string('x', 100_000)
                + "\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"b.png\"\r\n\r\nx";
            string answer = server.Raw($"POST /v1/predict{query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
                + $"Content-Type: multipart/form-data; boundary=x\r\n\r\n{part}");
            Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
            server.Until("its memory is free", () => server.Metric("severity_upload_bytes") == 0);
        }
    }

    [Fact]
    public void Connections_that_say_little_keep_nobody_out()
    {
        using RunningServer server = new();
        List<Socket> silent = [.. Enumerable.Range(0, 300).Select(_ => server.Connect())];
        try
        {
            foreach (Socket socket in silent)
                socket.Send("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nX: "u8);
            List<Socket> begun = [.. Enumerable.Range(0, 200).Select(_ => server.Connect())];
            silent.AddRange(begun);
            foreach (Socket socket in begun)
                socket.Send("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx"u8);
            Assert.Equal(HttpStatusCode.OK, server.Predict(Clear).StatusCode);
            // Headers that do not end are waited for ten seconds.
            server.Until("they are cut off", () => silent.Take(300).All(s => s.Poll(0, SelectMode.SelectRead)));
        }
        finally
        {
            silent.ForEach(s => s.Dispose());
        }
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_it_after_what_is_in_work_and_nothing_new_is_taken(string signal)
    {
        using RunningServer server = Slow(ProductsOf(1.5));
        Task<HttpResponseMessage> inWork = Task.Run(() => server.Predict(Clear));
        server.Until("it is in work", () => server.Metric("severity_requests_admitted") == 1);
        server.Signal(signal);
        server.Until("nobody listens any more", () =>
        {
            try
            {
                server.Connect().Dispose();
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        });
        Assert.Equal(HttpStatusCode.OK, (await inWork).StatusCode);
        Assert.Equal(0, server.WaitForExit());
        Assert.EndsWith("severity-server: ended", server.Said.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_in_work_for_too_long_does_not_keep_it_from_ending()
    {
        using RunningServer server = Slow(5000);
        Task<HttpResponseMessage?> inWork = Task.Run(() =>
        {
            try
            {
                return server.Predict(Clear);
            }
            catch (HttpRequestException)
            {
                return null;
            }
        });
        server.Until("it is in work", () => server.Metric("severity_requests_admitted") == 1);
        Stopwatch watch = Stopwatch.StartNew();
        server.Signal("TERM");
        Assert.Equal(0, server.WaitForExit());
        // Five seconds' patience; the bound is for a busy machine.
        Assert.InRange(watch.Elapsed.TotalSeconds, 3, 50);
        Assert.NotEqual(HttpStatusCode.OK, (await inWork)?.StatusCode);
    }

    [Fact]
    public void Many_clients_at_once_get_the_right_scores_and_memory_stays_as_it_is()
    {
        using RunningServer server = new("--workers", "2", "--queue", "64");
        string[] samples = ["clear.png", "severe.png", "moderate.jpg"];
        string[] expected = [.. samples.Select(s => Scores(server.Predict(File.ReadAllBytes(RunningServer.Sample(s)))))];
        server.WorksInSteadyMemory(() =>
        {
            const int Requests = 4;
            Task[] clients = [.. Enumerable.Range(0, 16).Select(client => Task.Run(() =>
            {
                for (int i = 0; i < Requests; i++)
                {
                    int sample = (client + i) % samples.Length;
                    Assert.Equal(expected[sample], Scores(server.Predict(File.ReadAllBytes(RunningServer.Sample(samples[sample])))));
                }
            }))];
            Task.WaitAll(clients);
        });
    }

    static string Scores(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        System.Text.Json.JsonElement row = RunningServer.Json(answer);
        return new StringBuilder().Append(row.GetProperty("sha256")).Append(row.GetProperty("geographic_extent_raw").GetRawText())
            .Append(row.GetProperty("opacity_raw").GetRawText()).ToString();
    }

    /// <summary>
    /// How long a model has to be to take so many seconds on this machine as busy as it is: long enough to be seen at work, and not so
    /// long that a server does not wait for its end.
    /// </summary>
    int ProductsOf(double seconds)
    {
        const int Tried = 100;
        using RunningServer server = Slow(Tried);
        server.Predict(Clear);
        Stopwatch watch = Stopwatch.StartNew();
        server.Predict(Clear);
        return (int)Math.Clamp(Tried * seconds / watch.Elapsed.TotalSeconds, 20, 10_000);
    }

    /// <summary>A server with one worker and a model that takes its time.</summary>
    RunningServer Slow(int products, params string[] arguments)
    {
        File.WriteAllBytes(_folder["slow.onnx"], SlowModel.Create(products));
        return new RunningServer(["--model", _folder["slow.onnx"], "--workers", "1", .. arguments]);
    }
}
