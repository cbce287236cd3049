using System.Globalization;
using System.Text.RegularExpressions;

namespace SeverityEngine.Dicom.Source;

/// <summary>Whether a value of a source keeps to its value representation (PS3.5, 6.2), so that a new object may have it.</summary>
static partial class CopiedValue
{
    /// <summary>The most characters of a value.</summary>
    const int MostOfShort = 16, MostOfLong = 64;

    /// <summary>The value without the padding at its end; null where it is empty or breaks the rules.</summary>
    /// <param name="value">The bytes in the source.</param>
    /// <param name="vr">The representation that PS3.6 gives the attribute, whatever the source says.</param>
    /// <param name="mayBeSeveral">Whether it may have several values.</param>
    /// <param name="characters">How the source's texts are coded.</param>
    public static byte[]? Of(ReadOnlySpan<byte> value, string vr, bool mayBeSeveral, CharacterSet characters)
    {
        value = value.TrimEnd(" \0"u8);
        if (value.IsEmpty || characters.Shape(value) is not { } shape)
            return null;
        return (mayBeSeveral ? shape.Split('\\') : [shape]).All(one => IsSound(one, vr)) ? value.ToArray() : null;
    }

    /// <summary>
    /// Whether a value says where a person's rows and columns lead: each to at most one end of the three axes, left or right, anterior or
    /// posterior, head or feet (PS3.3, C.7.6.1.1.1).
    /// </summary>
    public static bool IsOrientation(string value) => value.Split('\\') is { Length: 2 } ways
        && ways.All(way => way.Length > 0 && way.All("LRAPHF".Contains)
            && ((string[])["LR", "AP", "HF"]).All(axis => way.Count(axis.Contains) <= 1));

    static bool IsSound(string value, string vr) => vr switch
    {
        "SH" => value.Length <= MostOfShort && !value.Contains('\\'),
        "LO" => value.Length <= MostOfLong && !value.Contains('\\'),
        "PN" => !value.Contains('\\') && value.Split('=') is { Length: <= 3 } groups
            && groups.All(group => group.Length <= MostOfLong && group.Count(c => c == '^') <= 4),
        "CS" => value.Length <= MostOfShort && Code().IsMatch(value),
        "DA" => DateOnly.TryParseExact(value, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "TM" => Time().IsMatch(value),
        "AS" => Age().IsMatch(value),
        "DS" => value.Length <= MostOfShort && Number().IsMatch(value),
        _ => false,
    };

    [GeneratedRegex("^[A-Z0-9_ ]*$")]
    private static partial Regex Code();

    // A leap second may be the 60th.
    [GeneratedRegex(@"^([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?$")]
    private static partial Regex Time();

    [GeneratedRegex(@"^\d{3}[DWMY]$")]
    private static partial Regex Age();

    [GeneratedRegex(@"^ *[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)? *$")]
    private static partial Regex Number();
}
