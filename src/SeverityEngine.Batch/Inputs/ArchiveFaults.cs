namespace SeverityEngine.Batch.Inputs;

/// <summary>What .NET's archive readers raise for archives that are damaged or gone.</summary>
static class ArchiveFaults
{
    public static bool IsFault(Exception e) => e is InvalidDataException or IOException or UnauthorizedAccessException
        or FormatException or ArgumentException or NotSupportedException or OverflowException or InvalidOperationException;

    /// <summary>A row for the archive itself.</summary>
    public static FaultyInput Row(string path, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(path, SeverityError.FileNotFound, "no such file; check the path", e),
        InvalidDataException or EndOfStreamException or FormatException or OverflowException
            => new(path, SeverityError.FileUnreadable, $"the archive is damaged: {e.Message.TrimEnd('.')}; what comes before the damage is scored", e),
        _ => new(path, SeverityError.FileUnreadable, $"cannot be read: {e.Message}", e),
    };
}
