using System.Globalization;

namespace SeverityEngine.Cli.Bench;

/// <summary>What every caller scores before it is measured: so many batches, or as many as fit a time.</summary>
/// <param name="Batches">How many; 0 where a time is given.</param>
/// <param name="Time">For how long; zero where a number is given.</param>
readonly record struct WarmUp(int Batches, TimeSpan Time)
{
    const int MostBatches = 1_000_000;

    /// <summary>An hour, in milliseconds.</summary>
    const double MostMilliseconds = 3_600_000;

    /// <summary>Reads <c>3</c>, <c>500ms</c> or <c>2s</c>; null for what is none of them.</summary>
    public static WarmUp? Parse(string text)
    {
        (string number, double unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1)
            : text.EndsWith('s') ? (text[..^1], 1000)
            : (text, 0);
        if (unit == 0)
        {
            return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int batches) && batches <= MostBatches
                ? new WarmUp(batches, TimeSpan.Zero)
                : null;
        }
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double time)
            && time * unit <= MostMilliseconds
                ? new WarmUp(0, TimeSpan.FromMilliseconds(time * unit))
                : null;
    }
}
