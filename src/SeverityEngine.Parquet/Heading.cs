using System.Text.Json;

namespace SeverityEngine.Parquet;

/// <summary>
/// What stands before the rows, in a line of json: <c>{"version": "...", "columns": [{"path": ["saliency", "of"], "type": "text"}, ...],
/// "metadata": {"key": "value", ...}}</c>. A column that has a value in every row is <c>"required": true</c>.
/// </summary>
/// <param name="Columns">The columns, in order.</param>
/// <param name="Metadata">What is said of the file as a whole.</param>
sealed record Heading(IReadOnlyList<ColumnHeading> Columns, Dictionary<string, string> Metadata)
{
    /// <summary>Reads it.</summary>
    /// <param name="lines">What it is the first line of.</param>
    /// <param name="version">This program's version: both programs change what stands between them as they like.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: it is not there, or another version's.</exception>
    public static Heading Read(LineReader lines, string version)
    {
        try
        {
            if (!lines.TryRead(out ReadOnlySpan<byte> line))
                throw NoHeading(null);
            Utf8JsonReader reader = new(line);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement heading = document.RootElement;
            if (heading.GetProperty("version").GetString() is var writers && writers != version)
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"severity is of version {writers} and severity-parquet beside it of {version}; install both from one release");
            }
            return new Heading(
                [.. heading.GetProperty("columns").EnumerateArray().Select(c => new ColumnHeading(
                    [.. c.GetProperty("path").EnumerateArray().Select(p => p.GetString()!)], c.GetProperty("type").GetString()!,
                    c.TryGetProperty("required", out JsonElement required) && required.GetBoolean()))],
                heading.GetProperty("metadata").EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetString()!));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw NoHeading(e);
        }
    }

    static SeverityException NoHeading(Exception? e) => new(SeverityError.InvalidArgument,
        "standard input does not begin with the heading that 'severity merge' writes; that command starts this program", e);
}

/// <summary>A column.</summary>
/// <param name="Path">The names that lead to its values in a row.</param>
/// <param name="Type">What its values are: <c>text</c>, <c>texts</c>, <c>integer</c>, <c>single</c> or <c>number</c>.</param>
/// <param name="IsRequired">Whether every row has a value.</param>
sealed record ColumnHeading(IReadOnlyList<string> Path, string Type, bool IsRequired)
{
    /// <summary>Its name in the file: that of csv.</summary>
    public string Name => string.Join('.', Path);
}
