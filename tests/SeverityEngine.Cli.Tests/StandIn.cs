using System.Security.Cryptography;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>
/// The published models with the stand-in in their backbone's place: a catalog of the published one's form, in a folder with a store of its
/// own.
/// </summary>
sealed class StandIn : IDisposable
{
    public const string Cidc = "xrv-densenet121-cidc";
    public const string Ralo = "xrv-densenet121-ralo";

    static readonly (string Name, string File)[] s_files =
        [("standin.pt", "standin-module-legacy.pt"), ("mlp_geo.pkl", "mlp_geo.pkl"), ("mlp_opa.pkl", "mlp_opa.pkl")];

    readonly TemporaryFolder _folder = new();

    /// <param name="address">Where the catalog says that the files are.</param>
    /// <param name="extraExtent">What the catalog's published scores have more than the stand-in gives.</param>
    public StandIn(string address = "https://localhost:1/", double extraExtent = 0)
    {
        Environment = new() { ["SEVERITY_HOME"] = Home };
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(TestData.Get("golden", "golden.json")));
        object[] scores = [.. golden.RootElement.GetProperty("standin_scores").EnumerateObject().Select(s => new
        {
            image = s.Name,
            geographic_extent = s.Value.GetProperty("geographic_extent").GetDouble() + extraExtent,
            opacity = s.Value.GetProperty("opacity").GetDouble(),
        })];
        File.WriteAllText(Catalog, JsonSerializer.Serialize(new
        {
            files = s_files.Select(f => new
            {
                name = f.Name,
                url = address + f.Name,
                size = new FileInfo(Checkpoint(f.File)).Length,
                sha256 = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Checkpoint(f.File)))),
                license = "none",
                source = "random numbers",
            }),
            models = new[] { Model(Cidc, "cidc", [], scores), Model(Ralo, "ralo", ["mlp_geo.pkl", "mlp_opa.pkl"], []) },
        }));

        static object Model(string name, string head, string[] files, object[] scores) => new
        {
            name,
            version = "1",
            description = "a stand-in",
            head,
            backbone = "standin.pt",
            head_files = files,
            license = "none",
            citation = "nobody",
            published_scores = scores,
        };
    }

    public string Home => _folder["home"];

    public string Catalog => _folder["catalog.json"];

    public Dictionary<string, string> Environment { get; }

    public string this[string name] => _folder[name];

    public static string Checkpoint(string name) => TestData.Get("checkpoints", name);

    public CommandResult Run(params string[] arguments) => Command.Run(Command.Binary, arguments, environment: Environment);

    public CommandResult Install(string name, params string[] from) =>
        Run(["model", "install", name, "--catalog", Catalog, "--from", .. from]);

    public string ModelPath(string name) => Path.Combine(Home, "models", name + ".onnx");

    public void Dispose() => _folder.Dispose();
}
