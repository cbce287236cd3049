using System.Globalization;
using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// For people: of one image, two lines as the published script prints them, and one for each finding; of several, a table with a line an
/// image, whose name stands last, and its error behind it.
/// </summary>
/// <param name="schema">What rows say.</param>
/// <param name="output">Where they go.</param>
/// <param name="model">The model, which is asked for when the first row comes; null where there is one image alone.</param>
sealed class TextRows(RowSchema schema, RowOutput output, Func<ModelInfo>? model) : IScoreWriter
{
    const string Gap = "  ", Absent = "-";

    /// <summary>The widest value: a score, or a score with where it may lie.</summary>
    const int NumberWidth = 7, IntervalWidth = 17;

    readonly RowColumn[] _columns = [.. schema.Columns.Where(column => column.IsInText)];
    readonly RowErrorText _errors = new();
    readonly StringBuilder _text = new();
    int[]? _widths;

    public void Write(ScoreRow row)
    {
        _text.Clear();
        if (model is not null)
            AddLine(row, model);
        else if (row.Prediction is { } prediction)
            AddLines(row, prediction.Model);
        if (_text.Length > 0)
            output.Write(Encoding.UTF8.GetBytes(_text.ToString()));
    }

    public void Dispose()
    {
        // It owns nothing: the output is the caller's.
    }

    public void Complete() => output.Complete();

    void AddLines(ScoreRow row, ModelInfo of)
    {
        foreach (RowColumn column in _columns)
        {
            if (Value(column, row) is { } value)
                _text.Append(Title(column, of)).Append(": ").Append(value).Append('\n');
        }
    }

    void AddLine(ScoreRow row, Func<ModelInfo> of)
    {
        _widths ??= AddHeading(of());
        for (int i = 0; i < _columns.Length; i++)
            _text.Append((Value(_columns[i], row) ?? Absent).PadLeft(_widths[i])).Append(Gap);
        _text.Append(Printable.Text(row.Name));
        if (row.Error is { } error)
            _text.Append(CultureInfo.InvariantCulture, $": error ({error.Code.Name()}): {Printable.Text(_errors.Of(error, row.Name))}");
        _text.Append('\n');
    }

    /// <returns>The columns' widths.</returns>
    int[] AddHeading(ModelInfo of)
    {
        int[] widths = new int[_columns.Length];
        for (int i = 0; i < widths.Length; i++)
        {
            string title = Title(_columns[i], of);
            widths[i] = Math.Max(title.Length, _columns[i].Interval is null ? NumberWidth : IntervalWidth);
            _text.Append(title.PadLeft(widths[i])).Append(Gap);
        }
        _text.Append("image\n");
        return widths;
    }

    static string Title(RowColumn column, ModelInfo model) => column.Range?.Invoke(model) is { } range
        ? string.Create(CultureInfo.InvariantCulture, $"{column.Path[^1]} ({range.Lowest}-{range.Highest})") : column.Path[^1];

    static string? Value(RowColumn column, ScoreRow row) => column.Of(row) is not { IsAbsent: false } value ? null
        // With where it may lie, a score's further digits mean nothing.
        : column.Interval?.Invoke(row) is { } interval
            ? string.Create(CultureInfo.InvariantCulture, $"{value.Number:F2} [{interval.Lowest:F2}, {interval.Highest:F2}]")
            : column.Type switch
            {
                RowType.Text => value.Text,
                RowType.Texts => string.Join("; ", value.Texts!),
                RowType.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
                _ => value.Number.ToString("F4", CultureInfo.InvariantCulture),
            };
}
