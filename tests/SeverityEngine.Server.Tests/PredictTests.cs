using System.Net;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>What the server says of an image is what the command says of it.</summary>
public sealed class PredictTests(UsualServer usual) : IClassFixture<UsualServer>
{
    readonly RunningServer _server = usual.Server;

    public static TheoryData<string> Images =>
    [
        "samples/clear.png", "samples/severe.png", "samples/moderate.jpg", "fixtures/dicom/display/implicit.dcm",
        "fixtures/dicom/planted.dcm", "fixtures/dicom/ct.dcm",
    ];

    [Theory]
    [MemberData(nameof(Images))]
    public void An_image_has_the_row_that_the_command_gives_it(string image)
    {
        string path = Path.Combine(TestData.RepositoryRoot, "tests", image);
        CommandResult command = Command.Severity("predict", path, "--format", "jsonl", "--mode", "throughput");
        HttpResponseMessage answer = _server.Predict(File.ReadAllBytes(path), $"?name={Uri.EscapeDataString(path)}");
        Assert.Equal(command.ExitCode == 0, answer.IsSuccessStatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        AssertSame(JsonDocument.Parse(command.Output).RootElement, RunningServer.Json(answer));
    }

    [Fact]
    public void A_form_with_several_files_has_a_row_for_each_in_order_and_an_error_is_its_files_alone()
    {
        (string Name, byte[] Bytes)[] files = [.. Files(), ("notes.txt", "no image"u8.ToArray()), .. Files()];
        HttpResponseMessage answer = _server.PredictForm(files);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        JsonElement[] rows = [.. RunningServer.Json(answer).EnumerateArray()];
        Assert.Equal(files.Select(f => f.Name), rows.Select(r => r.GetProperty("file").GetString()));
        Assert.Equal(["image_format_unknown"], rows.Where(r => r.TryGetProperty("error_code", out _))
            .Select(r => r.GetProperty("error_code").GetString()));
        Assert.All(rows.Where(r => r.GetProperty("file").GetString() == "clear.png"), row => Assert.Equal(
            CommandRow("clear.png").GetProperty("geographic_extent").GetDouble(), row.GetProperty("geographic_extent").GetDouble()));
    }

    [Fact]
    public void A_form_with_one_file_has_an_object()
    {
        JsonElement row = RunningServer.Json(_server.PredictForm(Files().Take(1)));
        AssertSame(CommandRow("clear.png"), row);
    }

    [Fact]
    public void Lines_are_given_to_who_accepts_lines()
    {
        HttpResponseMessage answer = _server.PredictForm(Files(), "application/x-ndjson");
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType!.MediaType);
        string[] lines = RunningServer.Text(answer).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Files().Select(f => f.Name), lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("file").GetString()));
    }

    [Fact]
    public void A_table_is_given_to_who_accepts_csv_with_the_commands_columns()
    {
        string[] table = RunningServer.Text(_server.PredictForm(Files(), "text/csv")).Split("\r\n");
        CommandResult command = Command.Run(Command.Binary, ["predict", "clear.png", "severe.png", "--format", "csv"],
            Path.GetDirectoryName(RunningServer.Sample("clear.png")));
        string[] expected = command.Output.Split("\r\n");
        Assert.Equal(expected[0], table[0]);
        int timings = Array.IndexOf(expected[0].Split(','), "timings_ms.decode");
        for (int row = 1; row < 3; row++)
            Assert.Equal(expected[row].Split(',')[..timings], table[row].Split(',')[..timings]);
    }

    [Fact]
    public void The_saliency_maps_picture_is_the_commands_byte_for_byte()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, Command.Severity("predict", RunningServer.Sample("severe.png"), "--saliency", folder["map.png"]).ExitCode);
        byte[] expected = File.ReadAllBytes(folder["map.png"]), image = File.ReadAllBytes(RunningServer.Sample("severe.png"));
        HttpResponseMessage alone = _server.Predict(image, "?saliency=png");
        Assert.Equal("image/png", alone.Content.Headers.ContentType!.MediaType);
        Assert.Equal(expected, RunningServer.Bytes(alone));
        JsonElement inline = RunningServer.Json(_server.Predict(image, "?saliency=inline")).GetProperty("saliency");
        Assert.Equal("data:image/png;base64," + Convert.ToBase64String(expected), inline.GetProperty("picture").GetString());
        Assert.Equal(("extent", "gradient"), (inline.GetProperty("of").GetString(), inline.GetProperty("method").GetString()));
    }

    [Fact]
    public void A_viewer_gets_the_xray_and_the_map_over_it_as_pictures_of_one_size()
    {
        JsonElement row = RunningServer.Json(_server.Predict(File.ReadAllBytes(RunningServer.Sample("severe.png")), "?view=inline"));
        JsonElement view = row.GetProperty("view");
        foreach (string picture in (string[])["x_ray", "overlay"])
        {
            string[] url = view.GetProperty(picture).GetString()!.Split(',');
            Assert.Equal("data:image/jpeg;base64", url[0]);
            using XRayImage decoded = XRayImage.Decode(Convert.FromBase64String(url[1]));
            Assert.Equal((row.GetProperty("width").GetInt32(), row.GetProperty("height").GetInt32()), (decoded.Width, decoded.Height));
        }
    }

    [Fact]
    public void A_name_in_the_form_is_text_wherever_it_leads()
    {
        string[] names = ["../../etc/passwd", "/etc/shadow", "C:\\x.png", "<script>.png", "ü.png"];
        JsonElement rows = RunningServer.Json(_server.PredictForm(names.Select(n => (n, "no image"u8.ToArray()))));
        Assert.All(rows.EnumerateArray(), row => Assert.Equal("image_format_unknown", row.GetProperty("error_code").GetString()));
        Assert.Equal(names.Length, rows.GetArrayLength());
        Assert.Equal("../../etc/passwd", rows[0].GetProperty("file").GetString());
    }

    static (string Name, byte[] Bytes)[] Files() =>
        [.. new[] { "clear.png", "severe.png" }.Select(name => (name, File.ReadAllBytes(RunningServer.Sample(name))))];

    static JsonElement CommandRow(string sample)
    {
        CommandResult command = Command.Run(Command.Binary, ["predict", sample, "--format", "jsonl", "--mode", "throughput"],
            Path.GetDirectoryName(RunningServer.Sample(sample)));
        return JsonDocument.Parse(command.Output).RootElement;
    }

    /// <summary>The same properties in the same order with the same values, but for times.</summary>
    static void AssertSame(JsonElement expected, JsonElement actual)
    {
        Assert.Equal(expected.EnumerateObject().Select(p => p.Name), actual.EnumerateObject().Select(p => p.Name));
        foreach (JsonProperty property in expected.EnumerateObject().Where(p => p.Name != "timings_ms"))
            Assert.Equal(property.Value.GetRawText(), actual.GetProperty(property.Name).GetRawText());
    }
}
