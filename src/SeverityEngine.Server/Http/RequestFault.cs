using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Server.Http;

/// <summary>Why a request is not done: what is wrong with the request itself, or with the moment. Its answer is json like an error's row.
/// </summary>
/// <param name="status">The status of the answer.</param>
/// <param name="code">The fault's name, for programs.</param>
/// <param name="message">The fault and the remedy.</param>
#pragma warning disable CA1032 // It is raised with its status.
sealed class RequestFault(int status, string code, string message) : Exception(message)
#pragma warning restore CA1032
{
    /// <summary>The status of the answer.</summary>
    public int Status => status;

    /// <summary>Whether the same request may succeed a second later.</summary>
    public bool IsTemporary => status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;

    /// <summary>There are as many requests as may be.</summary>
    public static RequestFault Busy(int waiting) => new(StatusCodes.Status429TooManyRequests, "busy",
        $"{waiting} requests wait for their scores already, the most that may (--queue); send it again later");

    /// <summary>It took longer than it may.</summary>
    public static RequestFault TimedOut(TimeSpan patience, bool isReceiving) => isReceiving
        ? new(StatusCodes.Status408RequestTimeout, "timed_out",
            $"an image did not arrive within {patience.TotalSeconds:0} seconds (--timeout); send it over a faster line, or smaller")
        : new(StatusCodes.Status503ServiceUnavailable, "timed_out",
            $"an image was not scored within {patience.TotalSeconds:0} seconds (--timeout); send it again later");

    /// <summary>Answers with it.</summary>
    public async Task AnswerAsync(HttpResponse response)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        if (IsTemporary)
            response.Headers.RetryAfter = "1";
        using (Utf8JsonWriter writer = new(response.BodyWriter, new JsonWriterOptions { Encoder = JsonRows.Encoder }))
        {
            writer.WriteStartObject();
            writer.WriteString("error_code", code);
            writer.WriteString("error", Message);
            writer.WriteEndObject();
        }
        await response.BodyWriter.FlushAsync();
    }
}
