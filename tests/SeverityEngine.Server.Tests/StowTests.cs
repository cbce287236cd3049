using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>DICOM objects by DICOMweb: STOW-RS of PS3.18.</summary>
public sealed class StowTests : IDisposable
{
    const string Explicit = "1.2.840.10008.1.2.1", Radiograph = "1.2.840.10008.5.1.4.1.1.1", Study = "1.2.3.4";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Objects_are_scored_and_their_rows_are_in_the_file_before_the_answer()
    {
        using RunningServer server = Server();
        HttpResponseMessage answer = Store(server, "/studies", Instance("1.2.3.5"), Instance("1.2.3.6"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/dicom+json", answer.Content.Headers.ContentType!.MediaType);
        JsonElement response = RunningServer.Json(answer);
        Assert.Equal("UR", response.GetProperty("00081190").GetProperty("vr").GetString());
        JsonElement stored = response.GetProperty("00081199");
        Assert.Equal("SQ", stored.GetProperty("vr").GetString());
        Assert.Equal([(Radiograph, "1.2.3.5"), (Radiograph, "1.2.3.6")],
            stored.GetProperty("Value").EnumerateArray().Select(i => (Uid(i, "00081150"), Uid(i, "00081155"))));
        Assert.False(response.TryGetProperty("00081198", out _));
        JsonElement[] rows = Rows();
        Assert.Equal(["1.2.3.5.dcm", "1.2.3.6.dcm"], rows.Select(r => r.GetProperty("file").GetString()));
        // As the command scores the same file.
        File.WriteAllBytes(_folder["x.dcm"], Instance("1.2.3.5"));
        JsonElement command = JsonDocument.Parse(
            Command.Severity("predict", _folder["x.dcm"], "--format", "jsonl", "--mode", "throughput").Output).RootElement;
        foreach (string property in (string[])["sha256", "geographic_extent_raw", "opacity_raw"])
            Assert.Equal(command.GetProperty(property).GetRawText(), rows[0].GetProperty(property).GetRawText());
    }

    [Fact]
    public void Each_failure_has_its_reason_and_the_others_are_stored()
    {
        using RunningServer server = Server();
        byte[] cut = Instance("1.2.3.8");
        HttpResponseMessage some = Store(server, "/studies", Instance("1.2.3.7"), cut[..^1000], "no DICOM"u8.ToArray());
        Assert.Equal(HttpStatusCode.Accepted, some.StatusCode);
        JsonElement response = RunningServer.Json(some);
        Assert.Equal(["1.2.3.7"], Items(response, "00081199").Select(i => Uid(i, "00081155")));
        Assert.Equal([("1.2.3.8", 0xC000)], Items(response, "00081198").Select(i => (Uid(i, "00081155"), Reason(i))));
        Assert.Equal([0xC000], Items(response, "0008119A").Select(Reason));
        HttpResponseMessage none = Store(server, $"/studies/{Study}.9", Instance("1.2.3.9"));
        Assert.Equal(HttpStatusCode.Conflict, none.StatusCode);
        Assert.Equal([("1.2.3.9", 0xC409)], Items(RunningServer.Json(none), "00081198").Select(i => (Uid(i, "00081155"), Reason(i))));
        Assert.Equal(HttpStatusCode.OK, Store(server, $"/studies/{Study}", Instance("1.2.3.9")).StatusCode);
        // What could not be scored has a row too, where it says which image it is.
        Assert.Equal(["1.2.3.7.dcm", "1.2.3.8.dcm", "1.2.3.9.dcm"], Rows().Select(r => r.GetProperty("file").GetString()));
        Assert.Equal("image_truncated", Rows()[1].GetProperty("error_code").GetString());
    }

    [Theory]
    [InlineData("multipart/related; type=\"application/dicom+json\"; boundary=x", "", 415)]
    [InlineData("multipart/related; boundary=x", "", 415)]
    [InlineData("application/dicom", "", 415)]
    [InlineData("multipart/related; type=\"application/dicom\"", "", 400)]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=x", "application/dicom+xml", 406)]
    [InlineData("multipart/related; type=\"application/dicom\"; boundary=x", "", 400)]
    public void A_request_of_another_form_is_refused(string contentType, string accept, int status)
    {
        using RunningServer server = Server();
        using HttpRequestMessage request = new(HttpMethod.Post, "/studies") { Content = new ByteArrayContent("--x--\r\n"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (accept.Length > 0)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        Assert.Equal(status, (int)server.Send(request).StatusCode);
    }

    [Fact]
    public void Reports_are_written_where_they_are_asked_for_and_are_not_scored_when_they_come_back()
    {
        using RunningServer server = Server("--dicom-report", _folder["reports"]);
        Assert.Equal(HttpStatusCode.OK, Store(server, "/studies", Instance("1.2.3.5")).StatusCode);
        string report = Rows().Single().GetProperty("dicom").GetProperty("report").GetString()!;
        CommandResult read = Command.Run("dsrdump", [report]);
        Assert.True(read.ExitCode == 0, read.Error);
        HttpResponseMessage back = Store(server, "/studies", File.ReadAllBytes(report));
        Assert.Equal(HttpStatusCode.Conflict, back.StatusCode);
        Assert.Equal([0x0122], Items(RunningServer.Json(back), "00081198").Select(Reason));
        Assert.Single(Rows());
    }

    [Fact]
    public void Rows_are_added_to_those_of_an_earlier_start()
    {
        for (int start = 1; start <= 2; start++)
        {
            using RunningServer server = Server();
            Store(server, "/studies", Instance($"1.2.3.{start}"));
            server.Signal("TERM");
            Assert.Equal(0, server.WaitForExit());
            Assert.Equal(start, Rows().Length);
        }
    }

    [Fact]
    public void Orthanc_sends_what_it_holds()
    {
        const string Plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";
        Assert.True(File.Exists(Plugin) || !OperatingSystem.IsLinux(), "needs apt-get install orthanc-dicomweb");
        using RunningServer server = Server();
        using OrthancServer orthanc = new(configuration =>
        {
            configuration["Plugins"] = new JsonArray(Plugin);
            configuration["DicomWeb"] = new JsonObject
            {
                ["Enable"] = true,
                ["Servers"] = new JsonObject { ["severity"] = new JsonArray(server.Address.ToString()) },
            };
        });
        JsonNode uploaded = orthanc.Post("/instances", Instance("1.2.3.77"));
        JsonNode sent = orthanc.Post("/dicom-web/servers/severity/stow", Encoding.UTF8.GetBytes(
            new JsonObject { ["Resources"] = new JsonArray(uploaded["ID"]!.GetValue<string>()), ["Synchronous"] = true }.ToJsonString()));
        JsonElement row = Rows().Single();
        Assert.Equal("1.2.3.77.dcm", row.GetProperty("file").GetString());
        Assert.True(row.TryGetProperty("geographic_extent", out _), sent.ToJsonString());
    }

    static byte[] Instance(string uid)
    {
        ushort[] pixels = new ushort[256 * 256];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (ushort)(2048 + (1500 * Math.Sin(i % 256 / 20.0) * Math.Cos(i / 256 / 30.0)));
        return new DicomWriter()
            .Text(0x0008_0016, "UI", Radiograph)
            .Text(0x0008_0018, "UI", uid)
            .Text(0x0008_0060, "CS", "DX")
            .Text(0x0010_0020, "LO", "P1")
            .Text(0x0020_000D, "UI", Study)
            .Text(0x0020_000E, "UI", Study + ".1")
            .Short(0x0028_0002, 1)
            .Text(0x0028_0004, "CS", "MONOCHROME2")
            .Short(0x0028_0010, 256)
            .Short(0x0028_0011, 256)
            .Short(0x0028_0100, 16)
            .Short(0x0028_0101, 12)
            .Short(0x0028_0102, 11)
            .Short(0x0028_0103, 0)
            .Pixels(pixels)
            .File(Explicit);
    }

    static HttpResponseMessage Store(RunningServer server, string address, params byte[][] objects)
    {
        List<byte> body = [];
        foreach (byte[] one in objects)
            body.AddRange([.. "--next\r\nContent-Type: application/dicom\r\n\r\n"u8, .. one, .. "\r\n"u8]);
        body.AddRange("--next--\r\n"u8);
        ByteArrayContent content = new([.. body]);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=next");
        return server.Post(address, content);
    }

    static JsonElement.ArrayEnumerator Items(JsonElement response, string sequence) =>
        response.GetProperty(sequence).GetProperty("Value").EnumerateArray();

    static string? Uid(JsonElement item, string tag) => item.GetProperty(tag).GetProperty("Value")[0].GetString();

    static int Reason(JsonElement item) => item.GetProperty("00081197").GetProperty("Value")[0].GetInt32();

    RunningServer Server(params string[] arguments) => new(["--rows", _folder["rows.jsonl"], .. arguments]);

    // Which the server locks for all programs of .NET, and for no others.
    JsonElement[] Rows() => [.. Command.Run("cat", [_folder["rows.jsonl"]]).Output.Split('\n')[..^1]
        .Select(line => JsonDocument.Parse(line).RootElement)];
}
