namespace SeverityEngine;

/// <summary>The one table of errors: each code's name in machine-readable output and the command's exit code for it.</summary>
public static class SeverityErrors
{
    /// <summary>The code's name in JSON and other output, for example <c>image_truncated</c>.</summary>
    public static string Name(this SeverityError error) => Row(error).Name;

    /// <summary>The command's exit code: 0 ok, 2 usage, 3 input, 4 model, 5 internal.</summary>
    public static int ExitCode(this SeverityError error) => Row(error).Exit;

    static (string Name, int Exit) Row(SeverityError error) => error switch
    {
        SeverityError.None => ("ok", 0),
        SeverityError.InvalidArgument => ("invalid_argument", 2),
        SeverityError.Disposed => ("disposed", 5),
        SeverityError.Canceled => ("cancelled", 5),
        SeverityError.FileNotFound => ("file_not_found", 3),
        SeverityError.FileUnreadable => ("file_unreadable", 3),
        SeverityError.FileEmpty => ("file_empty", 3),
        SeverityError.FileTooLarge => ("file_too_large", 3),
        SeverityError.FileUnwritable => ("file_unwritable", 3),
        SeverityError.ImageFormatUnknown => ("image_format_unknown", 3),
        SeverityError.ImageFormatUnsupported => ("image_format_unsupported", 3),
        SeverityError.ImageTooLarge => ("image_too_large", 3),
        SeverityError.ImageTruncated => ("image_truncated", 3),
        SeverityError.ImageCorrupt => ("image_corrupt", 3),
        SeverityError.ImageOutsideDomain => ("image_outside_domain", 3),
        SeverityError.ModelNotFound => ("model_not_found", 4),
        SeverityError.ModelInvalid => ("model_invalid", 4),
        SeverityError.ModelContract => ("model_contract", 4),
        SeverityError.ModelUnsupported => ("model_unsupported", 4),
        SeverityError.ModelUntrusted => ("model_untrusted", 4),
        SeverityError.CheckpointInvalid => ("checkpoint_invalid", 4),
        SeverityError.CheckpointLayout => ("checkpoint_layout", 4),
        SeverityError.VerificationFailed => ("verification_failed", 4),
        SeverityError.DownloadFailed => ("download_failed", 4),
        SeverityError.RuntimeUnavailable => ("runtime_unavailable", 5),
        SeverityError.InferenceFailed => ("inference_failed", 5),
        SeverityError.OutOfMemory => ("out_of_memory", 5),
        _ => ("internal", 5),
    };
}
