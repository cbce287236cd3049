using System.Buffers;
using System.Globalization;
using System.Text;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// A heading, then a line a row, by RFC 4180: CRLF ends a line, and what holds a separator, a quote or a line's end is quoted.
/// What is written reads back.
/// </summary>
sealed class CsvRows : IRowFormat
{
    /// <summary>What makes a spreadsheet take a cell for a formula.</summary>
    const string FormulaStarts = "=+-@\t\r";

    /// <summary>How many columns a message names.</summary>
    const int MostNamed = 6;

    readonly RowSchema _schema;
    readonly char _separator;
    readonly bool _safe, _bom;
    readonly int _file, _sha256, _model, _modelSha256, _errorCode, _picture, _panel, _values, _report, _capture;

    /// <param name="schema">What rows say.</param>
    /// <param name="safe">Whether texts that a spreadsheet would take for formulas get an apostrophe in front.</param>
    /// <param name="separator">What stands between values: a comma, or a tab.</param>
    /// <param name="bom">Whether a new file begins with UTF-8's byte order mark, by which Excel knows it.</param>
    public CsvRows(RowSchema schema, bool safe = false, char separator = ',', bool bom = false)
    {
        _schema = schema;
        _safe = safe;
        _separator = separator;
        _bom = bom;
        _file = schema.IndexOf(RowSchema.File);
        _sha256 = schema.IndexOf(RowSchema.Sha256);
        _model = schema.IndexOf(RowSchema.Model);
        _modelSha256 = schema.IndexOf(RowSchema.ModelSha256);
        _errorCode = schema.IndexOf(RowSchema.ErrorCode);
        _picture = schema.IndexOf(RowSchema.Picture);
        _panel = schema.IndexOf(RowSchema.Panel);
        _values = schema.IndexOf(RowSchema.Values);
        _report = schema.IndexOf(RowSchema.DicomReport);
        _capture = schema.IndexOf(RowSchema.DicomSaliency);
        Heading = string.Join(separator, schema.Columns.Select(c => Quoted(c.Name)));
    }

    public bool HasQuotes => true;

    /// <summary>The columns' names.</summary>
    public string Heading { get; }

    /// <summary>Makes a writer of such rows; it writes the heading where there is none yet.</summary>
    public IScoreWriter Writer(RowOutput output) => new CsvWriter(this, output);

    public bool TryRead(ReadOnlySpan<byte> row, out RowKey key)
    {
        key = default;
        int columns = _schema.Columns.Count;
        if (Split(Encoding.UTF8.GetString(row), _separator, columns) is not { } values || values.Count != columns)
            return false;
        key = new RowKey(Unescaped(values[_file]), At(_sha256), At(_model), At(_errorCode));
        key = key with
        {
            ModelSha256 = At(_modelSha256),
            Maps = new SaliencyPaths(At(_picture), At(_panel), At(_values)),
            Dicom = new DicomPaths(At(_report), At(_capture)),
        };
        return key.HasOutcome;

        string? At(int column) => column >= 0 && values[column].Length > 0 ? Unescaped(values[column]) : null;
    }

    public string? HeadingFault(ReadOnlySpan<byte> row)
    {
        string line = Encoding.UTF8.GetString(row);
        if (line == Heading)
            return null;
        string[] own = [.. _schema.Columns.Select(c => c.Name)];
        List<string> others = Split(line, _separator) ?? [];
        // What shares no column is no file of results.
        if (!others.Contains(RowSchema.File.Name))
            return "its first line is not the heading that this format has";
        string[] missing = [.. own.Except(others)], more = [.. others.Except(own)];
        return missing.Length + more.Length == 0 ? "its columns come in another order"
            : "its columns are not those of this run: "
                + string.Join(", and ", ((string[])[Said("it lacks", missing), Said("it also has", more)]).Where(said => said.Length > 0));

        static string Said(string what, string[] columns) => columns.Length == 0 ? ""
            : $"{what} {string.Join(", ", columns.Take(MostNamed))}"
                + (columns.Length > MostNamed ? $" and {columns.Length - MostNamed} more" : "");
    }

