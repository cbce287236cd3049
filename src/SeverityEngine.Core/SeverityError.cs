namespace SeverityEngine;

/// <summary>
/// What went wrong, as one number. The C ABI returns these values as its status codes, the command maps them to exit codes
/// (<see cref="SeverityErrors.ExitCode"/>) and prints their names (<see cref="SeverityErrors.Name"/>), so a value never changes its
/// meaning.
/// </summary>
public enum SeverityError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>An argument is out of its range, or two contradict each other.</summary>
    InvalidArgument = 1,
    /// <summary>The object has been disposed.</summary>
    Disposed = 2,
    /// <summary>The caller canceled the operation.</summary>
    Canceled = 3,

    /// <summary>The file does not exist.</summary>
    FileNotFound = 10,
    /// <summary>The file exists but cannot be read: permissions, a directory, a device error.</summary>
    FileUnreadable = 11,
    /// <summary>The file holds no bytes.</summary>
    FileEmpty = 12,
    /// <summary>The file is larger than the limit.</summary>
    FileTooLarge = 13,
    /// <summary>A file cannot be written: permissions, a full disk.</summary>
    FileUnwritable = 14,

    /// <summary>The bytes are in no image format that is known.</summary>
    ImageFormatUnknown = 20,
    /// <summary>The format is known but not read by this engine, or uses a feature that is not.</summary>
    ImageFormatUnsupported = 21,
    /// <summary>The image's dimensions are beyond the limits.</summary>
    ImageTooLarge = 22,
    /// <summary>The image ends before its data does.</summary>
    ImageTruncated = 23,
    /// <summary>The image's data contradict their format or their checksum.</summary>
    ImageCorrupt = 24,
    /// <summary>The image is not of the kind that the model is made for, and such are refused.</summary>
    ImageOutsideDomain = 25,

    /// <summary>No model of that name or at that path.</summary>
    ModelNotFound = 30,
    /// <summary>The file is not an ONNX model that can be run.</summary>
    ModelInvalid = 31,
    /// <summary>The model runs, but breaks the engine's model contract.</summary>
    ModelContract = 32,
    /// <summary>The model has no support for what is asked of it.</summary>
    ModelUnsupported = 33,
    /// <summary>The model is more than data: it could do what a program can, and nobody has said that it is trusted.</summary>
    ModelUntrusted = 34,

    /// <summary>A weights file is damaged, hostile, or beyond the reader's limits.</summary>
    CheckpointInvalid = 40,
    /// <summary>A weights file is sound but not of a layout that is known, or lacks a parameter.</summary>
    CheckpointLayout = 41,
    /// <summary>A file's size or hash is not the one expected.</summary>
    VerificationFailed = 42,
    /// <summary>A download failed.</summary>
    DownloadFailed = 43,

    /// <summary>ONNX Runtime's native library cannot be found or loaded.</summary>
    RuntimeUnavailable = 50,
    /// <summary>ONNX Runtime failed while running the model.</summary>
    InferenceFailed = 51,
    /// <summary>Memory could not be had.</summary>
    OutOfMemory = 52,
    /// <summary>A fault of the engine itself; please report it.</summary>
    Internal = 99,
}
