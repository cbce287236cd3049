using System.Globalization;
using System.Text;
using System.Text.Json;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Merge;

/// <summary>Reads the rows of one file: csv, tsv or jsonl, by its content, one row at a time.</summary>
sealed class RowSource : IDisposable
{
    static readonly FileKind s_kind = new("file of rows") { FolderRemedy = "name the files of rows in it" };

    readonly string _path;
    readonly FileStream _file;
    readonly MergeColumns _columns;
    readonly MergeCells _cells = new();
    readonly RowScanner _rows;
    readonly char _separator;

    // Of csv and tsv: the number of each column.
    readonly int[] _heading = [];
    readonly bool _isJson;
    long _row;
    bool _hasError;

    /// <param name="path">The file.</param>
    /// <param name="columns">Gets the columns that it has.</param>
    /// <exception cref="SeverityException">
    /// It cannot be read; <see cref="SeverityError.InvalidArgument"/>: it holds no rows that can be merged.
    /// </exception>
    public RowSource(string path, MergeColumns columns)
    {
        _path = path;
        _columns = columns;
        _file = WholeFile.Open(path, s_kind);
        try
        {
            if (!_file.CanSeek)
                throw NoRows("a pipe cannot be merged", "save it to a file");
            Span<byte> first = stackalloc byte[64];
            int read = RandomAccess.Read(_file.SafeFileHandle, first, 0);
            ReadOnlySpan<byte> start = first[..read];
            start = (start.StartsWith(Encoding.UTF8.Preamble) ? start[3..] : start).TrimStart(" \t\r\n"u8);
            // A shard without images has an empty file of jsonl; csv and tsv always have a heading.
            _isJson = start.StartsWith("{"u8) || (read == 0 && Path.GetExtension(path).ToLowerInvariant() is (".jsonl" or ".ndjson"));
            if (start.StartsWith("PAR1"u8))
                throw NoRows("it is Parquet, which is written and not read", "give the rows that it was made of");
            if (start.StartsWith("["u8))
                throw NoRows("it is one array of json", "give rows of jsonl, csv or tsv");
            _rows = new RowScanner(_file, hasQuotes: !_isJson);
            if (!_isJson)
                (_separator, _heading) = ReadHeading();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The row that was read last: the image.</summary>
    public string File { get; private set; } = "";

    /// <summary>The SHA-256 of its bytes; empty where it could not be read.</summary>
    public string Sha256 { get; private set; } = "";

    public string Model { get; private set; } = "";

    public string ModelSha256 { get; private set; } = "";

    public string EngineVersion { get; private set; } = "";

    public bool IsScored { get; private set; }

    /// <summary>Its values, until the next one is read.</summary>
    public ReadOnlySpan<byte> Cells => _cells.Bytes;

    /// <summary>Whether a row at the end was cut short, and is left out.</summary>
    public bool IsTorn { get; private set; }

    public long Length => _file.Length;

    public long Position => _rows.RowEnd;

    /// <summary>Reads the next row.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: what stands there is no row.</exception>
    public bool Read()
    {
        while (_rows.TryRead(out ReadOnlySpan<byte> row))
        {
            row = row.TrimEnd("\r\n"u8);
            if (row.IsEmpty)
                continue;
            _row++;
            Begin();
            if (!(_isJson ? ReadJson(row) : ReadValues(row)) || File.Length == 0 || (!IsScored && !_hasError))
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"{_path}: row {_row}, at byte {_rows.RowStart}, is no row of results; name files that 'severity predict -o' wrote");
            }
            return true;
        }
        IsTorn = _rows.RowEnd > _rows.RowStart;
        return false;
    }

    public void Dispose() => _file.Dispose();

    void Begin()
    {
        _cells.Clear();
        File = Sha256 = Model = ModelSha256 = EngineVersion = "";
        IsScored = _hasError = false;
    }

