using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.IO;
using SeverityEngine.Server.Monitoring;
using SeverityEngine.Server.Scoring;

namespace SeverityEngine.Server.Http;

/// <summary>
/// Reads the images of a request one after the other: its body, or each part of a multipart body. Memory grows with what has come, never
/// with what a header claims. What cannot be read is an input all the same, whose row says why.
/// </summary>
sealed class UploadReader(UploadMemory memory, ImageLimits limits, ServerMetrics metrics)
{
    /// <summary>Images in one request.</summary>
    const int MostParts = 1000;

    const int FirstBytes = 64 << 10, ReadBytes = 32 << 10, MostHeaders = 32, HeaderBytes = 16 << 10, MostBoundary = 200, MostName = 1000;

    /// <summary>The body of a request as one image.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">What the image is called.</param>
    /// <param name="stop">Ends the waiting for the client.</param>
    public Task<InputItem> ReadBody(HttpRequest request, string name, CancellationToken stop) =>
        request.ContentLength > limits.MaxFileBytes
            ? Task.FromResult<InputItem>(new FaultyInput(name, ImageFile.TooLarge(name, limits)))
            : ReadImage(request.Body, name, stop);

    /// <summary>The parts of a multipart body, in order.</summary>
    /// <param name="request">The request.</param>
    /// <param name="boundary">What stands between the parts.</param>
    /// <param name="stop">Ends the waiting for the client.</param>
    public async IAsyncEnumerable<InputItem> ReadParts(
        HttpRequest request, string boundary, [EnumeratorCancellation] CancellationToken stop)
    {
        MultipartReader reader = new(boundary, request.Body, ReadBytes)
        {
            HeadersCountLimit = MostHeaders,
            HeadersLengthLimit = HeaderBytes,
        };
        for (int number = 1; ; number++)
        {
            (InputItem? item, bool isLast) = await ReadPart(reader, number, stop);
            if (item is not null)
                yield return item;
            if (isLast)
                yield break;
        }
    }

    /// <summary>The boundary of a multipart body; null where the body is none.</summary>
    /// <param name="contentType">The request's content type.</param>
    /// <param name="kind">The media type that is looked for.</param>
    /// <exception cref="RequestFault">It is one, and has no boundary, or one that cannot be.</exception>
    public static string? BoundaryOf(string? contentType, string kind)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals(kind, StringComparison.OrdinalIgnoreCase))
            return null;
        string? boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return boundary is { Length: > 0 and <= MostBoundary } ? boundary : throw new RequestFault(StatusCodes.Status400BadRequest,
            "bad_request", $"the content type {kind} names no boundary between its parts; name it: {kind}; boundary=...");
    }

    async Task<(InputItem? Item, bool IsLast)> ReadPart(MultipartReader reader, int number, CancellationToken stop)
    {
        string name = $"image {number}";
        try
        {
            MultipartSection? part = await reader.ReadNextSectionAsync(stop);
            if (part is null)
                return (null, true);
            if (number > MostParts)
            {
                return (new FaultyInput(name, SeverityError.InvalidArgument,
                    $"a request may have {MostParts} images; send this one and those after it in another"), true);
            }
            return (await ReadImage(part.Body, NameOf(part) ?? name, stop), false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return (new FaultyInput(name, SeverityError.FileUnreadable,
                "the request breaks off here, or breaks the form of multipart bodies; send it again", e), true);
        }
    }

    async Task<InputItem> ReadImage(Stream body, string name, CancellationToken stop)
    {
        long begun = Stopwatch.GetTimestamp();
        byte[]? bytes = null;
        long held = 0;
        int length = 0;
        try
        {
            while (true)
            {
                if (bytes is null || length == bytes.Length)
                {
                    long size = Math.Min(Math.Max(FirstBytes, 2L * length), Math.Min(limits.MaxFileBytes, Array.MaxLength - 1) + 1);
                    if (!memory.TryTake(size - held))
                    {
                        throw new SeverityException(SeverityError.OutOfMemory, $"{name}: {Amount.Bytes(memory.Taken)} of images wait for "
                            + "their scores already, and this one does not fit beside them; send it again later");
                    }
                    held = size;
                    byte[] larger = FilePool.Rent((int)size);
                    if (bytes is not null)
                    {
                        bytes.AsSpan(0, length).CopyTo(larger);
                        FilePool.Return(bytes);
                    }
                    bytes = larger;
                }
                int read = await body.ReadAsync(bytes.AsMemory(length), stop);
                if (read == 0)
                    break;
                length += read;
                if (length > limits.MaxFileBytes)
                    throw ImageFile.TooLarge(name, limits);
            }
            if (length == 0)
                throw ImageFile.Empty(name);
            metrics.Add(Stage.Receive, Stopwatch.GetElapsedTime(begun));
            UploadedImage image = new(name, bytes, length, memory, held);
            (bytes, held) = (null, 0);
            return image;
        }
        catch (SeverityException e)
        {
            return new FaultyInput(name, e);
        }
        finally
        {
            if (bytes is not null)
                FilePool.Return(bytes);
            memory.Give(held);
        }
    }

    /// <summary>What a form calls a part: the file's name, else the field's; null for neither.</summary>
    static string? NameOf(MultipartSection part)
    {
        if (part.ContentDisposition is null
            || !ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out ContentDispositionHeaderValue? named))
            return null;
        foreach (string? name in (string?[])[named.FileNameStar.Value, named.FileName.Value, named.Name.Value])
        {
            if (HeaderUtilities.RemoveQuotes(name).Value is { Length: > 0 and <= MostName } plain)
                return plain;
        }
        return null;
    }
}
