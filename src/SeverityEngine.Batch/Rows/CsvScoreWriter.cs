using System.Globalization;
using System.Numerics;
using System.Text;

namespace SeverityEngine.Batch.Rows;

/// <summary>A heading, then a line a row, by RFC 4180: CRLF ends a line, and what holds a comma, a quote or a line's end is quoted.</summary>
sealed class CsvScoreWriter : IScoreWriter
{
    const string Scores = "file,sha256,width,height,model,geographic_extent,opacity,geographic_extent_raw,opacity_raw,";
    const string SaliencyColumns = "saliency.of,saliency.method,saliency.picture,saliency.raw,saliency.peak.x,saliency.peak.y,saliency.peak.value,"
        + "saliency.left_half_share,saliency.right_half_share,";
    const string Rest = "warnings,timings_ms.decode,timings_ms.preprocess,timings_ms.infer,error_code,error";

    readonly RowOutput _output;
    readonly RowColumns _columns;
    readonly StringBuilder _line = new();

    /// <summary>Writes the heading where there is none yet.</summary>
    /// <param name="output">Where rows go.</param>
    /// <param name="columns">What rows hold beyond what all have.</param>
    public CsvScoreWriter(RowOutput output, RowColumns columns)
    {
        _output = output;
        _columns = columns;
        if (!output.HoldsRows)
            output.Write(Encoding.UTF8.GetBytes(Heading(columns) + "\r\n"));
    }

    /// <summary>How many columns there are.</summary>
    public static int ColumnCount(RowColumns columns) =>
        (Scores + Rest).Count(c => c == ',') + 1 + columns.Labels.Count + (columns.Saliency ? SaliencyColumns.Count(c => c == ',') : 0);

    /// <summary>The columns: the names that JSON has, nested ones joined by a dot.</summary>
    public static string Heading(RowColumns columns)
    {
        StringBuilder heading = new(Scores);
        foreach (string label in columns.Labels)
            Add(heading, $"findings.{label}");
        if (columns.Saliency)
            heading.Append(SaliencyColumns);
        return heading.Append(Rest).ToString();
    }

    public void Write(ScoreRow row)
    {
        _line.Clear();
        Add(row.Name);
        Add(row.Sha256);
        if (row.Error is { } error)
        {
            _line.Append(',', ColumnCount(_columns) - 4);
            Add(error.Code.Name());
            Add(error.Message);
        }
        else
        {
            Prediction score = row.Prediction!;
            Add(score.Width);
            Add(score.Height);
            Add(score.Model.Name);
            Add(score.GeographicExtent);
            Add(score.Opacity);
            Add(score.GeographicExtentRaw);
            Add(score.OpacityRaw);
            for (int i = 0; i < _columns.Labels.Count; i++)
                Add(score.Findings![i]);
            if (_columns.Saliency)
                Add(row.Saliency!);
            Add(string.Join("; ", score.Warnings));
            Add(score.Timings.Decode.TotalMilliseconds);
            Add(score.Timings.Preprocess.TotalMilliseconds);
            Add(score.Timings.Infer.TotalMilliseconds);
            _line.Append(',', 2);
        }
        // Every value has put a comma after itself; the last one gives way to the line's end.
        _line.Length--;
        _line.Append("\r\n");
        _output.Write(Encoding.UTF8.GetBytes(_line.ToString()));
    }

    public void Dispose()
    {
        // It owns nothing: the output is the caller's.
    }

    public void Complete() => _output.Complete();

    void Add(WrittenSaliency saliency)
    {
        Add(saliency.Of);
        Add(saliency.Method);
        Add(saliency.Picture);
        Add(saliency.Raw);
        Add(saliency.Map.Peak.X);
        Add(saliency.Map.Peak.Y);
        Add(saliency.Map.Peak.Value);
        Add(saliency.Map.LeftHalfShare);
        Add(saliency.Map.RightHalfShare);
    }

    void Add<T>(T number) where T : struct, INumber<T> => _line.Append(CultureInfo.InvariantCulture, $"{number},");

    void Add(string? text) => Add(_line, text);

    static void Add(StringBuilder line, string? text)
    {
        if (text.AsSpan().ContainsAny(",\"\r\n"))
            line.Append('"').Append(text!.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\",");
        else
            line.Append(text).Append(',');
    }
}
