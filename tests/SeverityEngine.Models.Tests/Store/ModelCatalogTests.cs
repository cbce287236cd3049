using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Store;

public class ModelCatalogTests
{
    [Fact]
    public void The_published_files_are_pinned()
    {
        // The addresses, sizes and hashes of the published files, written out a second time: a slip in the catalog must not go unseen.
        Assert.Equal(
        [
            ("https://github.com/mlmed/torchxrayvision/releases/download/v1/"
            + "nih-pc-chex-mimic_ch-google-openi-kaggle-densenet121-d121-tw-lr001-rot45-tr15-sc15-seed0-best.pt",
                28_382_008L, "56524913dd16a906422e8d8b66a7a5c46be1d82eb7ac012d8103776f1aa68899"),
            ("https://github.com/mlmed/covid-severity/raw/master/weights/mlp_geo.pkl",
                4_104_295L, "dbd11833eafcb49121a5ad2264b8d7f7d7088b44aa5bfdae0a29fb077a216f44"),
            ("https://github.com/mlmed/covid-severity/raw/master/weights/mlp_opa.pkl",
                4_104_295L, "4be6fd7e7c6e4c5d365d2776ab172007262bc9ec887c3766c9caea222bc52ec9"),
        ],
        ModelCatalog.BuiltIn.Models.SelectMany(m => m.Files).Distinct().Select(f => (f.Url, f.Size, f.Sha256)));
    }

    [Fact]
    public void Both_published_models_are_there_with_head_license_and_citation()
    {
        Assert.Equal([("xrv-densenet121-cidc", "cidc", 1), ("xrv-densenet121-ralo", "ralo", 3)],
            ModelCatalog.BuiltIn.Models.Select(m => (m.Name, m.Head, m.Files.Count)));
        Assert.All(ModelCatalog.BuiltIn.Models, m =>
        {
            Assert.Contains("CC BY-SA 4.0", m.License);
            Assert.Contains("arXiv 2005.11856", m.Citation);
        });
        // Extent first: the head's files look alike.
        Assert.Equal(["mlp_geo.pkl", "mlp_opa.pkl"], ModelCatalog.BuiltIn.Find("xrv-densenet121-ralo").HeadFiles.Select(f => f.Name));
    }

    [Fact]
    public void The_published_scores_are_those_of_the_published_table() => Assert.Equal(
    [
        new PublishedScore("2966893D-5DDF-4B68-9E2B-4979D5956C8E.jpeg", 5.978744940174467, 4.169582852893416),
        new PublishedScore("31BA3780-2323-493F-8AED-62081B9C383B.jpeg", 6.293, 4.367),
        new PublishedScore("41591_2020_819_Fig1_HTML.webp-day5.png", 3.067, 2.335),
        new PublishedScore("8FDE8DBA-CFBD-4B4C-B1A4-6F36A93B7E87.jpeg", 0.9483, 1.0),
    ],
    ModelCatalog.BuiltIn.Find("xrv-densenet121-cidc").PublishedScores);

    [Fact]
    public void The_published_heads_are_the_files_that_are_pinned()
    {
        foreach (WeightsFile file in ModelCatalog.BuiltIn.Find("xrv-densenet121-ralo").HeadFiles)
            Assert.Equal(file.Size, file.Read(TestData.Get("checkpoints", file.Name)).Length);
    }

    [Fact]
    public void The_facts_stand_in_the_description_of_the_reference_system()
    {
        string facts = File.ReadAllText(TestData.Get("reference", "pipeline.md"));
        Assert.All(ModelCatalog.BuiltIn.Models.SelectMany(m => m.Files), f =>
        {
            Assert.Contains(f.Url, facts);
            Assert.Contains(f.Sha256, facts);
            Assert.Contains(f.Size.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), facts);
        });
    }

    [Fact]
    public void An_unknown_model_is_answered_with_those_that_are_known()
    {
        SeverityException error = Assert.Throws<SeverityException>(() => ModelCatalog.BuiltIn.Find("densenet"));
        Assert.Equal(SeverityError.ModelNotFound, error.Code);
        Assert.Contains("xrv-densenet121-cidc, xrv-densenet121-ralo", error.Message);
    }

    [Theory]
    [InlineData("\"url\": \"https://", "\"url\": \"http://", "no HTTPS address")]
    [InlineData("\"name\": \"mlp_geo.pkl\"", "\"name\": \"../mlp_geo.pkl\"", "no plain file name")]
    [InlineData("\"name\": \"xrv-densenet121-ralo\"", "\"name\": \"/etc/passwd\"", "no plain model name")]
    [InlineData("\"name\": \"xrv-densenet121-ralo\"", "\"name\": \".hidden\"", "no plain model name")]
    [InlineData("\"name\": \"xrv-densenet121-ralo\"", "\"name\": \"xrv-densenet121-cidc\"", "listed twice")]
    [InlineData("56524913", "5652491", "no SHA-256")]
    [InlineData("28382008", "-1", "size of -1")]
    [InlineData("28382008", "1e300", "not a catalog")]
    [InlineData("\"head\": \"ralo\"", "\"head\": \"cidc\"", "cidc has none")]
    [InlineData("[\"mlp_geo.pkl\", \"mlp_opa.pkl\"]", "[\"mlp_geo.pkl\", \"mlp_other.pkl\"]", "does not list the file mlp_other.pkl")]
    [InlineData("\"version\": \"1\",", "", "$.models[0]")]
    [InlineData("\"version\": \"1\"", "\"version\": null", "$.models[0].version")]
    [InlineData("{", "", "not a catalog")]
    public void A_catalog_that_could_mislead_is_refused(string text, string change, string fault)
    {
        using TemporaryFolder folder = new();
        string json = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "models", "catalog.json"));
        Assert.Contains(text, json);
        File.WriteAllText(folder["catalog.json"], json.Replace(text, change, StringComparison.Ordinal), new UTF8Encoding(false));
        SeverityException error = Assert.Throws<SeverityException>(() => ModelCatalog.Load(folder["catalog.json"]));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.Contains(fault, error.Message);
        Assert.Contains("catalog.json", error.Message);
    }
}
