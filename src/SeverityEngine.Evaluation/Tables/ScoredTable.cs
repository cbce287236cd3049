using System.Globalization;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Evaluation.Tables;

/// <summary>Images that were scored just now, as a table with the columns that a file of their rows would have.</summary>
/// <param name="source">What messages call the table.</param>
/// <param name="model">The model that scores them.</param>
sealed class ScoredTable(string source, ModelStamp model)
{
    readonly List<TableRow> _rows = [];

    /// <summary>Adds an image.</summary>
    public void Add(ScoreRow row)
    {
        row = row with { MadeBy = model };
        _rows.Add(new TableRow(_rows.Count + 1, [.. RowSchema.Plain.Columns.Select(column => Text(column.Type, column.Of(row)))]));
    }

    /// <summary>The table.</summary>
    public Table ToTable() => new(source, [.. RowSchema.Plain.Columns.Select(c => c.Name)], _rows);

    static string? Text(RowType type, RowValue value) => value.IsAbsent ? null : type switch
    {
        RowType.Text => value.Text,
        RowType.Texts => string.Join("; ", value.Texts!),
        RowType.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
        _ => value.Number.ToString(CultureInfo.InvariantCulture),
    };
}
