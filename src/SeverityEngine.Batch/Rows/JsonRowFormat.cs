using System.Text.Json;

namespace SeverityEngine.Batch.Rows;

/// <summary>Reads back what <see cref="JsonScoreWriter"/> writes, an object a line.</summary>
sealed class JsonRowFormat : IRowFormat
{
    public bool HasQuotes => false;

    public string Heading => "";

    public bool TryRead(ReadOnlySpan<byte> row, out RowKey key)
    {
        key = default;
        string? file = null, sha256 = null, model = null, error = null;
        try
        {
            Utf8JsonReader reader = new(row);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadOnlySpan<byte> name = reader.ValueSpan;
                bool isFile = name.SequenceEqual("file"u8), isHash = name.SequenceEqual("sha256"u8);
                bool isModel = name.SequenceEqual("model"u8), isError = name.SequenceEqual("error_code"u8);
                if (!reader.Read())
                    return false;
                string? value = (isFile || isHash || isModel || isError) && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                file = isFile ? value : file;
                sha256 = isHash ? value : sha256;
                model = isModel ? value : model;
                error = isError ? value : error;
                reader.Skip();
            }
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
                return false;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
        key = new RowKey(file ?? "", sha256, model, error);
        return file is not null && (model is not null || error is not null);
    }
}
