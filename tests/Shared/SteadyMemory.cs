namespace SeverityEngine.Tests;

/// <summary>
/// Whether work again and again needs no more memory than before. Two readings can't tell: resident memory goes up and down by tens of
/// MiB as allocators hand it back and the collector works, and the first reading may be a low one. What is lost raises the peaks each time.
/// </summary>
static class SteadyMemory
{
    const int MostRounds = 6;

    /// <summary>Does rounds of some work until one needs no more than all before it.</summary>
    /// <param name="resident">Reads the memory that is held now, in bytes.</param>
    /// <param name="work">Some work; one part of a round.</param>
    /// <param name="parts">Parts of a round, after each of which memory is read.</param>
    /// <param name="much">Bytes by which a round's highest reading may exceed those before it.</param>
    public static void Check(Func<long> resident, Action work, int parts = 1, long much = 24L << 20)
    {
        List<long> peaks = [];
        do
        {
            Assert.True(peaks.Count < MostRounds, $"memory grew each time, in bytes: {string.Join(", ", peaks)}");
            long peak = 0;
            for (int part = 0; part < parts; part++)
            {
                work();
                peak = Math.Max(peak, resident());
            }
            peaks.Add(peak);
        }
        while (peaks.Count < 2 || peaks[^1] > peaks[..^1].Max() + much);
    }
}
