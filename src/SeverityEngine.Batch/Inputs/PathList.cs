using System.Text;

namespace SeverityEngine.Batch.Inputs;

/// <summary>A list of paths, one a line or with a NUL after each, read as it comes: it may be a pipe without end.</summary>
static class PathList
{
    /// <summary>Far above any path that a system takes; a longer line is no path, and is not held in memory.</summary>
    const int LongestPath = 32 << 10;

    /// <exception cref="SeverityException">The list cannot be opened or read.</exception>
    public static IEnumerable<string> Read(string list, bool nulSeparated)
    {
        byte separator = nulSeparated ? (byte)0 : (byte)'\n';
        using Stream stream = Open(list);
        byte[] buffer = new byte[2 * LongestPath];
        int filled = 0;
        bool ended = false;
        while (!ended)
        {
            int read = Fill(stream, list, buffer.AsSpan(filled));
            ended = read == 0;
            filled += read;
            int start = 0;
            while (start < filled)
            {
                int length = buffer.AsSpan(start, filled - start).IndexOf(separator);
                if (length < 0 && !ended)
                    break;
                int end = length < 0 ? filled : start + length;
                if (Text(buffer.AsSpan(start, end - start), nulSeparated) is { Length: > 0 } path)
                    yield return path;
                start = end + 1;
            }
            int rest = Math.Max(filled - start, 0);
            if (rest > LongestPath)
                throw new SeverityException(SeverityError.FileUnreadable, $"{list}: holds a line of more than {LongestPath} bytes, which is no path; with NUL between paths, use -0");
            buffer.AsSpan(Math.Min(start, filled), rest).CopyTo(buffer);
            filled = rest;
        }
    }

    static string Text(ReadOnlySpan<byte> line, bool exact)
    {
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        if (!exact)
            line = line.TrimEnd((byte)'\r');
        return Encoding.UTF8.GetString(!exact && line.StartsWith(mark) ? line[mark.Length..] : line);
    }

    static Stream Open(string list)
    {
        if (list == StandardInput.Spelling)
            return Console.OpenStandardInput();
        try
        {
            return new FileStream(list, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            SeverityError code = e is FileNotFoundException or DirectoryNotFoundException ? SeverityError.FileNotFound : SeverityError.FileUnreadable;
            throw new SeverityException(code, $"{list}: the list cannot be read: {e.Message}", e);
        }
    }

    static int Fill(Stream stream, string list, Span<byte> buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SeverityException(SeverityError.FileUnreadable, $"{list}: the list cannot be read: {e.Message}", e);
        }
    }
}
