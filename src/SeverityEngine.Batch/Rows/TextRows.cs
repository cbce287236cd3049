using System.Globalization;
using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// Two lines an image, as the published script prints them, and one for each finding; with several images, each under its name, and errors
/// in their place.
/// </summary>
sealed class TextRows(RowSchema schema, RowOutput output, bool named) : IScoreWriter
{
    readonly StringBuilder _text = new();

    public void Write(ScoreRow row)
    {
        _text.Clear();
        if (named)
            _text.Append(Printable.Text(row.Name)).Append('\n');
        if (row.Prediction is { } prediction)
            AddValues(row, prediction.Model);
        else if (named)
            _text.Append(CultureInfo.InvariantCulture, $"error ({row.Error!.Code.Name()}): {Printable.Text(row.Error.Message)}\n");
        if (_text.Length > 0)
            output.Write(Encoding.UTF8.GetBytes(_text.ToString()));
    }

    public void Dispose()
    {
        // It owns nothing: the output is the caller's.
    }

    public void Complete() => output.Complete();

    void AddValues(ScoreRow row, ModelInfo model)
    {
        foreach (RowColumn column in schema.Columns)
        {
            if (!column.IsInText || column.Of(row) is not { IsAbsent: false } value)
                continue;
            _text.Append(column.Path[^1]);
            if (column.Range?.Invoke(model) is { } range)
                _text.Append(CultureInfo.InvariantCulture, $" ({range.Lowest}-{range.Highest})");
            _text.Append(": ");
            // With where it may lie, a score's further digits mean nothing.
            if (column.Interval?.Invoke(row) is { } interval)
                _text.Append(CultureInfo.InvariantCulture, $"{value.Number:F2} [{interval.Lowest:F2}, {interval.Highest:F2}]");
            else
                AddValue(column.Type, value);
            _text.Append('\n');
        }
    }

    void AddValue(RowType type, RowValue value)
    {
        switch (type)
        {
            case RowType.Text:
                _text.Append(value.Text);
                break;
            case RowType.Texts:
                _text.AppendJoin("; ", value.Texts!);
                break;
            case RowType.Integer:
                _text.Append(CultureInfo.InvariantCulture, $"{value.Integer}");
                break;
            default:
                _text.Append(CultureInfo.InvariantCulture, $"{value.Number:F4}");
                break;
        }
    }
}
