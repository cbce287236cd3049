using System.Net;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>What the server tells programs of itself, read by others' readers.</summary>
public sealed class MonitoringTests : IDisposable
{
    readonly RunningServer _server = new();

    static string Browser => Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Server.Tests", "browser");

    public void Dispose() => _server.Dispose();

    [Fact]
    public void The_metrics_are_read_by_prometheus_own_reader_and_count_what_was_done()
    {
        byte[] clear = File.ReadAllBytes(RunningServer.Sample("clear.png"));
        _server.Predict(clear);
        _server.Predict(clear, "?view=inline");
        _server.Predict("no image"u8.ToArray());
        _server.PredictForm([("a.png", clear), ("b.png", clear)]);
        HttpResponseMessage answer = _server.Get("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        const string Script = """
            import json, sys
            from prometheus_client.parser import text_string_to_metric_families as read
            found = {}
            for family in read(sys.stdin.read()):
                assert family.documentation and family.type in ('counter', 'gauge', 'histogram'), family.name
                for s in family.samples:
                    found[s.name + json.dumps(s.labels, sort_keys=True)] = s.value
            print(json.dumps(found))
            """;
        CommandResult read = Command.Run(
            "/usr/bin/python3", ["-c", Script], input: RunningServer.Bytes(answer));
        Assert.True(read.ExitCode == 0, $"needs apt-get install python3-prometheus-client: {read.Error}");
        JsonElement found = JsonDocument.Parse(read.Output).RootElement;
        Assert.Equal(4, Value("severity_images_total{\"outcome\": \"ok\"}"));
        Assert.Equal(1, Value("severity_images_total{\"outcome\": \"image_format_unknown\"}"));
        Assert.Equal(3, Value("severity_requests_total{\"route\": \"/v1/predict\", \"status\": \"200\"}"));
        Assert.Equal(1, Value("severity_requests_total{\"route\": \"/v1/predict\", \"status\": \"415\"}"));
        Assert.Equal(4, Value("severity_request_seconds_count{\"route\": \"/v1/predict\"}"));
        foreach (string stage in (string[])["decode", "preprocess", "infer"])
        {
            Assert.Equal(4, Value($"severity_stage_seconds_count{{\"stage\": \"{stage}\"}}"));
            Assert.Equal(4, Value($"severity_stage_seconds_bucket{{\"le\": \"+Inf\", \"stage\": \"{stage}\"}}"));
            Assert.True(Value($"severity_stage_seconds_sum{{\"stage\": \"{stage}\"}}") > 0);
        }
        Assert.Equal(5, Value("severity_stage_seconds_count{\"stage\": \"wait\"}"));
        Assert.Equal(5, Value("severity_stage_seconds_count{\"stage\": \"receive\"}"));
        Assert.Equal(1, Value("severity_requests_in_work{}"));
        Assert.Equal(0, Value("severity_images_waiting{}"));
        Assert.Equal(0, Value("severity_upload_bytes{}"));

        double Value(string sample) => found.GetProperty(sample).GetDouble();
    }

    [Fact]
    public void Addresses_that_clients_make_up_do_not_make_the_metrics_grow()
    {
        for (int i = 0; i < 50; i++)
            _server.Get($"/{Guid.NewGuid()}");
        string text = _server.GetText("/metrics");
        Assert.Contains("severity_requests_total{route=\"other\",status=\"404\"} 50\n", text, StringComparison.Ordinal);
        Assert.Equal(1, text.Split('\n').Count(l => l.StartsWith("severity_requests_total{", StringComparison.Ordinal)));
    }

    [Fact]
    public void Health_says_when_it_is_ready()
    {
        Assert.Equal("ready\n", _server.GetText("/healthz"));
        using HttpRequestMessage head = new(HttpMethod.Head, "/healthz");
        Assert.Equal(HttpStatusCode.OK, _server.Send(head).StatusCode);
    }

    [Fact]
    public void The_description_is_openapi_and_has_every_property_of_a_row()
    {
        using TemporaryFolder folder = new();
        string description = _server.GetText("/openapi.json");
        File.WriteAllText(folder["openapi.json"], description);
        NodeFolder.Install(Browser);
        CommandResult run = NodeFolder.Run(Browser, "check-openapi.mjs", folder["openapi.json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement document = JsonDocument.Parse(description).RootElement;
        JsonElement row = RunningServer.Json(_server.Predict(File.ReadAllBytes(RunningServer.Sample("severe.png")), "?saliency=inline"));
        JsonElement error = RunningServer.Json(_server.Predict("no image"u8.ToArray()));
        foreach (JsonElement said in (JsonElement[])[row, error])
            AssertDescribed(said, document.GetProperty("components").GetProperty("schemas").GetProperty("Row"));
        // And every address that it names is there.
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject().Where(p => p.Value.TryGetProperty("get", out _)))
            Assert.Equal(HttpStatusCode.OK, _server.Get(path.Name).StatusCode);
    }

    static void AssertDescribed(JsonElement said, JsonElement schema)
    {
        foreach (JsonProperty property in said.EnumerateObject())
        {
            Assert.True(schema.GetProperty("properties").TryGetProperty(property.Name, out JsonElement described), property.Name);
            string type = described.GetProperty("type").GetString()!;
            Assert.Contains(property.Value.ValueKind switch
            {
                JsonValueKind.String => "string",
                JsonValueKind.Array => "array",
                JsonValueKind.Object => "object",
                _ => "number integer",
            }, (string[])[type, type is "integer" or "number" ? "number integer" : ""]);
            if (type == "object")
                AssertDescribed(property.Value, described);
        }
    }
}