    (char Separator, int[] Heading) ReadHeading()
    {
        string line = "";
        while (line.Length == 0 && _rows.TryRead(out ReadOnlySpan<byte> row))
            line = Encoding.UTF8.GetString(row.TrimEnd("\r\n"u8)).TrimStart('\uFEFF');
        char separator = line.Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
        List<string> names = CsvRows.Split(line, separator) ?? [];
        if (!names.Contains(RowSchema.File.Name))
            throw NoRows($"its first line does not name the column '{RowSchema.File.Name}'", "name files that 'severity predict -o' wrote");
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Count)
            throw NoRows("its heading names a column twice", "rename one");
        return (separator, [.. names.Select(_columns.Add)]);
    }

    bool ReadValues(ReadOnlySpan<byte> row)
    {
        if (CsvRows.Split(Encoding.UTF8.GetString(row), _separator) is not { } values || values.Count != _heading.Length)
            return false;
        int list = -1;
        for (int i = 0; i < values.Count; i++)
        {
            MergeColumn column = _columns[_heading[i]];
            string value = values[i];
            if (column.Type == RowType.Texts)
                list = i;
            if (value.Length == 0 || column.Type == RowType.Texts)
                continue;
            switch (column.Type)
            {
                case RowType.Text:
                    value = CsvRows.WithoutApostrophe(value);
                    _cells.Add(_heading[i], CellKind.Text, value);
                    Note(column.Name, value);
                    break;
                default:
                    if (!IsNumber(value))
                        return false;
                    _cells.Add(_heading[i], CellKind.Json, value);
                    Note(column.Name, value);
                    break;
            }
        }
        // A score without warnings has an empty list of them, and an error has none.
        if (list >= 0 && (IsScored || values[list].Length > 0))
            _cells.Add(_heading[list], CellKind.Json, ListOf(CsvRows.WithoutApostrophe(values[list])));
        return true;
    }

    /// <summary>
    /// Warnings that csv joined, as the list that they were: each begins with the image's name, and a semicolon may stand in any. Where it
    /// does not, they are one.
    /// </summary>
    byte[] ListOf(string joined)
    {
        string name = $"{File}: ";
        string[] texts = joined.Length == 0 ? [] : !joined.StartsWith(name, StringComparison.Ordinal) ? [joined]
            : [.. joined.Split($"; {name}").Select((text, i) => i == 0 ? text : name + text)];
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = JsonRows.Encoder }))
        {
            writer.WriteStartArray();
            foreach (string text in texts)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
        return bytes.ToArray();
    }

    static bool IsNumber(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
        && value[0] is '-' or (>= '0' and <= '9');

    bool ReadJson(ReadOnlySpan<byte> row)
    {
        try
        {
            Utf8JsonReader reader = new(row);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            ReadObject("", ref reader, row);
            return !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    void ReadObject(string prefix, ref Utf8JsonReader reader, ReadOnlySpan<byte> row)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = prefix + reader.GetString();
            reader.Read();
            switch (reader.TokenType)
            {
                // The reader itself ends at 64 objects within objects.
                case JsonTokenType.StartObject:
                    ReadObject(name + ".", ref reader, row);
                    break;
                case JsonTokenType.String:
                    string text = reader.GetString()!;
                    _cells.Add(_columns.Add(name), CellKind.Text, text);
                    Note(name, text);
                    break;
                case JsonTokenType.Null:
                    break;
                default:
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    ReadOnlySpan<byte> value = row[start..(int)reader.BytesConsumed];
                    _cells.Add(_columns.Add(name), CellKind.Json, value);
                    Note(name, "");
                    break;
            }
        }
    }

    /// <summary>Keeps what tells rows apart.</summary>
    void Note(string column, string value)
    {
        if (column == RowSchema.File.Name)
            File = value;
        else if (column == RowSchema.Sha256.Name)
            Sha256 = value;
        else if (column == RowSchema.Model.Name)
            Model = value;
        else if (column == RowSchema.ModelSha256.Name)
            ModelSha256 = value;
        else if (column == RowSchema.EngineVersion.Name)
            EngineVersion = value;
        else if (column == RowSchema.ErrorCode.Name)
            _hasError = true;
        else if (column == RowSchema.GeographicExtent.Name)
            IsScored = true;
    }

    SeverityException NoRows(string fault, string remedy) =>
        new(SeverityError.InvalidArgument, $"{_path}: holds no rows that can be merged: {fault}; {remedy}");
}
