using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>
/// A list of paths, one a line or with a NUL after each. A file is read whole when the list is opened, once for all who ask for its
/// paths; what may have no end, a pipe or a huge file, is read as it comes, by one reader.
/// </summary>
sealed class PathList
{
    /// <summary>Far above any path that a system takes; a longer line is no path, and is not held in memory.</summary>
    const int LongestPath = 32 << 10;

    /// <summary>The largest file that is held: half a million paths.</summary>
    const int MostHeld = 64 << 20;

    static readonly FileKind s_kind = new("list of paths") { FolderRemedy = "name the folder itself to score what is in it" };

    readonly string _name;
    readonly byte _separator;
    readonly byte[]? _held;
    readonly Stream? _stream;

    PathList(string name, bool nulSeparated, Stream stream)
    {
        _name = name;
        _separator = nulSeparated ? (byte)0 : (byte)'\n';
        if (stream is FileStream { CanSeek: true, Length: > 0 and <= MostHeld } file)
        {
            using (file)
                _held = WholeFile.Read(file, name, s_kind, MostHeld);
        }
        else
            _stream = stream;
    }

    /// <summary>Whether its paths can be asked for any number of times.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>Opens a list, and reads it where it is a file.</summary>
    /// <exception cref="SeverityException">The list cannot be opened or read.</exception>
    public static PathList Open(string list, bool nulSeparated) =>
        // Who makes the list may still have it open.
        new(list, nulSeparated, list == StandardInput.Spelling ? Console.OpenStandardInput()
            : WholeFile.Open(list, s_kind, share: FileShare.ReadWrite));

    /// <summary>
    /// The list in UTF-8. One in UTF-16, as PowerShell 5 writes it, begins with a mark, and is nothing else: no path begins with such
    /// bytes.
    /// </summary>
    static Stream InUtf8(Stream stream)
    {
        byte[] mark = new byte[2];
        int read = stream.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false);
        Encoding? encoding = mark is [0xFF, 0xFE] ? Encoding.Unicode : mark is [0xFE, 0xFF] ? Encoding.BigEndianUnicode : null;
        return read == mark.Length && encoding is not null
            ? Encoding.CreateTranscodingStream(stream, encoding, Encoding.UTF8)
            : new PrefixedStream(mark.AsMemory(0, read), stream);
    }

    /// <summary>The paths; where the list is not held, once.</summary>
    /// <exception cref="SeverityException">The list cannot be read, or is none.</exception>
    public IEnumerable<string> Paths()
    {
        using Stream stream = Open(_held is null ? _stream! : new MemoryStream(_held, writable: false));
        byte[] buffer = new byte[2 * LongestPath];
        int filled = 0;
        bool ended = false;
        while (!ended)
        {
            int read = Fill(stream, buffer.AsSpan(filled));
            ended = read == 0;
            filled += read;
            int start = 0;
            while (start < filled)
            {
                int length = buffer.AsSpan(start, filled - start).IndexOf(_separator);
                if (length < 0 && !ended)
                    break;
                int end = length < 0 ? filled : start + length;
                if (Text(buffer.AsSpan(start, end - start), exact: _separator == 0) is { Length: > 0 } path)
                    yield return path;
                start = end + 1;
            }
            int rest = Math.Max(filled - start, 0);
            if (rest > LongestPath)
            {
                throw new SeverityException(SeverityError.FileUnreadable,
                    $"{_name}: holds a line of more than {LongestPath} bytes, which is no path; with NUL between paths, use -0");
            }
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

    Stream Open(Stream stream)
    {
        try
        {
            return InUtf8(stream);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw WholeFile.Fault(_name, e, s_kind);
        }
    }

    int Fill(Stream stream, Span<byte> buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw WholeFile.Fault(_name, e, s_kind);
        }
    }
}
