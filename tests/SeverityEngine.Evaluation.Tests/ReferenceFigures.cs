using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests;

/// <summary>Pairs of scores and their figures by SciPy and its like, from tests/fixtures/evaluation/make_agreement.py.</summary>
static class ReferenceFigures
{
    static readonly JsonElement s_root = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "evaluation", "agreement.json"))).RootElement;

    public static IEnumerable<JsonElement> Cases => s_root.GetProperty("cases").EnumerateArray();

    public static JsonElement Raters => s_root.GetProperty("raters");

    public static JsonElement Case(string name) => Cases.Single(c => c.GetProperty("name").GetString() == name);

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];

    public static ScoreKind Kind(JsonElement of) =>
        of.GetProperty("score").GetString() == "opacity" ? ScoreKind.Opacity : ScoreKind.GeographicExtent;

    public static void AssertEqual(JsonElement expected, double? actual, double tolerance = 1e-6)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.GetDouble(), actual.Value, tolerance);
    }

    public static void AssertEqual(JsonElement expected, ConfidenceInterval? actual, double tolerance = 1e-6)
    {
        Assert.NotNull(actual);
        AssertEqual(expected[0], actual.Value.Low, tolerance);
        AssertEqual(expected[1], actual.Value.High, tolerance);
    }
}
