using System.Buffers;
using System.Globalization;
using System.Text;

namespace SeverityEngine.IO;

/// <summary>
/// Text for people's eyes: what a terminal would take for an order, or show other than it is, is spelled out. File names may hold anything.
/// </summary>
static class Printable
{
    // Controls; and Unicode's marks that turn the direction of writing, so that "gpj.exe" would be read "exe.jpg" (UAX #9).
    static readonly SearchValues<char> s_spelled = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(c => (char)c),
            '\u061C', '\u200E', '\u200F', '\u2028', '\u2029',
            '\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069']);

    /// <summary>The text, with <c>\x1B</c> for ESC, <c>\n</c> for a line's end, and so on.</summary>
    public static string Text(string text)
    {
        if (!text.AsSpan().ContainsAny(s_spelled))
            return text;
        StringBuilder spelled = new(text.Length + 16);
        foreach (char c in text)
        {
            if (!s_spelled.Contains(c))
                spelled.Append(c);
            else if (c is '\n' or '\r' or '\t')
                spelled.Append(c switch { '\n' => "\\n", '\r' => "\\r", _ => "\\t" });
            else
                spelled.Append(c <= 0xFF ? "\\x" : "\\u").Append(((int)c).ToString(c <= 0xFF ? "X2" : "X4", CultureInfo.InvariantCulture));
        }
        return spelled.ToString();
    }
}
