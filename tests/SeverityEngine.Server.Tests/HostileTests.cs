using System.Net;
using System.Text;

namespace SeverityEngine.Server.Tests;

/// <summary>Requests that nobody sends in good faith. The server answers the next one as before, and holds no more memory.</summary>
public sealed class HostileTests : IDisposable
{
    readonly RunningServer _server = new();

    static byte[] Clear => File.ReadAllBytes(RunningServer.Sample("clear.png"));

    public void Dispose()
    {
        try
        {
            Assert.Equal(HttpStatusCode.OK, _server.Predict(Clear).StatusCode);
            Assert.False(_server.HasExited, _server.Said);
            Assert.DoesNotContain("please report", _server.Said, StringComparison.Ordinal);
            Assert.Equal(0, _server.Metric("severity_upload_bytes"));
        }
        finally
        {
            _server.Dispose();
        }
    }

    [Fact]
    public void Random_bytes_for_a_request_for_a_body_and_for_a_form()
    {
        Random random = new(7);
        _server.WorksInSteadyMemory(() =>
        {
            for (int i = 0; i < 75; i++)
            {
                byte[] bytes = new byte[random.Next(1, 30_000)];
                random.NextBytes(bytes);
                switch (i % 3)
                {
                    case 0:
                        _server.Raw(bytes, ends: true);
                        break;
                    case 1:
                        HttpResponseMessage answer = _server.Predict(bytes);
                        Assert.InRange((int)answer.StatusCode, 400, 499);
                        break;
                    default:
                        string head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + $"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {bytes.Length}\r\n\r\n";
                        _server.Raw([.. Encoding.ASCII.GetBytes(head), .. bytes], ends: true);
                        break;
                }
            }
        });
    }

    [Theory]
    [InlineData("ten thousand headers")]
    [InlineData("a header of a megabyte")]
    [InlineData("a line of a megabyte")]
    [InlineData("two lengths")]
    [InlineData("a length and chunks")]
    [InlineData("a negative length")]
    [InlineData("a chunk of all memory")]
    [InlineData("a line's end inside a header")]
    public void A_request_that_breaks_the_form_of_http(string what)
    {
        string head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\n";
        string request = what switch
        {
            "ten thousand headers" => head + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: {i}\r\n")) + "\r\n",
            "a header of a megabyte" => head + "X: " + new string('x', 1 << 20) + "\r\n\r\n",
            "a line of a megabyte" => "GET /" + new string('x', 1 << 20) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "two lengths" => head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "a length and chunks" => head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
            "a negative length" => head + "Content-Length: -5\r\n\r\n",
            "a chunk of all memory" => head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\nx",
            _ => head + "X: a\nY: b\rZ: c\r\n\r\n",
        };
        _server.WorksInSteadyMemory(() =>
        {
            string answer = _server.Raw(request, ends: what == "a chunk of all memory");
            // What is far too long is cut off, and the answer may be lost in what was still under way.
            Assert.Matches(request.Length > 100_000 || what.StartsWith("a chunk", StringComparison.Ordinal)
                ? "^(HTTP/1.1 4|$)" : "^HTTP/1.1 4", answer);
        });
    }

    [Fact]
    public void A_length_that_is_only_claimed_takes_no_memory()
    {
        long before = _server.Memory;
        List<System.Net.Sockets.Socket> open = [.. Enumerable.Range(0, 50).Select(_ => _server.Connect())];
        foreach (System.Net.Sockets.Socket socket in open)
            socket.Send("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 250000000\r\n\r\nx"u8);
        _server.Until("all are read", () => _server.Metric("severity_requests_in_work") >= 51);
        // 50 times 250 MB are claimed.
        Assert.InRange(_server.Memory, 0, before + (128L << 20));
        open.ForEach(s => s.Dispose());
        _server.Until("their memory is free", () => _server.Metric("severity_upload_bytes") == 0);
    }

    [Fact]
    public void More_images_at_once_than_memory_is_meant_for_are_told_to_come_back()
    {
        // Each holds 64 MiB of the 256 MiB, and lacks its last byte.
        using RunningServer server = new("--max-file-size", "100M");
        byte[] head = Encoding.ASCII.GetBytes($"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {(40 << 20) + 1}\r\n\r\n");
        byte[] part = new byte[40 << 20];
        List<System.Net.Sockets.Socket> open = [];
        for (int i = 0; i < 4; i++)
        {
            open.Add(server.Connect());
            open[i].Send(head);
            open[i].Send(part);
        }
        server.Until("all are in", () => server.Metric("severity_upload_bytes") == 256 << 20);
        HttpResponseMessage answer = server.Predict(Clear);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (answer.StatusCode, answer.Headers.RetryAfter?.ToString()));
        Assert.Equal("out_of_memory", RunningServer.Json(answer).GetProperty("error_code").GetString());
        open.ForEach(s => s.Dispose());
        server.Until("their memory is free", () => server.Metric("severity_upload_bytes") == 0);
        Assert.Equal(HttpStatusCode.OK, server.Predict(Clear).StatusCode);
    }

    [Theory]
    [InlineData("--x\r\n")]
    [InlineData("--x")]
    [InlineData("no boundary at all")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.png\"\r\n\r\n")]
    [InlineData("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n")]
    [InlineData("--x\r\nno header\r\n\r\nx\r\n--x--\r\n")]
    [InlineData("--x--\r\n")]
    public void A_form_that_is_none(string body)
    {
        using ByteArrayContent content = new(Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        HttpResponseMessage answer = _server.Post("/v1/predict", content);
        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Fact]
    public void A_thousand_parts_are_the_most_and_the_next_has_an_error()
    {
        StringBuilder body = new();
        for (int i = 0; i < 1200; i++)
            body.Append("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n");
        using ByteArrayContent content = new(Encoding.ASCII.GetBytes(body.Append("--x--\r\n").ToString()));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        System.Text.Json.JsonElement rows = RunningServer.Json(_server.Post("/v1/predict", content));
        Assert.Equal(1001, rows.GetArrayLength());
        Assert.Equal("invalid_argument", rows[1000].GetProperty("error_code").GetString());
    }

    [Fact]
    public void Clients_that_go_away_in_the_middle_of_a_form()
    {
        byte[] part = Encoding.ASCII.GetBytes("POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n"
            + "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx");
        for (int i = 0; i < 100; i++)
        {
            using System.Net.Sockets.Socket socket = _server.Connect();
            socket.Send(part);
            // The server reads, and waits for the rest of the part when the connection breaks.
            _server.Until("it is read", () => _server.Metric("severity_requests_in_work") == 2);
            socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
            socket.Close();
            _server.Until("it is gone", () => _server.Metric("severity_requests_in_work") == 1);
        }
    }

    [Fact]
    public void Clients_that_go_away_leave_nothing_behind()
    {
        byte[] head = Encoding.ASCII.GetBytes($"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Clear.Length}\r\n\r\n");
        for (int i = 0; i < 40; i++)
        {
            using System.Net.Sockets.Socket socket = _server.Connect();
            socket.Send(head);
            socket.Send(i % 2 == 0 ? Clear : Clear[..1000]);
            socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        }
        _server.Until("all is as before", () => _server.Metric("severity_requests_admitted") == 0
            && _server.Metric("severity_requests_in_work") == 1 && _server.Metric("severity_upload_bytes") == 0);
    }
}
