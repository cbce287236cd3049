using System.Globalization;

namespace SeverityEngine.Evaluation.Tables;

/// <summary>A file of rows, csv, tsv or JSON, as texts under the names of its columns.</summary>
/// <param name="Source">The file, as messages name it.</param>
/// <param name="Columns">The columns' names, in order; an object in JSON gives a column a property, joined by dots.</param>
/// <param name="Rows">The rows, in order.</param>
sealed record Table(string Source, IReadOnlyList<string> Columns, IReadOnlyList<TableRow> Rows)
{
    /// <summary>Whether <c>2,7</c> is a number: where a semicolon separates values, the comma is free for it.</summary>
    public bool HasDecimalComma { get; init; }

    /// <summary>The hash of the file's bytes, as 64 hexadecimal digits; null where it was read from none.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The place of a column; capitals do not matter.</summary>
    /// <returns>The place; -1 where the file has none of this name.</returns>
    public int IndexOf(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (string.Equals(Columns[i], column, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }

    /// <summary>The place of the first of several names that the file has.</summary>
    /// <returns>The place; -1 where it has none of them.</returns>
    public int IndexOfAny(params ReadOnlySpan<string> columns)
    {
        foreach (string column in columns)
        {
            if (IndexOf(column) is >= 0 and int at)
                return at;
        }
        return -1;
    }

    /// <summary>A number of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The place of its column; -1 for none.</param>
    /// <returns>The number; null where the row says nothing.</returns>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: what stands there is no finite number.</exception>
    public double? Number(TableRow row, int column)
    {
        if (row.Text(column) is not { } text)
            return null;
        string number = HasDecimalComma ? text.Replace(',', '.') : text;
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value : throw Fault(row, $"'{text}' under '{Columns[column]}' is no number; write it as 2.7, or leave the field empty");
    }

    /// <summary>The error for a fault of a row.</summary>
    public SeverityException Fault(TableRow row, string fault) =>
        new(SeverityError.InvalidArgument, $"{Source}: line {row.Line}: {fault}");
}

/// <summary>A row of a <see cref="Table"/>.</summary>
/// <param name="Line">The line of the file that it begins on, from 1; in an array of JSON its number.</param>
/// <param name="Values">A value for each column; null or empty where the row says nothing.</param>
readonly record struct TableRow(int Line, string?[] Values)
{
    /// <summary>The text under a column, without spaces around it.</summary>
    /// <param name="column">Its place; -1 for none.</param>
    /// <returns>The text; null where there is none.</returns>
    public string? Text(int column) =>
        column >= 0 && column < Values.Length && Values[column]?.Trim() is { Length: > 0 } text ? text : null;
}
