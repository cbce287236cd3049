using StbImageWriteSharp;

namespace SeverityEngine.Imaging.Encoders;

/// <summary>Writes baseline JPEG through StbImageWriteSharp.</summary>
static class JpegWriter
{
    /// <summary>The largest side that a JPEG's frame header can name.</summary>
    const int MaxSide = 65_535;

    /// <param name="stream">Where it goes; it stays open.</param>
    /// <param name="pixels">8-bit pixels.</param>
    /// <param name="quality">1 to 100; above 90 colors keep their full resolution.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: 16 bits, too large a side, a bad quality.</exception>
    public static unsafe void Write(Stream stream, PixelBlock pixels, int quality)
    {
        if (pixels.BytesPerSample != 1)
            throw new SeverityException(SeverityError.InvalidArgument, "JPEG holds 8 bits a sample and these pixels have 16; name a .png file");
        if (pixels.Width > MaxSide || pixels.Height > MaxSide)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"a picture of {pixels.Width} x {pixels.Height} is beyond JPEG's {MaxSide} pixels a side; name a .png file");
        }
        if (quality is < 1 or > 100)
            throw new SeverityException(SeverityError.InvalidArgument, $"a JPEG quality of {quality} is outside 1 to 100");
        ColorComponents components = pixels.Channels == 3 ? ColorComponents.RedGreenBlue : ColorComponents.Grey;
        // The library writes byte by byte.
        BufferedStream buffered = new(stream, 64 << 10);
        fixed (byte* samples = pixels.Samples)
            new StbImageWriteSharp.ImageWriter().WriteJpg(samples, pixels.Width, pixels.Height, components, buffered, quality);
        // Flushed and not disposed, which would close the stream below.
        buffered.Flush();
    }
}
