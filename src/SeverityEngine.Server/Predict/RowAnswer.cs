using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Server.Http;

namespace SeverityEngine.Server.Predict;

/// <summary>
/// Rows as the answer to a request. One row alone is an object, and an error has its status; several are an array, lines or a table, sent
/// as they are made, with status 200 whatever they say.
/// </summary>
sealed class RowAnswer(HttpResponse response, RowSchema schema, ResultFormat format) : IDisposable
{
    const string Json = "application/json", Lines = "application/x-ndjson", Table = "text/csv";

    ScoreRow? _first;
    IScoreWriter? _writer;

    /// <summary>Whether no row has come yet.</summary>
    public bool IsEmpty => _first is null;

    /// <summary>The format that a client accepts, the first that it names and that there is; json where it does not say.</summary>
    /// <exception cref="RequestFault">406: none that there is.</exception>
    public static ResultFormat FormatFor(HttpRequest request)
    {
        string accept = request.Headers.Accept.ToString();
        if (accept.Length == 0)
            return ResultFormat.Json;
        foreach (string one in accept.Split(','))
        {
            switch (one.Split(';')[0].Trim().ToLowerInvariant())
            {
                case Json or "application/*" or "*/*" or "image/png" or "image/*":
                    return ResultFormat.Json;
                case Lines or "application/jsonl" or "application/jsonlines":
                    return ResultFormat.Jsonl;
                case Table or "text/*":
                    return ResultFormat.Csv;
            }
        }
        throw new RequestFault(StatusCodes.Status406NotAcceptable, "not_acceptable",
            $"the answer can be {Json}, {Lines} or {Table}; accept one of them");
    }

    /// <summary>Adds an image's row.</summary>
    public async Task Add(ScoreRow row, CancellationToken stop)
    {
        if (_writer is null && _first is null)
        {
            _first = row;
            return;
        }
        if (_writer is null)
        {
            await Begin(StatusCodes.Status200OK, isOne: false, stop);
            _writer!.Write(_first!);
        }
        _writer.Write(row);
        await response.BodyWriter.FlushAsync(stop);
    }

    /// <summary>Ends the answer.</summary>
    public async Task Complete(CancellationToken stop)
    {
        if (_writer is null)
        {
            int status = ErrorStatus.Of(_first!.Error?.Code ?? SeverityError.None);
            if (status == StatusCodes.Status503ServiceUnavailable)
                response.Headers.RetryAfter = "1";
            await Begin(status, isOne: true, stop);
            _writer!.Write(_first);
        }
        _writer.Complete();
        await response.BodyWriter.FlushAsync(stop);
    }

    public void Dispose() => _writer?.Dispose();

    async Task Begin(int status, bool isOne, CancellationToken stop)
    {
        response.StatusCode = status;
        response.ContentType = format switch { ResultFormat.Json => Json, ResultFormat.Jsonl => Lines, _ => Table };
        await response.StartAsync(stop);
        PipeOutput output = new(response.BodyWriter);
        _writer = format == ResultFormat.Csv ? new CsvRows(schema).Writer(output)
            : new JsonRows(schema).Writer(output, asArray: format == ResultFormat.Json && !isOne);
    }

    /// <summary>Rows into the connection.</summary>
    sealed class PipeOutput(PipeWriter writer) : RowOutput
    {
        /// <summary>A block of the server's memory; for more at once it would have to make some.</summary>
        const int MostAtOnce = 4096;

        // The size is asked for: where the client is gone, the server's pipe has no room at all for who does not name any.
        public override void Write(ReadOnlySpan<byte> rows)
        {
            while (!rows.IsEmpty)
            {
                ReadOnlySpan<byte> part = rows[..Math.Min(rows.Length, MostAtOnce)];
                part.CopyTo(writer.GetSpan(part.Length));
                writer.Advance(part.Length);
                rows = rows[part.Length..];
            }
        }

        public override void Complete()
        {
            // The request's end is the answer's.
        }

        public override void Dispose()
        {
            // The connection's owner ends it.
        }
    }
}
