using System.Diagnostics.CodeAnalysis;

namespace SeverityEngine;

/// <summary>A view of raw pixels in the caller's memory: nothing is copied, nothing is owned.</summary>
public readonly ref struct XRayPixels
{
    /// <summary>Describes pixels that lie in <paramref name="data"/>.</summary>
    /// <param name="data">The pixels, row after row, top row first.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">How a pixel lies in memory.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without a gap.</param>
    /// <param name="maxValue">
    /// The value of full white: 0 for the format's largest (255, or 65,535 for 16 bits); 4095 for 12-bit pixels in 16-bit integers.
    /// </param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a size, stride or length that cannot be.
    /// </exception>
    public XRayPixels(
        ReadOnlySpan<byte> data, int width, int height, PixelFormat format = PixelFormat.Gray8, int stride = 0, int maxValue = 0)
    {
        int bytesPerPixel = BytesPerPixelOf(format);
        int largest = format == PixelFormat.Gray16 ? ushort.MaxValue : byte.MaxValue;
        if (bytesPerPixel == 0)
            Refuse($"pixel format {(int)format} is unknown; use one of those that are documented");
        if (width < 1 || height < 1)
            Refuse($"pixels of {width} x {height}: width and height must be at least 1");
        long rowBytes = (long)width * bytesPerPixel;
        if (stride != 0 && stride < rowBytes)
            Refuse($"a stride of {stride} bytes is less than a row of {width} {format} pixels, {rowBytes} bytes; "
                + "give 0 for rows without a gap");
        if (stride == 0)
        {
            if (rowBytes > int.MaxValue)
                Refuse($"a row of {width} {format} pixels is larger than 2 GiB");
            stride = (int)rowBytes;
        }
        long needed = ((long)height - 1) * stride + rowBytes;
        if (data.Length < needed)
            Refuse($"{width} x {height} {format} pixels with a stride of {stride} bytes need {needed} bytes, but {data.Length} are given");
        if (format == PixelFormat.Gray16 && stride % sizeof(ushort) != 0)
            Refuse($"a stride of {stride} bytes splits 16-bit pixels; it must be even");
        if (maxValue < 0 || maxValue > largest)
            Refuse($"a full-white value of {maxValue} is outside 1 to {largest}, the range of {format}; give 0 for {largest}");
        Data = data;
        Width = width;
        Height = height;
        Format = format;
        Stride = stride;
        MaxValue = maxValue == 0 ? largest : maxValue;
    }

    /// <summary>The pixels, row after row, top row first.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>How a pixel lies in memory.</summary>
    public PixelFormat Format { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>The value of full white.</summary>
    public int MaxValue { get; }

    /// <summary>Bytes from one pixel to the next.</summary>
    internal int BytesPerPixel => BytesPerPixelOf(Format);

    /// <summary>Where channel 0, red, stands in a pixel, in bytes.</summary>
    internal int ChannelOffset => Format is PixelFormat.Bgr24 or PixelFormat.Bgra32 ? 2 : 0;

    static int BytesPerPixelOf(PixelFormat format) => format switch
    {
        PixelFormat.Gray8 => 1,
        PixelFormat.Gray16 => 2,
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        _ => 0,
    };

    [DoesNotReturn]
    static void Refuse(string message) => throw new SeverityException(SeverityError.InvalidArgument, message);
}
