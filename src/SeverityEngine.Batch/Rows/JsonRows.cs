using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SeverityEngine.Batch.Rows;

/// <summary>An object a row, in an array or a line each; lines read back.</summary>
sealed class JsonRows(RowSchema schema) : IRowFormat
{
    // The text goes to a terminal or a file, not into a page: file names stay legible.
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public bool HasQuotes => false;

    public string Heading => "";

    public string? HeadingFault(ReadOnlySpan<byte> row) => null;

    /// <summary>Makes a writer of rows.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="asArray">Whether all are one array; else each is a line.</param>
    public IScoreWriter Writer(RowOutput output, bool asArray) => new JsonWriter(schema, output, asArray);

    public bool TryRead(ReadOnlySpan<byte> row, out RowKey key)
    {
        key = default;
        string? file = null, sha256 = null, model = null, modelSha256 = null, error = null;
        SaliencyPaths maps = default;
        DicomPaths dicom = default;
        try
        {
            Utf8JsonReader reader = new(row);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals(RowSchema.File.Name))
                    file = Value(ref reader);
                else if (reader.ValueTextEquals(RowSchema.Sha256.Name))
                    sha256 = Value(ref reader);
                else if (reader.ValueTextEquals(RowSchema.Model.Name))
                    model = Value(ref reader);
                else if (reader.ValueTextEquals(RowSchema.ModelSha256.Name))
                    modelSha256 = Value(ref reader);
                else if (reader.ValueTextEquals(RowSchema.ErrorCode.Name))
                    error = Value(ref reader);
                else if (reader.ValueTextEquals(RowSchema.Picture.Path[0]))
                    maps = ReadSaliency(ref reader);
                else if (reader.ValueTextEquals(RowSchema.DicomReport.Path[0]))
                    dicom = ReadDicom(ref reader);
                reader.Skip();
            }
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
                return false;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
        key = new RowKey(file ?? "", sha256, model, error) { ModelSha256 = modelSha256, Maps = maps, Dicom = dicom };
        return file is not null && key.HasOutcome;
    }

    /// <summary>Writes a property's name, in the objects that lead to it.</summary>
    /// <param name="writer">Where.</param>
    /// <param name="open">The objects that are open.</param>
    /// <param name="path">The names of the property's objects, then its own.</param>
    /// <returns>The objects that are open now.</returns>
    public static ReadOnlySpan<JsonEncodedText> WriteName(
        Utf8JsonWriter writer, ReadOnlySpan<JsonEncodedText> open, ReadOnlySpan<JsonEncodedText> path)
    {
        ReadOnlySpan<JsonEncodedText> objects = path[..^1];
        int common = open.CommonPrefixLength(objects);
        for (int i = common; i < open.Length; i++)
            writer.WriteEndObject();
        for (int i = common; i < objects.Length; i++)
            writer.WriteStartObject(objects[i]);
        writer.WritePropertyName(path[^1]);
        return objects;
    }

    static SaliencyPaths ReadSaliency(ref Utf8JsonReader reader)
    {
        string?[] files = ReadFiles(ref reader, RowSchema.Picture, RowSchema.Panel, RowSchema.Values);
        return new SaliencyPaths(files[0], files[1], files[2]);
    }

    static DicomPaths ReadDicom(ref Utf8JsonReader reader)
    {
        string?[] files = ReadFiles(ref reader, RowSchema.DicomReport, RowSchema.DicomSaliency);
        return new DicomPaths(files[0], files[1]);
    }

    /// <summary>The files that the object which the reader stands before names, in the order of their columns; null for none.</summary>
    static string?[] ReadFiles(ref Utf8JsonReader reader, params ReadOnlySpan<RowColumn> columns)
    {
        string?[] files = new string?[columns.Length];
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return files;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            for (int i = 0; i < columns.Length; i++)
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(columns[i].Path[^1]))
                    files[i] = Value(ref reader);
            }
            reader.Skip();
        }
        return files;
    }

    /// <summary>The text of the property that the reader stands at; null for a value of another type.</summary>
    static string? Value(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    sealed class JsonWriter : IScoreWriter
    {
        readonly (RowColumn Column, JsonEncodedText[] Path)[] _columns;
        readonly RowOutput _output;
        readonly bool _asArray;
        readonly ArrayBufferWriter<byte> _buffer = new(1024);
        readonly Utf8JsonWriter _writer;

        public JsonWriter(RowSchema schema, RowOutput output, bool asArray)
        {
            _columns = [.. schema.Columns.Select(c => (c, c.Path.Select(p => JsonEncodedText.Encode(p, Encoder)).ToArray()))];
            _output = output;
            _asArray = asArray;
            _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Indented = asArray, NewLine = "\n", Encoder = JsonRows.Encoder });
            if (asArray)
                _writer.WriteStartArray();
        }

        public void Write(ScoreRow row)
        {
            _writer.WriteStartObject();
            ReadOnlySpan<JsonEncodedText> open = [];
            foreach ((RowColumn column, JsonEncodedText[] path) in _columns)
            {
                RowValue value = column.Of(row);
                if (value.IsAbsent)
                    continue;
                open = WriteName(_writer, open, path);
                WriteValue(column.Type, value);
            }
            for (int i = 0; i <= open.Length; i++)
                _writer.WriteEndObject();
            _writer.Flush();
            if (!_asArray)
            {
                // Each line is a document of its own.
                _writer.Reset();
                _buffer.Write("\n"u8);
            }
            HandOver();
        }

        public void Complete()
        {
            if (_asArray)
            {
                _writer.WriteEndArray();
                _writer.Flush();
                _buffer.Write("\n"u8);
                HandOver();
            }
            _output.Complete();
        }

        public void Dispose() => _writer.Dispose();

        void WriteValue(RowType type, RowValue value)
        {
            switch (type)
            {
                case RowType.Text:
                    _writer.WriteStringValue(value.Text);
                    break;
                case RowType.Texts:
                    _writer.WriteStartArray();
                    foreach (string text in value.Texts!)
                        _writer.WriteStringValue(text);
                    _writer.WriteEndArray();
                    break;
                case RowType.Integer:
                    _writer.WriteNumberValue(value.Integer);
                    break;
                case RowType.Single:
                    _writer.WriteNumberValue((float)value.Number);
                    break;
                default:
                    _writer.WriteNumberValue(value.Number);
                    break;
            }
        }

        void HandOver()
        {
            _output.Write(_buffer.WrittenSpan);
            _buffer.Clear();
        }
    }
}
