using System.Net;
using System.Text;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>Whatever is wrong with a request, its answer says what, and what to do.</summary>
public sealed class ErrorTests(UsualServer usual) : IClassFixture<UsualServer>
{
    readonly RunningServer _server = usual.Server;

    static byte[] Clear => File.ReadAllBytes(RunningServer.Sample("clear.png"));

    public static TheoryData<string, byte[], int, string> Bodies => new()
    {
        { "nothing", [], 400, "file_empty" },
        { "text", Encoding.ASCII.GetBytes("no image"), 415, "image_format_unknown" },
        { "WebP", [.. "RIFF\u0010\0\0\0WEBPVP8 "u8, .. new byte[40]], 415, "image_format_unsupported" },
        { "half a PNG", Clear[..(Clear.Length / 2)], 422, "image_truncated" },
        { "a PNG with a wrong byte", Changed(Clear), 422, "image_corrupt" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void An_image_without_a_score_has_the_engines_error_and_a_status(string what, byte[] body, int status, string code)
    {
        HttpResponseMessage answer = _server.Predict(body, $"?name={Uri.EscapeDataString(what)}");
        JsonElement row = RunningServer.Json(answer);
        Assert.Equal((status, code, what),
            ((int)answer.StatusCode, row.GetProperty("error_code").GetString(), row.GetProperty("file").GetString()));
        Assert.StartsWith($"{what}: ", row.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(row.TryGetProperty("geographic_extent", out _));
    }

    [Theory]
    [InlineData("--max-file-size", "1000", "file_too_large")]
    [InlineData("--max-pixels", "1000", "image_too_large")]
    [InlineData("--max-side", "639", "image_too_large")]
    public void A_limit_refuses_what_is_beyond_it(string option, string value, string code)
    {
        using RunningServer server = new(option, value);
        HttpResponseMessage alone = server.Predict(Clear);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, code),
            (alone.StatusCode, RunningServer.Json(alone).GetProperty("error_code").GetString()));
        // In a form, and in a body whose length is not said before.
        Assert.Equal(code, RunningServer.Json(server.PredictForm([("x.png", Clear)])).GetProperty("error_code").GetString());
        using HttpRequestMessage chunked = new(HttpMethod.Post, "/v1/predict") { Content = new ByteArrayContent(Clear) };
        chunked.Headers.TransferEncodingChunked = true;
        Assert.Equal(code, RunningServer.Json(server.Send(chunked)).GetProperty("error_code").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/predict", 405, "method_not_allowed")]
    [InlineData("POST", "/", 405, "method_not_allowed")]
    [InlineData("OPTIONS", "/v1/predict", 405, "method_not_allowed")]
    [InlineData("GET", "/v2/predict", 404, "not_found")]
    [InlineData("POST", "/studies", 404, "not_found")]
    [InlineData("POST", "/v1/predict?saliency=jpg", 400, "bad_request")]
    [InlineData("POST", "/v1/predict?threads=4", 400, "bad_request")]
    [InlineData("POST", "/v1/predict?name=", 400, "bad_request")]
    public void What_there_is_not_is_refused(string method, string address, int status, string code)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), address);
        HttpResponseMessage answer = _server.Send(request);
        Assert.Equal((status, code), ((int)answer.StatusCode, RunningServer.Json(answer).GetProperty("error_code").GetString()));
        Assert.Equal(status == 405, answer.Content.Headers.Allow.Count > 0);
    }

    [Theory]
    [InlineData("/../../../../etc/passwd")]
    [InlineData("/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("/page.css/../../etc/passwd")]
    [InlineData("/page.css%00.png")]
    [InlineData("/....//....//etc/passwd")]
    [InlineData("/C:\\Windows\\win.ini")]
    [InlineData("http://localhost/../../etc/passwd")]
    public void No_path_leads_to_a_file(string path)
    {
        string answer = _server.Raw($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (400|404) ", answer);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_accepted_is_said()
    {
        HttpResponseMessage answer = _server.Predict(Clear, accept: "text/html");
        Assert.Equal(HttpStatusCode.NotAcceptable, answer.StatusCode);
        Assert.Contains("application/x-ndjson", RunningServer.Text(answer), StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_are_made_of_one_image()
    {
        using MultipartFormDataContent form = new()
        {
            { new ByteArrayContent(Clear), "a", "a.png" },
            { new ByteArrayContent(Clear), "b", "b.png" },
        };
        HttpResponseMessage answer = _server.Post("/v1/predict?saliency=png", form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, _server.Predict(Clear[..9000], "?saliency=png").StatusCode);
    }

    [Fact]
    public void A_form_that_breaks_off_keeps_the_rows_before_and_says_so()
    {
        string head = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{0}.png\"\r\n\r\n";
        byte[] body =
        [
            .. Encoding.ASCII.GetBytes(head.Replace("{0}", "a", StringComparison.Ordinal)), .. Clear, .. "\r\n"u8,
            .. Encoding.ASCII.GetBytes(head.Replace("{0}", "b", StringComparison.Ordinal)), .. Clear[..5000],
        ];
        using ByteArrayContent content = new(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        JsonElement rows = RunningServer.Json(_server.Post("/v1/predict", content));
        Assert.Equal(2, rows.GetArrayLength());
        Assert.True(rows[0].TryGetProperty("geographic_extent", out _));
        Assert.Equal("file_unreadable", rows[1].GetProperty("error_code").GetString());
    }

    [Theory]
    [InlineData("--listen", "127.0.0.1")]
    [InlineData("--listen", "::1:80")]
    [InlineData("--listen", "nowhere:80")]
    [InlineData("--listen", "127.0.0.1:65536")]
    [InlineData("--rows", "rows.txt")]
    [InlineData("--dicom-report", "folder")]
    [InlineData("--queue", "-1")]
    [InlineData("--timeout", "0")]
    public void An_option_that_means_nothing_ends_the_start(string option, string value)
    {
        CommandResult result = Command.Run(RunningServer.Binary, [option, value]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
        Assert.Contains("Run 'severity-server --help'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_is_taken_ends_the_start()
    {
        CommandResult result = Command.Run(RunningServer.Binary, ["--listen", $"127.0.0.1:{_server.Address.Port}"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is in use by another program; give another --listen", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_version_and_licenses_are_there()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", Command.Run(RunningServer.Binary, ["-V"]).Output);
        string licenses = Command.Run(RunningServer.Binary, ["--licenses"]).Output;
        foreach (string package in (string[])["Microsoft.AspNetCore.App.Runtime", "Microsoft.ML.OnnxRuntime", "System.CommandLine"])
            Assert.Contains($"| {package}", licenses, StringComparison.Ordinal);
    }

    static byte[] Changed(byte[] image)
    {
        image[^1000] ^= 0x55;
        return image;
    }
}
