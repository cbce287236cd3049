using System.Buffers;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>
/// Strips and tiles that are JPEGs, without the tables that they share (TIFF Technical Note 2). Each is put together with the tables, and
/// then is a whole JPEG.
/// </summary>
readonly ref struct TiffJpeg
{
    const int MarkBytes = 2;

    readonly TiffBytes _bytes;
    readonly TiffPicture _picture;

    /// <summary>The tables, after their start mark and before their end mark.</summary>
    readonly ReadOnlySpan<byte> _tables;

    /// <exception cref="SeverityException">Tables that are none.</exception>
    public TiffJpeg(TiffBytes bytes, TiffDirectory page, TiffPicture picture)
    {
        _bytes = bytes;
        _picture = picture;
        if (page.Find(TiffTag.JpegTables) is not { } field)
            return;
        ReadOnlySpan<byte> stream = bytes.File.Slice(field.At, field.Count);
        if (field.Type != 7 || !stream.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) || !stream.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9])
            || stream.Length < 2 * MarkBytes)
        {
            throw ImageChecks.Corrupt(bytes.Name, "its JPEG tables do not begin and end as a JPEG does");
        }
        _tables = stream[MarkBytes..^MarkBytes];
    }

    /// <summary>Decodes a strip or tile.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="width">The pixels that a row of it must have.</param>
    /// <param name="rows">The rows that it must have.</param>
    /// <param name="fullRows">How many it may have in their place, where it is the last.</param>
    /// <param name="limits">The limits of its size.</param>
    /// <exception cref="SeverityException">A JPEG that is not read, of another size, truncated or corrupt.</exception>
    public XRayImage Decode((int Offset, int Length) place, int width, int rows, int fullRows, ImageLimits limits)
    {
        string name = _bytes.Name;
        ReadOnlySpan<byte> stored = _bytes.File.Slice(place.Offset, place.Length);
        if (!stored.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            throw ImageChecks.Corrupt(name, "a strip or tile of it is no JPEG");
        limits.Gate?.TakePicture(_tables.Length + stored.Length);
        byte[] whole = ArrayPool<byte>.Shared.Rent(_tables.Length + stored.Length);
        try
        {
            stored[..MarkBytes].CopyTo(whole);
            _tables.CopyTo(whole.AsSpan(MarkBytes));
            stored[MarkBytes..].CopyTo(whole.AsSpan(MarkBytes + _tables.Length));
            ReadOnlySpan<byte> stream = whole.AsSpan(0, _tables.Length + stored.Length);
            CodecHeader header = JpegDecoder.ReadHeader(stream, 8, name, limits);
            if (header.Width != width || header.Height != rows && header.Height != fullRows)
            {
                throw ImageChecks.Corrupt(name,
                    $"a strip or tile of it is a JPEG of {header.Width} x {header.Height} pixels in place of {width} x {rows}");
            }
            if (header.Components != _picture.Samples)
                throw ImageChecks.Corrupt(name, $"a JPEG in it has {header.Components} components for {_picture.Samples} samples");
            // libtiff goes by the TIFF alone, and other readers by the JPEG's marks.
            JpegColor color = _picture.Color == TiffColor.Rgb ? JpegColor.Rgb : JpegColor.YCbCr;
            return JpegDecoder.Decode(stream, name, limits, color, isCertain: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }
}
