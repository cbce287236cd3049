using SeverityEngine.Interop;

namespace SeverityEngine.IO;

/// <summary>
/// The one way to open a file for reading and to read it whole: within a limit that holds before memory is taken, and with errors that name
/// the file, the fault and the remedy.
/// </summary>
static class WholeFile
{
    const int FirstChunk = 64 << 10;

    /// <summary>How often, and after how long, a file that another program keeps for itself is tried again.</summary>
    const int MostTries = 20, TryAgainMilliseconds = 5;

    /// <summary>Opens a file, which others may replace or remove meanwhile.</summary>
    /// <param name="path">The file; a pipe's opening waits for its other end.</param>
    /// <param name="kind">What messages say of it.</param>
    /// <param name="buffer">Bytes to buffer; 0 for callers who read large pieces.</param>
    /// <param name="share">What else others may do.</param>
    /// <exception cref="SeverityException">It is not there, is a folder, or cannot be opened.</exception>
    public static FileStream Open(string path, FileKind kind, int buffer = 0, FileShare share = FileShare.Read)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (kind.IsNoDevice && FileStatus.Of(path).Type == FileType.Device)
            throw new SeverityException(kind.Unreadable, $"{path}: is a device, not a {kind.Name}; name a file");
        for (int tries = 1; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.Open, FileAccess.Read, share | FileShare.Delete, buffer, FileOptions.SequentialScan);
            }
            catch (IOException e) when (tries < MostTries && FileFaults.IsInUse(e))
            {
                // A writer keeps a file for itself for a moment after the file got its name.
                Thread.Sleep(TryAgainMilliseconds);
            }
            catch (Exception e) when (FileFaults.IsFault(e))
            {
                throw Fault(path, e, kind);
            }
        }
    }

    /// <summary>Reads a file into an array of just its length.</summary>
    /// <param name="path">The file; a pipe or device is read to its end.</param>
    /// <param name="kind">What messages say of it.</param>
    /// <param name="limit">The most bytes that it may have; never more than an array can.</param>
    /// <exception cref="SeverityException">
    /// It is not there, not readable, or larger than the limit; empty, where <paramref name="kind"/> refuses that.
    /// </exception>
    public static byte[] Read(string path, FileKind kind, long limit)
    {
        using FileStream stream = Open(path, kind);
        return Read(stream, path, kind, limit);
    }

    /// <summary>Reads a stream to its end into an array of just its length.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="kind">What messages say of it.</param>
    /// <param name="limit">The most bytes that it may have; never more than an array can.</param>
    /// <exception cref="SeverityException">
    /// It cannot be read or is larger than the limit; empty, where <paramref name="kind"/> refuses that.
    /// </exception>
    public static byte[] Read(Stream stream, string name, FileKind kind, long limit)
    {
        byte[] bytes = Fill(stream, name, kind, limit, pooled: false, out int length);
        return bytes.Length == length ? bytes : bytes[..length];
    }

    /// <summary>Reads a stream to its end into an array from <see cref="FilePool"/>, which the caller gives back.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="kind">What messages say of it.</param>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <param name="length">How many it has.</param>
    /// <exception cref="SeverityException">
    /// It cannot be read or is larger than the limit; empty, where <paramref name="kind"/> refuses that.
    /// </exception>
    public static byte[] Rent(Stream stream, string name, FileKind kind, long limit, out int length) =>
        Fill(stream, name, kind, limit, pooled: true, out length);

    /// <summary>The error for what went wrong with a path.</summary>
    public static SeverityException Fault(string path, Exception e, FileKind kind)
    {
        // What a name's bytes cannot be decoded to stands in it as this character, and what is opened then is another name.
        if (e is FileNotFoundException or DirectoryNotFoundException && path.Contains('\uFFFD', StringComparison.Ordinal))
            return new SeverityException(kind.Unreadable,
                $"{path}: its name is not UTF-8, and cannot be opened so; rename the {kind.Name}", e);
        if (e is FileNotFoundException or DirectoryNotFoundException)
            return new SeverityException(kind.Missing, $"{path}: no such {kind.Name}; check the path", e);
        string fault = path.Length == 0 ? "an empty text names no file; give its path"
            : Directory.Exists(path) ? $"is a folder, not a {kind.Name}; {kind.FolderRemedy}"
            : e is UnauthorizedAccessException
                ? $"cannot be read: there is no permission to; change the {kind.Name}'s rights, or ask its owner"
            : FileFaults.IsInUse(e) ? "cannot be read: another program keeps it for itself; end that one, or wait for it"
            : FileStatus.IsSpecial(path) ? $"is a socket or device that cannot be read ({FileFaults.Reason(e)}); name a {kind.Name}"
            : Unreadable(e);
        return new SeverityException(kind.Unreadable, $"{path}: {fault}", e);
    }

    /// <summary>The error for a file that is larger than its limit.</summary>
    public static SeverityException TooLarge(string name, FileKind kind, long limit) =>
        new(kind.TooLarge, $"{name}: the file is larger than {Math.Min(limit, Array.MaxLength)} bytes; {kind.TooLargeRemedy}");

    /// <summary>The error for a file of no bytes.</summary>
    public static SeverityException Empty(string name, FileKind kind) =>
        new(SeverityError.FileEmpty, $"{name}: the file is empty; {kind.EmptyRemedy}");

    static byte[] Fill(Stream stream, string name, FileKind kind, long limit, bool pooled, out int length)
    {
        long most = Math.Min(limit, Array.MaxLength - 1);
        byte[]? buffer = null;
        try
        {
            // Pipes have no length; devices and /proc files claim 0.
            long claimed = stream.CanSeek ? stream.Length - stream.Position : 0;
            if (claimed > most)
                throw TooLarge(name, kind, limit);
            buffer = Take(pooled, claimed > 0 ? (int)claimed : (int)Math.Min(FirstChunk, most + 1));
            length = 0;
            Span<byte> next = stackalloc byte[1];
            while (true)
            {
                if (length < buffer.Length)
                {
                    int read = stream.Read(buffer, length, buffer.Length - length);
                    if (read == 0)
                        break;
                    length += read;
                }
                else
                {
                    // A byte more shows whether it has grown, or said less than it has, before memory is taken for that.
                    if (stream.Read(next) == 0)
                        break;
                    byte[] larger = Take(pooled, (int)Math.Min(2L * length + FirstChunk, most + 1));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    if (pooled)
                        FilePool.Return(buffer);
                    buffer = larger;
                    buffer[length++] = next[0];
                }
                if (length > most)
                    throw TooLarge(name, kind, limit);
            }
            if (length == 0 && kind.EmptyRemedy is not null)
                throw Empty(name, kind);
            byte[] filled = buffer;
            buffer = null;
            return filled;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw new SeverityException(kind.Unreadable, $"{name}: {Unreadable(e)}", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new SeverityException(SeverityError.OutOfMemory, $"{name}: no memory for the file's bytes; free some and try again", e);
        }
        finally
        {
            if (pooled && buffer is not null)
                FilePool.Return(buffer);
        }
    }

    static byte[] Take(bool pooled, int length) => pooled ? FilePool.Rent(length) : HugePages.Allocate(length);

    static string Unreadable(Exception e) => $"cannot be read: {FileFaults.Reason(e)}; check the disk or the network, and copy it again";
}
