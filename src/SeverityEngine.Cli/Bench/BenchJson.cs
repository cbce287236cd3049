using System.Text.Encodings.Web;
using System.Text.Json;
using SeverityEngine.IO;

namespace SeverityEngine.Cli.Bench;

/// <summary>Results for programs, and for a later comparison.</summary>
static class BenchJson
{
    public static void Print(BenchContext context, IReadOnlyList<BenchRow> rows, BenchRatios? ratios)
    {
        using Stream output = StandardStreams.OpenOutput();
        using (Utf8JsonWriter json =
            new(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WritePropertyName("context");
            context.Write(json);
            json.WriteStartArray("results");
            foreach (BenchRow row in rows)
                Write(json, row);
            json.WriteEndArray();
            if (ratios is not null)
                Write(json, ratios);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    static void Write(Utf8JsonWriter json, BenchRow row)
    {
        json.WriteStartObject();
        WriteSetting(json, row);
        json.WriteNumber("count", row.Count);
        json.WriteBoolean("few_samples", BenchRow.AreFew(row.Count));
        json.WriteNumber("mean_ms", row.Mean);
        json.WriteNumber("min_ms", row.Least);
        json.WriteNumber("max_ms", row.Most);
        WriteOrNull(json, "deviation_ms", row.Deviation);
        json.WriteNumber("p50_ms", row.P50);
        json.WriteNumber("p90_ms", row.P90);
        json.WriteNumber("p99_ms", row.P99);
        json.WriteNumber("images_per_second", row.ImagesPerSecond);
        json.WriteNumber("first_ms", row.First);
        json.WriteNumber("creation_ms", row.Creation);
        WriteOrNull(json, "peak_memory_bytes", row.PeakMemory);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, BenchRatios ratios)
    {
        json.WriteStartObject("comparison");
        json.WriteString("file", ratios.Path);
        json.WriteString("date", ratios.Date);
        json.WriteStartArray("differences");
        foreach (string difference in ratios.Differences)
            json.WriteStringValue(difference);
        json.WriteEndArray();
        json.WriteStartArray("stages");
        foreach (BenchRatio ratio in ratios.Ratios)
        {
            json.WriteStartObject();
            WriteSetting(json, ratio.Now);
            json.WriteNumber("old_p50_ms", ratio.Old);
            json.WriteNumber("new_p50_ms", ratio.Now.P50);
            WriteOrNull(json, "ratio", ratio.Ratio);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteSetting(Utf8JsonWriter json, BenchRow row)
    {
        json.WriteString("stage", row.Stage);
        json.WriteString("mode", row.ModeName);
        json.WriteNumber("threads", row.Setting.Threads);
        json.WriteNumber("batch", row.Setting.Batch);
    }

    static void WriteOrNull(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
