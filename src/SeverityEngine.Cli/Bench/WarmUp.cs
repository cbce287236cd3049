using System.Globalization;
using SeverityEngine.Cli.CommandLine;

namespace SeverityEngine.Cli.Bench;

/// <summary>What every caller scores before it is measured: so many batches, or as many as fit a time.</summary>
/// <param name="Batches">How many; 0 where a time is given.</param>
/// <param name="Time">For how long; zero where a number is given.</param>
readonly record struct WarmUp(int Batches, TimeSpan Time)
{
    const int MostBatches = 1_000_000;

    /// <summary>Reads <c>3</c>, <c>500ms</c> or <c>2s</c>; null for what is none of them.</summary>
    public static WarmUp? Parse(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int batches)
            ? batches <= MostBatches ? new WarmUp(batches, TimeSpan.Zero) : null
            : Duration.Parse(text) is { } time ? new WarmUp(0, time) : null;
}
