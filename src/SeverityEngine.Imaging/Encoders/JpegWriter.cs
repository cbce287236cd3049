using System.Buffers.Binary;
using System.Text;
using StbImageWriteSharp;

namespace SeverityEngine.Imaging.Encoders;

/// <summary>Writes baseline JPEG through StbImageWriteSharp.</summary>
static class JpegWriter
{
    /// <summary>The largest side that a JPEG's frame header can name.</summary>
    const int MaxSide = 65_535;

    /// <summary>SOI, and the JFIF segment, which has to follow at once (ITU-T T.871).</summary>
    const int HeaderEnd = 2 + 18;

    /// <summary>SOI and JFIF's marker.</summary>
    static ReadOnlySpan<byte> Start => [0xFF, 0xD8, 0xFF, 0xE0];

    /// <summary>COM; a length of two bytes, which counts itself, comes next.</summary>
    static ReadOnlySpan<byte> Comment => [0xFF, 0xFE];

    /// <param name="stream">Where it goes; it stays open.</param>
    /// <param name="pixels">8-bit pixels.</param>
    /// <param name="software">What made it, in ASCII: a comment after the file's header; null for none.</param>
    /// <param name="quality">1 to 100; above 90 colors keep their full resolution.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: 16 bits, too large a side, a bad quality.
    /// </exception>
    public static unsafe void Write(Stream stream, PixelBlock pixels, string? software, int quality)
    {
        if (pixels.BytesPerSample != 1)
            throw new SeverityException(
                SeverityError.InvalidArgument, "JPEG holds 8 bits a sample and these pixels have 16; name a .png file");
        if (pixels.Width > MaxSide || pixels.Height > MaxSide)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"a picture of {pixels.Width} x {pixels.Height} is beyond JPEG's {MaxSide} pixels a side; name a .png file");
        }
        if (quality is < 1 or > 100)
            throw new SeverityException(SeverityError.InvalidArgument, $"a JPEG quality of {quality} is outside 1 to 100");
        ColorComponents components = pixels.Channels == 3 ? ColorComponents.RedGreenBlue : ColorComponents.Grey;
        // The library writes byte by byte.
        BufferedStream buffered = new(software is null ? stream : new CommentedStream(stream, Encoding.ASCII.GetBytes(software)), 64 << 10);
        fixed (byte* samples = pixels.Samples)
            new StbImageWriteSharp.ImageWriter().WriteJpg(samples, pixels.Width, pixels.Height, components, buffered, quality);
        // Flushed and not disposed, which would close the stream below.
        buffered.Flush();
    }

    /// <summary>Whether a file starts as one that this wrote for a software.</summary>
    public static bool Says(ReadOnlySpan<byte> start, ReadOnlySpan<byte> software) => start.Length > HeaderEnd + 4 + software.Length
        && start.StartsWith(Start) && start[HeaderEnd..].StartsWith(Comment) && start[(HeaderEnd + 4)..].StartsWith(software);

    /// <summary>Passes a file on with a comment behind its header.</summary>
    sealed class CommentedStream(Stream output, byte[] comment) : WriteOnlyStream
    {
        long _written;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_written <= HeaderEnd && HeaderEnd < _written + buffer.Length)
            {
                int head = (int)(HeaderEnd - _written);
                output.Write(buffer[..head]);
                Span<byte> length = stackalloc byte[2];
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(length.Length + comment.Length));
                output.Write(Comment);
                output.Write(length);
                output.Write(comment);
                buffer = buffer[head..];
                _written += head;
            }
            output.Write(buffer);
            _written += buffer.Length;
        }

        public override void Flush() => output.Flush();
    }
}
