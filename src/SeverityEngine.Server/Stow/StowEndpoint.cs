using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Dicom.Network;
using SeverityEngine.Server.Http;
using SeverityEngine.Server.Scoring;

namespace SeverityEngine.Server.Stow;

/// <summary>
/// <c>POST /studies</c> and <c>/studies/{uid}</c>: STOW-RS (PS3.18, 10.5). Each object is scored, and its row is on the disk before the
/// answer calls it stored. The object itself is not kept.
/// </summary>
sealed class StowEndpoint(ScoringRoom room, StoredRows rows)
{
    const string DicomJson = "application/dicom+json", Dicom = "application/dicom", Related = "multipart/related";

    readonly Lock _reading = new();

    public async Task Answer(HttpContext context, RequestClock clock)
    {
        HttpRequest request = context.Request;
        string? study = StudyOf(request.Path.Value!);
        string boundary = BoundaryOf(request);
        RequireAccepted(request.Headers.Accept.ToString());
        using Entrance entrance = room.Approach();
        List<(StoredInstance Instance, Task<ScoreRow>? Row)> all = [];
        int waiting = 0;
        await foreach (InputItem part in room.Reader.ReadParts(request, boundary, clock.Token))
        {
            entrance.Enter(part);
            clock.Restart();
            all.Add(Begin(part, study, clock));
            // As many at once as there are workers; the others' bytes are not read yet.
            for (; all.Count - waiting > room.Workers.Count; waiting++)
            {
                clock.IsReceiving = false;
                if (all[waiting].Row is { } earlier)
                    await earlier.WaitAsync(clock.Token);
                clock.IsReceiving = true;
            }
        }
        clock.IsReceiving = false;
        if (all.Count == 0)
            throw new RequestFault(StatusCodes.Status400BadRequest, "bad_request", "the request has no part with an object; send one");
        List<ScoreRow> made = [];
        foreach ((StoredInstance instance, Task<ScoreRow>? pending) in all)
        {
            if (pending is null)
                continue;
            ScoreRow row = await pending.WaitAsync(clock.Token);
            clock.Restart();
            made.Add(row);
            if (row.Error is not null)
                instance.Failure = FailureReason.Of(row.Error.Code);
        }
        Keep(made, all.Select(a => a.Instance));
        await Write(context.Response, [.. all.Select(a => a.Instance)], clock.Token);
    }

    (StoredInstance, Task<ScoreRow>?) Begin(InputItem part, string? study, RequestClock clock)
    {
        if (part is not UploadedImage image)
        {
            try
            {
                part.Read(room.Options.Limits);
            }
            catch (SeverityException e)
            {
                return (new StoredInstance(null, null) { Failure = FailureReason.Of(e.Code) }, null);
            }
        }
        image = (UploadedImage)part;
        StoredInstance instance;
        // A deflated data set is unpacked for this, which may take much memory: one at a time.
        lock (_reading)
            instance = StoredInstance.Read(image, room.Options.Limits);
        if (study is not null && instance.Failure == 0 && instance.Study != study)
            instance.Failure = FailureReason.OtherStudy;
        if (instance.Failure != 0)
        {
            image.Dispose();
            return (instance, null);
        }
        return (instance, room.Score(image.Renamed($"{instance.Uid}.dcm"), room.Storing, clock.Token));
    }

    /// <summary>Adds the rows to the file; where that fails, nothing of the request is stored.</summary>
    void Keep(List<ScoreRow> made, IEnumerable<StoredInstance> instances)
    {
        try
        {
            rows.Add(made);
        }
        catch (SeverityException e)
        {
            Report.Error(e.Message);
            foreach (StoredInstance instance in instances.Where(i => i.Failure == 0))
                instance.Failure = FailureReason.OutOfResources;
        }
    }

    static string? StudyOf(string path)
    {
        string[] parts = path.Split('/');
        return parts.Length switch
        {
            2 => null,
            3 when parts[2].Length > 0 && NetworkUids.IsUid(parts[2]) => parts[2],
            _ => throw new RequestFault(StatusCodes.Status404NotFound, "not_found", "objects are sent to /studies or /studies/{uid}"),
        };
    }

    static string BoundaryOf(HttpRequest request)
    {
        if (UploadReader.BoundaryOf(request.ContentType, Related) is { } boundary
            && MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && type.Parameters.FirstOrDefault(p => p.Name.Equals("type", StringComparison.OrdinalIgnoreCase)) is { } kind
            && HeaderUtilities.RemoveQuotes(kind.Value).Equals(Dicom, StringComparison.OrdinalIgnoreCase))
            return boundary;
        throw new RequestFault(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type",
            $"objects are taken as {Related}; type=\"{Dicom}\"; boundary=...");
    }

    static void RequireAccepted(string accept)
    {
        bool isAccepted = accept.Length == 0 || accept.Split(',').Select(a => a.Split(';')[0].Trim())
            .Any(a => a is "*/*" or "application/*" or "application/json" || a.Equals(DicomJson, StringComparison.OrdinalIgnoreCase));
        if (!isAccepted)
        {
            throw new RequestFault(StatusCodes.Status406NotAcceptable, "not_acceptable",
                $"the answer is {DicomJson}; accept that");
        }
    }

    /// <summary>The Store Instances Response Module (PS3.18, I.2) in DICOM JSON.</summary>
    static async Task Write(HttpResponse response, List<StoredInstance> instances, CancellationToken stop)
    {
        StoredInstance[] stored = [.. instances.Where(i => i.Failure == 0)];
        response.StatusCode = stored.Length == instances.Count ? StatusCodes.Status200OK
            : stored.Length > 0 ? StatusCodes.Status202Accepted : StatusCodes.Status409Conflict;
        response.ContentType = DicomJson;
        using (Utf8JsonWriter json = new(response.BodyWriter))
        {
            json.WriteStartObject();
            // Retrieve URL, of the study and below of each object, is there without a value: nothing is kept that could be retrieved.
            Attribute(json, "00081190", "UR");
            json.WriteEndObject();
            Sequence(json, "00081198", instances.Where(i => i.Failure != 0 && i.Uid is not null), isFailure: true);
            Sequence(json, "00081199", stored, isFailure: false);
            Sequence(json, "0008119A", instances.Where(i => i.Failure != 0 && i.Uid is null), isFailure: true);
            json.WriteEndObject();
        }
        await response.BodyWriter.FlushAsync(stop);
    }

    static void Sequence(Utf8JsonWriter json, string tag, IEnumerable<StoredInstance> instances, bool isFailure)
    {
        StoredInstance[] items = [.. instances];
        if (items.Length == 0)
            return;
        Attribute(json, tag, "SQ");
        json.WriteStartArray("Value");
        foreach (StoredInstance item in items)
        {
            json.WriteStartObject();
            if (item.Uid is not null)
            {
                Text(json, "00081150", "UI", item.SopClass!);
                Text(json, "00081155", "UI", item.Uid);
            }
            if (isFailure)
            {
                Attribute(json, "00081197", "US");
                json.WriteStartArray("Value");
                json.WriteNumberValue(item.Failure);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            else
            {
                Attribute(json, "00081190", "UR");
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Attribute(Utf8JsonWriter json, string tag, string vr)
    {
        json.WriteStartObject(tag);
        json.WriteString("vr", vr);
    }

    static void Text(Utf8JsonWriter json, string tag, string vr, string value)
    {
        Attribute(json, tag, vr);
        json.WriteStartArray("Value");
        json.WriteStringValue(value);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
