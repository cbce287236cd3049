namespace SeverityEngine.IO;

/// <summary>What tells, without reading a file, whether it may hold other bytes than before. Times are nanoseconds since 1970.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When its bytes were last written; whoever copies a file may set it.</param>
/// <param name="Changed">
/// When the system last changed anything of it, which nobody sets; where .NET does not tell it, when the file was made.
/// </param>
/// <param name="Number">Which file it is on its file system; 0 where the system does not say.</param>
readonly record struct FileState(long Size, long Modified, long Changed, ulong Number)
{
    const long NanosecondsOfTick = 100;

    /// <summary>The state of what a path leads to; null where that is nothing, or may not be seen.</summary>
    public static FileState? Of(string path)
    {
        if (OperatingSystem.IsLinux() && FileStatus.Of(path) is { State: { } state })
            return state;
        FileInfo file = new(path);
        try
        {
            return !file.Exists ? null
                : new FileState(file.Length, Nanoseconds(file.LastWriteTimeUtc), Nanoseconds(file.CreationTimeUtc), 0);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            return null;
        }
    }

    /// <summary>How long ago it came to be so, by this machine's clock; negative where it is told from the future.</summary>
    public TimeSpan Age => TimeSpan.FromTicks((Nanoseconds(DateTime.UtcNow) - Math.Max(Modified, Changed)) / NanosecondsOfTick);

    static long Nanoseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks * NanosecondsOfTick;
}
