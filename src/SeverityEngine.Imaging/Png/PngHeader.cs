using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Png;

/// <summary>A PNG's IHDR chunk (ISO/IEC 15948, 11.2.2).</summary>
readonly record struct PngHeader(int Width, int Height, int Depth, PngColor Color, bool Interlaced)
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public int Channels => Color switch
    {
        PngColor.GrayAlpha => 2,
        PngColor.Rgb => 3,
        PngColor.Rgba => 4,
        _ => 1,
    };

    public bool HasAlpha => Color is PngColor.GrayAlpha or PngColor.Rgba;

    /// <summary>From one pixel to the one that filters see as its left neighbor, in bytes.</summary>
    public int FilterStep => Math.Max(1, Channels * Depth / 8);

    /// <summary>16 for 16-bit samples, else 8.</summary>
    public int OutputBits => Depth == 16 ? 16 : 8;

    public int RowBytes(int width) => checked((int)(((long)width * Channels * Depth + 7) / 8));

    public static PngHeader Read(ReadOnlySpan<byte> chunk, string name, ImageLimits limits)
    {
        if (chunk.Length != 13)
            throw ImageChecks.Corrupt(name, $"its IHDR chunk has {chunk.Length} bytes in place of 13");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(chunk), height = BinaryPrimitives.ReadUInt32BigEndian(chunk[4..]);
        ImageChecks.Dimensions(width, height, name, limits);
        (int depth, PngColor color) = (chunk[8], (PngColor)chunk[9]);
        bool known = color switch
        {
            PngColor.Gray => depth is 1 or 2 or 4 or 8 or 16,
            PngColor.Palette => depth is 1 or 2 or 4 or 8,
            PngColor.Rgb or PngColor.GrayAlpha or PngColor.Rgba => depth is 8 or 16,
            _ => false,
        };
        if (!known || chunk[10] != 0 || chunk[11] != 0 || chunk[12] > 1)
            throw ImageChecks.Corrupt(name, $"its header names color type {chunk[9]} with {depth} bits, "
                + $"compression {chunk[10]}, filter {chunk[11]}, interlace {chunk[12]}");
        return new PngHeader((int)width, (int)height, depth, color, chunk[12] == 1);
    }
}

/// <summary>A PNG's color types (ISO/IEC 15948, table 11.1).</summary>
enum PngColor : byte
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}
