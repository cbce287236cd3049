using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SeverityEngine.Batch.Rows;

/// <summary>One object a row, in an array or a line each.</summary>
sealed class JsonScoreWriter : IScoreWriter
{
    readonly RowOutput _output;
    readonly bool _asArray;
    readonly ArrayBufferWriter<byte> _buffer = new(1024);
    readonly Utf8JsonWriter _writer;

    public JsonScoreWriter(RowOutput output, bool asArray)
    {
        _output = output;
        _asArray = asArray;
        // The text goes to a terminal or a file, not into a page: file names stay legible.
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions
        {
            Indented = asArray,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        if (asArray)
            _writer.WriteStartArray();
    }

    public void Write(ScoreRow row)
    {
        _writer.WriteStartObject();
        _writer.WriteString("file", row.Name);
        if (row.Sha256 is { } hash)
            _writer.WriteString("sha256", hash);
        if (row.Error is { } error)
        {
            _writer.WriteString("error_code", error.Code.Name());
            _writer.WriteString("error", error.Message);
        }
        else
            WriteScore(row);
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

    void WriteScore(ScoreRow row)
    {
        Prediction score = row.Prediction!;
        _writer.WriteNumber("width", score.Width);
        _writer.WriteNumber("height", score.Height);
        _writer.WriteString("model", score.Model.Name);
        _writer.WriteNumber("geographic_extent", score.GeographicExtent);
        _writer.WriteNumber("opacity", score.Opacity);
        _writer.WriteNumber("geographic_extent_raw", score.GeographicExtentRaw);
        _writer.WriteNumber("opacity_raw", score.OpacityRaw);
        if (score.Findings is { } findings)
        {
            _writer.WriteStartObject("findings");
            for (int i = 0; i < findings.Count; i++)
                _writer.WriteNumber(score.Model.Labels[i], findings[i]);
            _writer.WriteEndObject();
        }
        if (row.Saliency is { } saliency)
            Write(saliency);
        _writer.WriteStartArray("warnings");
        foreach (string warning in score.Warnings)
            _writer.WriteStringValue(warning);
        _writer.WriteEndArray();
        _writer.WriteStartObject("timings_ms");
        _writer.WriteNumber("decode", score.Timings.Decode.TotalMilliseconds);
        _writer.WriteNumber("preprocess", score.Timings.Preprocess.TotalMilliseconds);
        _writer.WriteNumber("infer", score.Timings.Infer.TotalMilliseconds);
        _writer.WriteEndObject();
    }

    void HandOver()
    {
        _output.Write(_buffer.WrittenSpan);
        _buffer.Clear();
    }

    void Write(WrittenSaliency saliency)
    {
        SaliencyMap map = saliency.Map;
        _writer.WriteStartObject("saliency");
        _writer.WriteString("of", saliency.Of);
        _writer.WriteString("method", saliency.Method);
        if (saliency.Picture is not null)
            _writer.WriteString("picture", saliency.Picture);
        if (saliency.Raw is not null)
            _writer.WriteString("raw", saliency.Raw);
        _writer.WriteStartObject("peak");
        _writer.WriteNumber("x", map.Peak.X);
        _writer.WriteNumber("y", map.Peak.Y);
        _writer.WriteNumber("value", map.Peak.Value);
        _writer.WriteEndObject();
        _writer.WriteNumber("left_half_share", map.LeftHalfShare);
        _writer.WriteNumber("right_half_share", map.RightHalfShare);
        _writer.WriteEndObject();
    }
}
