using System.Text;
using System.Text.Json.Nodes;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Server.Http;

/// <summary>The description of the server for programs, in the form of OpenAPI. What rows say is written by their columns.</summary>
static class OpenApi
{
    /// <summary>Completes the description.</summary>
    /// <param name="frame">All of it but what rows say.</param>
    /// <param name="rows">What they say.</param>
    public static byte[] Describe(ReadOnlySpan<byte> frame, RowSchema rows)
    {
        JsonNode document = JsonNode.Parse(frame)!;
        document["info"]!["version"] = SeverityRuntime.EngineVersion;
        JsonObject properties = [];
        foreach (RowColumn column in rows.Columns)
        {
            JsonObject at = properties;
            foreach (string name in column.Path.SkipLast(1))
            {
                if (at[name] is null)
                    at[name] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() };
                at = at[name]!["properties"]!.AsObject();
            }
            at[column.Path[^1]] = Property(column);
        }
        document["components"]!["schemas"]!["Row"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "What the engine says of an image, as a row of severity predict --format jsonl; or why it says nothing.",
            ["properties"] = properties,
            ["required"] = new JsonArray(JsonValue.Create(RowSchema.File.Name)),
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    static JsonObject Property(RowColumn column)
    {
        JsonObject property = column.Type switch
        {
            RowType.Text => new() { ["type"] = "string" },
            RowType.Texts => new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            RowType.Integer => new() { ["type"] = "integer" },
            _ => new() { ["type"] = "number" },
        };
        property["description"] = column.Unit.Length > 0 ? $"{column.Meaning}; {column.Unit}" : column.Meaning;
        return property;
    }
}
