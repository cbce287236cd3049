using System.Diagnostics;
using System.Net;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>Many clients at once; for minutes where SEVERITY_LOAD=1 asks for it.</summary>
public sealed class LoadTests
{
    const int Clients = 64;

    static readonly int s_requests = Environment.GetEnvironmentVariable("SEVERITY_LOAD") == "1" ? 200 : 5;

    [Fact]
    public void Sixty_four_clients_get_all_scores_right_in_steady_memory()
    {
        using RunningServer server = new("--queue", $"{Clients}");
        string[] samples = [.. new[] { "clear.png", "severe.png", "moderate.jpg" }.Select(RunningServer.Sample)];
        byte[][] images = [.. samples.Select(File.ReadAllBytes)];
        string[] expected = [.. Command.Run(Command.Binary, ["predict", .. samples, "--format", "jsonl"]).Lines.Select(Scores)];
        server.WorksInSteadyMemory(() =>
        {
            Stopwatch watch = Stopwatch.StartNew();
            Send().Wait();
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{Clients * s_requests / watch.Elapsed.TotalSeconds:0.0} images a second, {server.Memory >> 20} MiB");
        });

        Task Send() => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (int i = 0; i < s_requests; i++)
            {
                int sample = (client + i) % images.Length;
                using ByteArrayContent body = new(images[sample]);
                using HttpResponseMessage answer = await server.Client.PostAsync("/v1/predict", body);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.Equal(expected[sample], Scores(await answer.Content.ReadAsStringAsync()));
            }
        })));
    }

    static string Scores(string row)
    {
        JsonElement said = JsonDocument.Parse(row).RootElement;
        return $"{said.GetProperty("sha256")} {said.GetProperty("geographic_extent_raw").GetRawText()} "
            + said.GetProperty("opacity_raw").GetRawText();
    }
}