    /// <summary>The values of one line by RFC 4180; null for a line that breaks it.</summary>
    public static List<string>? Split(string line, char separator, int usual = 32)
    {
        List<string> values = new(usual);
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
                if (at < line.Length && line[at] != separator)
                    return null;
            }
            else
            {
                int end = line.IndexOf(separator, at);
                end = end < 0 ? line.Length : end;
                value.Append(line, at, end - at);
                at = end;
            }
            values.Add(value.ToString());
        }
        return values;
    }

    string Escaped(string text) => _safe ? WithApostrophe(text) : text;

    string Unescaped(string text) => _safe ? WithoutApostrophe(text) : text;

    /// <summary>A text with an apostrophe before what a spreadsheet would take for a formula.</summary>
    public static string WithApostrophe(string text) => text is [char first, ..] && FormulaStarts.Contains(first) ? $"'{text}" : text;

    /// <summary>A text as it was before an apostrophe was put before what a spreadsheet would take for a formula.</summary>
    public static string WithoutApostrophe(string text) =>
        text is ['\'', char first, ..] && FormulaStarts.Contains(first) ? text[1..] : text;

    string Quoted(string text) => Quoted(text, _separator);

    /// <summary>A value as it stands in a line.</summary>
    public static string Quoted(string text, char separator) =>
        text.AsSpan().ContainsAny("\"\r\n") || text.Contains(separator, StringComparison.Ordinal)
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    sealed class CsvWriter : IScoreWriter
    {
        readonly CsvRows _rows;
        readonly RowOutput _output;
        readonly ArrayBufferWriter<byte> _line = new(1024);
        bool _begun;

        public CsvWriter(CsvRows rows, RowOutput output)
        {
            _rows = rows;
            _output = output;
        }

        public void Write(ScoreRow row)
        {
            Begin();
            _line.ResetWrittenCount();
            IReadOnlyList<RowColumn> columns = _rows._schema.Columns;
            for (int i = 0; i < columns.Count; i++)
            {
                if (i > 0)
                    _line.Write([(byte)_rows._separator]);
                Add(columns[i].Type, columns[i].Of(row));
            }
            _line.Write("\r\n"u8);
            _output.Write(_line.WrittenSpan);
        }

        public void Dispose()
        {
            // It owns nothing: the output is the caller's.
        }

        public void Complete()
        {
            Begin();
            _output.Complete();
        }

        /// <summary>Writes the heading, once there is something to write: until then an old file may stay as it is.</summary>
        void Begin()
        {
            if (!_begun && !_output.HoldsRows)
                _output.Write(Encoding.UTF8.GetBytes((_rows._bom ? "\uFEFF" : "") + _rows.Heading + "\r\n"));
            _begun = true;
        }

        void Add(RowType type, RowValue value)
        {
            if (value.IsAbsent)
                return;
            switch (type)
            {
                case RowType.Text:
                    Encoding.UTF8.GetBytes(_rows.Quoted(_rows.Escaped(value.Text!)), _line);
                    break;
                case RowType.Texts:
                    Encoding.UTF8.GetBytes(_rows.Quoted(_rows.Escaped(string.Join("; ", value.Texts!))), _line);
                    break;
                case RowType.Integer:
                    Add(value.Integer);
                    break;
                case RowType.Single:
                    Add((float)value.Number);
                    break;
                default:
                    Add(value.Number);
                    break;
            }
        }

        void Add<T>(T number) where T : struct, IUtf8SpanFormattable
        {
            // No number of 64 bits is longer.
            number.TryFormat(_line.GetSpan(32), out int written, default, CultureInfo.InvariantCulture);
            _line.Advance(written);
        }
    }
}
