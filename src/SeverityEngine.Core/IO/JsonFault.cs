using System.Globalization;
using System.Text.Json;

namespace SeverityEngine.IO;

/// <summary>What is wrong with a text that should be JSON, without the parser's own words, which are for programmers.</summary>
static class JsonFault
{
    /// <summary>It in words, with the place where there is one.</summary>
    public static string Reason(JsonException e) => e.Path is { Length: > 1 } path
        ? $"what stands at {path} is missing, or is not of the form that is read"
        : e.LineNumber is { } line
        ? string.Create(CultureInfo.InvariantCulture,
            $"it is not JSON of the form that is read, at line {line + 1}, byte {e.BytePositionInLine + 1}")
        : "it is not JSON of the form that is read";
}
