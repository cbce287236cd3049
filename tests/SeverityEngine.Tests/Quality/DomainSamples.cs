using System.Text.Json;
using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

/// <summary>Statistics small enough to compute with by hand, and reference data with the distances that NumPy computed.</summary>
static class DomainSamples
{
    /// <summary>Three features around (0, 0, 0), which vary along the first; one prototype, an edge from left to right.</summary>
    public static DomainStatistics Small => new()
    {
        Images = 20,
        Quantile = 0.9,
        Features = new FeatureStatistics
        {
            Mean = [0, 0, 0],
            Basis = [1, 0, 0],
            Variance = [4],
            ResidualVariance = 0.5,
            Threshold = 10,
        },
        Picture = new PictureStatistics { Prototypes = Edge(), Threshold = 0.1 },
        Aspect = new AspectRange(0.5, 2),
    };

    /// <summary>A picture of 16 x 16 that is white in its right quarter alone, as a normalized thumbnail.</summary>
    public static float[] Edge()
    {
        float[] picture = Input((x, _) => x < 12 ? -1024 : 1024);
        float[] thumbnail = new float[Thumbnail.Length];
        new Thumbnail(Thumbnail.Size).Average(picture, thumbnail);
        Thumbnail.Normalize(thumbnail);
        return thumbnail;
    }

    /// <summary>A network's input of 16 x 16.</summary>
    public static float[] Input(Func<int, int, float> value) =>
        [.. from y in Enumerable.Range(0, Thumbnail.Size) from x in Enumerable.Range(0, Thumbnail.Size) select value(x, y)];

    /// <summary>The same from averages of 0 to 1.</summary>
    public static float[] Input(double[] averages) => [.. averages.Select(u => (float)((2 * u - 1) * 1024))];

    public static JsonDocument Reference(string name) => JsonDocument.Parse(File.ReadAllText(TestData.Get("domain", name)));

    public static double[] Numbers(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
