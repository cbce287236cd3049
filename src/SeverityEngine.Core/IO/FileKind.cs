namespace SeverityEngine.IO;

/// <summary>
/// A kind of file as messages speak of it: what it is called, which errors its faults are, and what there is to do about them.
/// </summary>
/// <param name="Name">What it is called where it is missing: "no such ...".</param>
sealed record FileKind(string Name)
{
    /// <summary>A file of which nothing else is known.</summary>
    public static FileKind Any { get; } = new("file");

    /// <summary>The error where it is not there.</summary>
    public SeverityError Missing { get; init; } = SeverityError.FileNotFound;

    /// <summary>The error where it is there and cannot be read.</summary>
    public SeverityError Unreadable { get; init; } = SeverityError.FileUnreadable;

    /// <summary>The error where it is larger than the limit.</summary>
    public SeverityError TooLarge { get; init; } = SeverityError.FileTooLarge;

    /// <summary>What to do where a folder is named in its place.</summary>
    public string FolderRemedy { get; init; } = "name a file in it";

    /// <summary>What to do where it holds no bytes; null where that is no fault.</summary>
    public string? EmptyRemedy { get; init; }

    /// <summary>What to do where it is larger than the limit.</summary>
    public string TooLargeRemedy { get; init; } = "name another";
}
