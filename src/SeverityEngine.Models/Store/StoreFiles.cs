namespace SeverityEngine.Models.Store;

/// <summary>Reads whole files, with errors that name them.</summary>
static class StoreFiles
{
    /// <summary>A file's bytes.</summary>
    public static byte[] Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (IsFileFault(e))
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>A file's bytes where it has just so many; null, with nothing read, where it has not.</summary>
    public static byte[]? Read(string path, long size)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            if (stream.Length != size)
                return null;
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)size);
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (IsFileFault(e))
        {
            throw Unreadable(path, e);
        }
    }

    public static bool IsFileFault(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    public static SeverityException Unwritable(string path, Exception e) =>
        new(SeverityError.FileUnwritable, $"{path}: cannot be written: {e.Message}; free space, or name another folder with SEVERITY_HOME", e);

    static SeverityException Unreadable(string path, Exception e) => e is FileNotFoundException or DirectoryNotFoundException
        ? new SeverityException(SeverityError.FileNotFound, $"{path}: no such file; check the path", e)
        : new SeverityException(SeverityError.FileUnreadable, Directory.Exists(path) ? $"{path}: is a folder, not a file" : $"{path}: cannot be read: {e.Message}", e);
}
