namespace SeverityEngine.IO;

/// <summary>The one way to write a file that is only good whole: a temporary file beside it, flushed to the disk, takes its name.</summary>
static class AtomicFile
{
    /// <summary>Writes a file; an older one stays whole until the new one is.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string partial = $"{path}.{Guid.NewGuid():n}.partial";
        try
        {
            using (FileStream stream = new(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (File.Exists(partial))
                File.Delete(partial);
            throw new SeverityException(SeverityError.FileUnwritable, $"{path}: cannot be written: {e.Message}", e);
        }
    }
}
