using System.Text.Json;
using SeverityEngine.Parquet.Columns;

namespace SeverityEngine.Parquet;

/// <summary>Reads rows of jsonl into the buffers of their columns.</summary>
sealed class RowReader
{
    readonly LineReader _lines;
    readonly ColumnBuffer[] _columns;
    readonly NameTree _names = new();
    long _row;

    public RowReader(LineReader lines, ColumnBuffer[] columns)
    {
        _lines = lines;
        _columns = columns;
        foreach (ColumnBuffer column in columns)
            _names.Add(column.Heading.Path, column);
    }

    /// <summary>Fills the columns, which are empty.</summary>
    /// <param name="mostRows">Ends at so many rows.</param>
    /// <param name="mostCharacters">Ends at so many characters of text.</param>
    /// <returns>How many rows there were; 0 at the end.</returns>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: a value that its column cannot hold.</exception>
    public int Fill(int mostRows, int mostCharacters)
    {
        int rows = 0;
        while (rows < mostRows && _columns.Sum(c => c.Characters) < mostCharacters && _lines.TryRead(out ReadOnlySpan<byte> line))
        {
            rows++;
            _row++;
            Utf8JsonReader reader = new(line);
            reader.Read();
            ReadObject(_names, ref reader, line, rows);
            foreach (ColumnBuffer column in _columns)
                column.EndRow(rows);
        }
        return rows;
    }

    void ReadObject(NameTree names, ref Utf8JsonReader reader, ReadOnlySpan<byte> line, int rows)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            NameTree found = names.Find(ref reader)
                ?? throw new SeverityException(SeverityError.Internal,
                    $"row {_row} has {reader.GetString()}, of which the heading says nothing");
            reader.Read();
            if (found.Column is not { } column)
                ReadObject(found, ref reader, line, rows);
            else if (column.Rows == rows || !column.TryAdd(ref reader, line))
                throw Misfit(column, rows);
        }
    }

    SeverityException Misfit(ColumnBuffer column, int rows)
    {
        string where = _columns is [TextBuffer { Last: { } file } first, ..] && first.Rows == rows ? $"the row of {file}" : $"row {_row}";
        return new SeverityException(SeverityError.InvalidArgument, column.Rows == rows
            ? $"{where}: it has two values of {column.Heading.Name}, where Parquet holds one; correct it, or name a .jsonl file"
            : $"{where}: its {column.Heading.Name} is no {column.Kind}, as Parquet's column is; correct it, or name a .csv or .jsonl file");
    }
}
