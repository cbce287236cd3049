namespace SeverityEngine.IO;

/// <summary>The bytes at a file's start, by which a kind of file is known.</summary>
static class FileStart
{
    const int MostBytes = 4096;

    /// <summary>Reads them of a file, which others may write to meanwhile.</summary>
    public static byte[] Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return Read(file);
    }

    /// <summary>Reads them of a stream, which then stands behind them.</summary>
    public static byte[] Read(Stream stream)
    {
        byte[] start = new byte[MostBytes];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return length == start.Length ? start : start[..length];
    }
}
