using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Encoders;

/// <summary>Pixels to write: gray or RGB, row after row without a gap, 16-bit samples in the machine's byte order.</summary>
readonly ref struct PixelBlock
{
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: a size that does not fit the pixels.</exception>
    public PixelBlock(ReadOnlySpan<byte> samples, int width, int height, int channels, int bytesPerSample)
    {
        if (width < 1 || height < 1)
            throw new SeverityException(
                SeverityError.InvalidArgument, $"a picture of {width} x {height}: width and height must be at least 1");
        long needed = (long)width * height * channels * bytesPerSample;
        if (samples.Length != needed)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"a picture of {width} x {height} with {channels * bytesPerSample} bytes a pixel has {needed} bytes, but "
                    + $"{samples.Length} are given");
        }
        Samples = samples;
        Width = width;
        Height = height;
        Channels = channels;
        BytesPerSample = bytesPerSample;
    }

    /// <inheritdoc cref="PixelBlock(ReadOnlySpan{byte}, int, int, int, int)"/>
    public PixelBlock(ReadOnlySpan<ushort> gray, int width, int height)
        : this(MemoryMarshal.AsBytes(gray), width, height, channels: 1, bytesPerSample: 2)
    {
    }

    public ReadOnlySpan<byte> Samples { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>1 for gray, 3 for RGB.</summary>
    public int Channels { get; }

    /// <summary>1 or 2.</summary>
    public int BytesPerSample { get; }

    public int BytesPerPixel => Channels * BytesPerSample;

    public ReadOnlySpan<byte> Row(int y) => Samples.Slice(y * Width * BytesPerPixel, Width * BytesPerPixel);
}
