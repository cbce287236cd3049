using System.Globalization;

namespace SeverityEngine;

/// <summary>
/// The time that SOURCE_DATE_EPOCH fixes, by reproducible-builds.org: what is made has this date, in seconds since 1970, and not the day's.
/// </summary>
static class FixedTime
{
    /// <summary>The variable of the environment.</summary>
    public const string Variable = "SOURCE_DATE_EPOCH";

    /// <summary>Whether the variable is set to something.</summary>
    public static bool IsGiven => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>Reads the variable.</summary>
    /// <returns>The time; null where it is not set, or is no number of seconds up to the end of the year 9999.</returns>
    public static DateTimeOffset? Read() =>
        long.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
