using System.Buffers;

namespace SeverityEngine;

/// <summary>An image file's bytes in pooled memory, read whole and within the limits, before it is decoded.</summary>
public sealed class ImageFile : IDisposable
{
    const int FirstChunk = 64 << 10;

    readonly ImageLimits _limits;
    readonly int _length;
    byte[]? _bytes;

    ImageFile(string name, byte[] rented, int length, ImageLimits limits)
    {
        Name = name;
        _bytes = rented;
        _length = length;
        _limits = limits;
    }

    /// <summary>What messages call the file: its path, or the name that was given with a stream.</summary>
    public string Name { get; }

    /// <summary>The file's bytes; valid until it is disposed.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.Disposed"/>.</exception>
    public ReadOnlySpan<byte> Bytes =>
        (_bytes ?? throw new SeverityException(SeverityError.Disposed, $"{Name}: the file has been disposed")).AsSpan(0, _length);

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file; a pipe or device is read to its end.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException">A file that is not there, not readable, empty or too large.</exception>
    public static ImageFile Open(string path, ImageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            // Buffering is off: the file is read in one piece into pooled memory.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return Read(stream, path, limits);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SeverityException(SeverityError.FileNotFound, $"{path}: no such file; check the path", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or ArgumentException or NotSupportedException)
        {
            string fault = Directory.Exists(path) ? "is a folder, not a file; name the image in it" : $"cannot be read: {e.Message}";
            throw new SeverityException(SeverityError.FileUnreadable, $"{path}: {fault}", e);
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException">A stream that fails, is empty or is too large.</exception>
    public static ImageFile Read(Stream stream, string name, ImageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= ImageLimits.Default;
        long limit = Math.Min(limits.MaxFileBytes, Array.MaxLength - 1);
        int expected = FirstChunk;
        if (stream.CanSeek)
        {
            long length = stream.Length - stream.Position;
            if (length > limit)
                throw TooLarge(name, limits);
            // One byte more than the file has, so that its end is seen without growing. Devices and /proc files claim a length of 0.
            expected = (int)Math.Max(length, FirstChunk - 1) + 1;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(expected);
        try
        {
            int filled = 0;
            while (true)
            {
                int read = stream.Read(buffer, filled, buffer.Length - filled);
                if (read == 0)
                    break;
                filled += read;
                if (filled > limit)
                    throw TooLarge(name, limits);
                if (filled == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * buffer.Length, limit + 1));
                    buffer.AsSpan(0, filled).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
            if (filled == 0)
                throw new SeverityException(SeverityError.FileEmpty, $"{name}: the file is empty; copy or export it again");
            return new ImageFile(name, buffer, filled, limits);
        }
        catch (Exception e)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (e is IOException or UnauthorizedAccessException)
                throw new SeverityException(SeverityError.FileUnreadable, $"{name}: cannot be read: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Decodes the image.</summary>
    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt.</exception>
    public XRayImage Decode() => XRayImage.Decode(Bytes, Name, _limits);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            ArrayPool<byte>.Shared.Return(bytes);
    }

    static SeverityException TooLarge(string name, ImageLimits limits) =>
        new(SeverityError.FileTooLarge, $"{name}: the file is larger than {limits.MaxFileBytes} bytes; raise {nameof(ImageLimits.MaxFileBytes)} if it is an X-ray");
}
