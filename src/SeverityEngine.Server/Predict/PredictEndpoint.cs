using Microsoft.AspNetCore.Http;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Server.Http;
using SeverityEngine.Server.Scoring;

namespace SeverityEngine.Server.Predict;

/// <summary><c>POST /v1/predict</c>: images in, rows out.</summary>
sealed class PredictEndpoint(ScoringRoom room)
{
    readonly RowSchema _plain = RowSchema.For([], uids: room.Options.Limits.Dicom.Uids);
    readonly RowSchema _explained = RowSchema.For([], saliency: true, uids: room.Options.Limits.Dicom.Uids);

    public async Task Answer(HttpContext context, RequestClock clock)
    {
        HttpRequest request = context.Request;
        PredictRequest wanted = PredictRequest.Read(request.Query);
        ResultFormat format = RowAnswer.FormatFor(request);
        string? boundary = UploadReader.BoundaryOf(request.ContentType, "multipart/form-data");
        using Entrance entrance = room.Approach();
        if (wanted.IsExplained)
            await AnswerExplained(context.Response, wanted, await ReadOne(request, wanted, boundary, clock), format, entrance, clock);
        else
            await AnswerRows(context.Response, Read(request, wanted, boundary, clock), format, entrance, clock);
    }

    /// <summary>Scores images as they come, as many at once as there are workers, and answers in their order.</summary>
    async Task AnswerRows(
        HttpResponse response, IAsyncEnumerable<InputItem> images, ResultFormat format, Entrance entrance, RequestClock clock)
    {
        using RowAnswer answer = new(response, _plain, format);
        Queue<Task<ScoreRow>> pending = new();
        await foreach (InputItem image in images)
        {
            entrance.Enter(image);
            clock.Restart();
            pending.Enqueue(room.Score(image, room.Plain, clock.Token));
            if (pending.Count >= room.Workers.Count)
                await AddNext();
        }
        while (pending.Count > 0)
            await AddNext();
        if (answer.IsEmpty)
            throw NoImage();
        await answer.Complete(clock.Token);

        async Task AddNext()
        {
            clock.IsReceiving = false;
            ScoreRow row = await pending.Dequeue().WaitAsync(clock.Token);
            clock.Restart();
            await answer.Add(row, clock.Token);
            clock.IsReceiving = true;
        }
    }

    /// <summary>Scores one image, and answers with its pictures.</summary>
    async Task AnswerExplained(
        HttpResponse response, PredictRequest wanted, InputItem image, ResultFormat format, Entrance entrance, RequestClock clock)
    {
        entrance.Enter(image);
        clock.Restart();
        clock.IsReceiving = false;
        PictureScorer scorer = new(room.Explaining, wanted.MapAlone || wanted.MapInline, wanted.View);
        ScoreRow row = await room.Score(image, scorer, clock.Token).WaitAsync(clock.Token);
        if (wanted.MapAlone && scorer.Map is { } map)
        {
            response.ContentType = "image/png";
            response.ContentLength = map.Length;
            await response.BodyWriter.WriteAsync(map, clock.Token);
            return;
        }
        RowSchema schema = !wanted.View || scorer.XRay is null ? _explained : new RowSchema(
        [
            .. _explained.Columns,
            RowColumn.Text("view.x_ray", "", "the X-ray as a picture", _ => DataUrl("image/jpeg", scorer.XRay)),
            RowColumn.Text("view.overlay", "", "the same under the saliency map", _ => DataUrl("image/jpeg", scorer.Overlay!)),
        ]);
        if (scorer.Map is not null && row.Saliency is not null)
            row = row with { Saliency = row.Saliency with { Files = new SaliencyPaths(DataUrl("image/png", scorer.Map), null, null) } };
        using RowAnswer answer = new(response, schema, format);
        await answer.Add(row, clock.Token);
        await answer.Complete(clock.Token);
    }

    async IAsyncEnumerable<InputItem> Read(HttpRequest request, PredictRequest wanted, string? boundary, RequestClock clock)
    {
        if (boundary is null)
        {
            yield return await room.Reader.ReadBody(request, wanted.Name, clock.Token);
            yield break;
        }
        await foreach (InputItem image in room.Reader.ReadParts(request, boundary, clock.Token))
            yield return image;
    }

    async Task<InputItem> ReadOne(HttpRequest request, PredictRequest wanted, string? boundary, RequestClock clock)
    {
        InputItem? only = null;
        try
        {
            await foreach (InputItem image in Read(request, wanted, boundary, clock))
            {
                if (only is null)
                {
                    only = image;
                    continue;
                }
                (image as IDisposable)?.Dispose();
                throw new RequestFault(StatusCodes.Status400BadRequest, "bad_request",
                    "pictures are made of one image a request; send the others in requests of their own");
            }
        }
        catch
        {
            (only as IDisposable)?.Dispose();
            throw;
        }
        return only ?? throw NoImage();
    }

    static string DataUrl(string type, byte[] file) => $"data:{type};base64,{Convert.ToBase64String(file)}";

    static RequestFault NoImage() =>
        new(StatusCodes.Status400BadRequest, "bad_request", "the request has no part with an image; send one, as curl -F image=@FILE does");
}
