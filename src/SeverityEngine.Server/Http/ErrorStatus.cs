using Microsoft.AspNetCore.Http;

namespace SeverityEngine.Server.Http;

/// <summary>The status that an image's error is answered with, where it is the only one of its request.</summary>
static class ErrorStatus
{
    public static int Of(SeverityError error) => error switch
    {
        SeverityError.None => StatusCodes.Status200OK,
        SeverityError.InvalidArgument or SeverityError.FileEmpty or SeverityError.FileUnreadable => StatusCodes.Status400BadRequest,
        SeverityError.FileTooLarge or SeverityError.ImageTooLarge => StatusCodes.Status413PayloadTooLarge,
        SeverityError.ImageFormatUnknown or SeverityError.ImageFormatUnsupported => StatusCodes.Status415UnsupportedMediaType,
        SeverityError.ImageTruncated or SeverityError.ImageCorrupt or SeverityError.ImageOutsideDomain =>
            StatusCodes.Status422UnprocessableEntity,
        SeverityError.ModelUnsupported => StatusCodes.Status501NotImplemented,
        SeverityError.OutOfMemory or SeverityError.Canceled or SeverityError.Disposed => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
