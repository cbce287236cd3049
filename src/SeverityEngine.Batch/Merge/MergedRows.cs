using System.Buffers;
using System.Text;
using System.Text.Json;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Merge;

/// <summary>Writes merged rows in a format. It owns the output.</summary>
interface IMergedRows : IDisposable
{
    /// <summary>Writes a row, whose values <see cref="MergeCells"/> wrote.</summary>
    void Write(ReadOnlySpan<byte> cells);

    /// <summary>Ends the rows.</summary>
    void Complete();
}

/// <summary>Rows of csv or tsv.</summary>
sealed class MergedCsv : IMergedRows
{
    readonly RowOutput _output;
    readonly char _separator;
    readonly bool _safe;
    readonly int[] _order;

    // The place of each column in a line, and what stands there.
    readonly int[] _places;
    readonly string?[] _values;
    readonly ArrayBufferWriter<byte> _lines = new(64 << 10);

    public MergedCsv(MergeColumns columns, RowOutput output, char separator, bool safe)
    {
        _output = output;
        _separator = separator;
        _safe = safe;
        _order = columns.InOrder();
        _places = new int[columns.Count];
        for (int i = 0; i < _order.Length; i++)
            _places[_order[i]] = i;
        _values = new string?[_order.Length];
        Line(_order.Select(i => columns[i].Name));
    }

    public void Write(ReadOnlySpan<byte> cells)
    {
        Array.Clear(_values);
        while (MergeCells.Next(ref cells, out int column, out CellKind kind, out ReadOnlySpan<byte> value))
        {
            string text = Encoding.UTF8.GetString(kind == CellKind.Json && value.StartsWith("["u8) ? default : value);
            if (kind == CellKind.Json && value.StartsWith("["u8))
                text = Joined(value);
            // A number begins with what makes a formula too.
            _values[_places[column]] = _safe && !(kind == CellKind.Json && text is ['-', ..]) ? CsvRows.WithApostrophe(text) : text;
        }
        Line(_values);
    }

    public void Complete()
    {
        HandOver();
        _output.Complete();
    }

    public void Dispose() => _output.Dispose();

    /// <summary>A list, as csv has it.</summary>
    static string Joined(ReadOnlySpan<byte> list)
    {
        Utf8JsonReader reader = new(list);
        List<string> texts = [];
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
                texts.Add(reader.GetString()!);
            else if (reader.TokenType is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False)
                texts.Add(Encoding.UTF8.GetString(reader.ValueSpan));
        }
        return string.Join("; ", texts);
    }

    void Line(IEnumerable<string?> values)
    {
        bool isFirst = true;
        foreach (string? value in values)
        {
            if (!isFirst)
                _lines.Write([(byte)_separator]);
            isFirst = false;
            if (value is not null)
                Encoding.UTF8.GetBytes(CsvRows.Quoted(value, _separator), _lines);
        }
        _lines.Write("\r\n"u8);
        if (_lines.WrittenCount > 32 << 10)
            HandOver();
    }

    void HandOver()
    {
        _output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
    }
}

/// <summary>Rows of jsonl: an object a line.</summary>
sealed class MergedJson : IMergedRows
{
    readonly RowOutput _output;
    readonly (int Place, JsonEncodedText[] Path)[] _columns;
    readonly ArrayBufferWriter<byte> _lines = new(64 << 10);
    readonly Utf8JsonWriter _writer;
    readonly List<(int Place, JsonEncodedText[] Path, CellKind Kind, int At, int Length)> _row = [];

    /// <param name="columns">The columns.</param>
    /// <param name="output">Gets the rows, and is this one's own.</param>
    /// <param name="heading">What stands before the rows.</param>
    public MergedJson(MergeColumns columns, RowOutput output, ReadOnlySpan<byte> heading = default)
    {
        _output = output;
        _lines.Write(heading);
        _columns = new (int, JsonEncodedText[])[columns.Count];
        int[] order = columns.InOrder();
        for (int i = 0; i < order.Length; i++)
            _columns[order[i]] = (i, [.. columns[order[i]].Path.Select(p => JsonEncodedText.Encode(p, JsonRows.Encoder))]);
        _writer = new Utf8JsonWriter(_lines, new JsonWriterOptions { Encoder = JsonRows.Encoder });
    }

    public void Write(ReadOnlySpan<byte> cells)
    {
        _row.Clear();
        ReadOnlySpan<byte> rest = cells;
        while (MergeCells.Next(ref rest, out int column, out CellKind kind, out ReadOnlySpan<byte> value))
        {
            (int place, JsonEncodedText[] path) = _columns[column];
            _row.Add((place, path, kind, cells.Length - rest.Length - value.Length, value.Length));
        }
        _row.Sort(static (a, b) => a.Place - b.Place);
        _writer.WriteStartObject();
        ReadOnlySpan<JsonEncodedText> open = [];
        foreach ((_, JsonEncodedText[] path, CellKind kind, int at, int length) in _row)
        {
            open = JsonRows.WriteName(_writer, open, path);
            if (kind == CellKind.Text)
                _writer.WriteStringValue(cells.Slice(at, length));
            else
                _writer.WriteRawValue(cells.Slice(at, length), skipInputValidation: true);
        }
        for (int i = 0; i <= open.Length; i++)
            _writer.WriteEndObject();
        _writer.Flush();
        _writer.Reset();
        _lines.Write("\n"u8);
        if (_lines.WrittenCount > 32 << 10)
            HandOver();
    }

    public void Complete()
    {
        HandOver();
        _output.Complete();
    }

    public void Dispose()
    {
        _writer.Dispose();
        _output.Dispose();
    }

    void HandOver()
    {
        _output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
    }
}
