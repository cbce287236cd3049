namespace SeverityEngine.Tests.Saliency;

/// <summary>The formulas of <c>make_saliency_goldens.py</c>.</summary>
static class SaliencyFormula
{
    /// <summary>Waves from -1 to 1 over a square.</summary>
    public static float[] Field(int size, double a, double b) => [.. Enumerable.Range(0, size * size)
        .Select(i => (float)(Math.Sin((a * (i % size) / size) + 0.3) * Math.Cos((b * (i / size) / size) - 0.2)))];

    public static string Golden(string name) => Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "saliency", "goldens", name);
}
