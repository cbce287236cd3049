using System.Text;

namespace SeverityEngine.Batch.Rows;

/// <summary>Reads back what <see cref="CsvScoreWriter"/> writes.</summary>
/// <param name="columns">What rows hold beyond what all have.</param>
sealed class CsvRowFormat(RowColumns columns) : IRowFormat
{
    const int File = 0, Sha256 = 1, Model = 4;

    readonly int _columns = CsvScoreWriter.ColumnCount(columns);

    public bool HasQuotes => true;

    public string Heading { get; } = CsvScoreWriter.Heading(columns);

    public bool TryRead(ReadOnlySpan<byte> row, out RowKey key)
    {
        key = default;
        if (Split(Encoding.UTF8.GetString(row)) is not { } values || values.Count != _columns)
            return false;
        key = new RowKey(values[File], OrNull(values[Sha256]), OrNull(values[Model]), OrNull(values[^2]));
        return key.File.Length > 0 && (key.Model is not null || key.ErrorCode is not null);
    }

    /// <summary>The values of one line by RFC 4180; null for a line that breaks it.</summary>
    List<string>? Split(string line)
    {
        List<string> values = new(_columns);
        StringBuilder value = new();
        for (int at = 0; at <= line.Length; at++)
        {
            value.Clear();
            if (at < line.Length && line[at] == '"')
            {
                for (at++; ; at++)
                {
                    if (at >= line.Length)
                        return null;
                    if (line[at] == '"' && (++at >= line.Length || line[at] != '"'))
                        break;
                    value.Append(line[at]);
                }
                if (at < line.Length && line[at] != ',')
                    return null;
            }
            else
            {
                int end = line.IndexOf(',', at);
                end = end < 0 ? line.Length : end;
                value.Append(line, at, end - at);
                at = end;
            }
            values.Add(value.ToString());
        }
        return values;
    }

    static string? OrNull(string value) => value.Length > 0 ? value : null;
}
