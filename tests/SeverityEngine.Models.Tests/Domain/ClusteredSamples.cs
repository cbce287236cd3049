namespace SeverityEngine.Models.Tests.Domain;

/// <summary>The samples of tests/fixtures/domain/make_domain_expectations.py, to the bit.</summary>
static class ClusteredSamples
{
    /// <summary>Images of some kinds, each with noise of its own.</summary>
    public static float[][] Make(int images, int values, int kinds, uint seed)
    {
        uint state = seed;
        uint[][] centers = [.. Enumerable.Range(0, kinds).Select(_ => Enumerable.Range(0, values).Select(_ => Next()).ToArray())];
        return [.. Enumerable.Range(0, images).Select(_ =>
        {
            uint[] center = centers[Next() % kinds];
            return center.Select(c => (4 * c + Next()) / (float)(1 << 17)).ToArray();
        })];

        uint Next()
        {
            state = unchecked(state * 1664525 + 1013904223);
            return state >> 16;
        }
    }
}
