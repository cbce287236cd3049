using System.CommandLine;
using System.Globalization;

namespace SeverityEngine.Cli.CommandLine;

/// <summary>Times as the command line spells them.</summary>
static class Duration
{
    /// <summary>An hour.</summary>
    public static TimeSpan Most { get; } = TimeSpan.FromHours(1);

    /// <summary>Reads <c>500ms</c> or <c>2s</c>; null for what is neither, and for more than an hour.</summary>
    public static TimeSpan? Parse(string text)
    {
        (string number, double unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1)
            : text.EndsWith('s') ? (text[..^1], 1000)
            : ("", 0);
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double time)
            && time * unit <= Most.TotalMilliseconds ? TimeSpan.FromMilliseconds(time * unit) : null;
    }

    /// <summary>Refuses what is no time, and one below a least.</summary>
    public static void Require(Option<string?> option, TimeSpan least) => option.Validators.Add(found =>
    {
        if (found.Tokens is [{ Value: string text }] && !(Of(text) >= least))
            found.AddError(string.Create(CultureInfo.InvariantCulture,
                $"{option.Name} {text}: give a time such as 500ms or 2s, from {least.TotalMilliseconds}ms to {Most.TotalSeconds}s."));
    });

    /// <summary>Reads what <see cref="Require"/> lets pass: a time, or a number of seconds.</summary>
    public static TimeSpan? Of(string? text) => text is null ? null : Parse(text) ?? Parse(text + "s");
}
