using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Png;

/// <summary>The samples of a restored PNG row: channel 0 is written into the image.</summary>
/// <param name="header">What the row is made of.</param>
/// <param name="palette">Red, green and blue of each color; empty without a palette.</param>
readonly struct PngSamples(PngHeader header, byte[] palette)
{
    /// <summary>Writes a row's pixels to an output row, from <paramref name="first"/> on and <paramref name="spacing"/> apart.</summary>
    /// <param name="row">The restored row.</param>
    /// <param name="width">Its pixels.</param>
    /// <param name="output">The whole output row, in bytes.</param>
    /// <param name="first">The output pixel of the row's first.</param>
    /// <param name="spacing">Output pixels from one to the next: 1, or more in an interlaced image's passes.</param>
    /// <returns>False for a palette index beyond the palette.</returns>
    public bool Write(ReadOnlySpan<byte> row, int width, Span<byte> output, int first, int spacing)
    {
        int channels = header.Channels;
        if (header.Depth == 16)
        {
            ReadOnlySpan<ushort> samples = MemoryMarshal.Cast<byte, ushort>(row);
            Span<ushort> pixels = MemoryMarshal.Cast<byte, ushort>(output);
            if (channels == 1 && spacing == 1 && BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(samples[..width], pixels[first..]);
                return true;
            }
            for (int x = 0; x < width; x++)
                pixels[first + x * spacing] = BinaryPrimitives.ReadUInt16BigEndian(row[(2 * channels * x)..]);
            return true;
        }
        if (header.Color == PngColor.Palette)
            return WritePalette(row, width, output, first, spacing);
        if (header.Depth == 8)
        {
            if (channels == 1 && spacing == 1)
            {
                row[..width].CopyTo(output[first..]);
                return true;
            }
            for (int x = 0; x < width; x++)
                output[first + x * spacing] = row[channels * x];
            return true;
        }
        // 1, 2 or 4 bits: full white is 255.
        int scale = 255 / ((1 << header.Depth) - 1);
        for (int x = 0; x < width; x++)
            output[first + x * spacing] = (byte)(Packed(row, x) * scale);
        return true;
    }

    /// <summary>Adds a row that has been written to what is known of how far its channels are apart.</summary>
    public void Compare(ReadOnlySpan<byte> row, int width, ChannelDifference difference)
    {
        if (header.Color is PngColor.Gray or PngColor.GrayAlpha)
            return;
        int pixelBytes = header.Channels * header.Depth / 8;
        foreach (int x in difference.Of(width))
        {
            if (header.Color == PngColor.Palette)
            {
                int at = PaletteAt(row, x);
                difference.Add(palette[at], palette[at + 1], palette[at + 2]);
            }
            else if (header.Depth == 8)
            {
                ReadOnlySpan<byte> pixel = row.Slice(x * pixelBytes, 3);
                difference.Add(pixel[0], pixel[1], pixel[2]);
            }
            else
            {
                ReadOnlySpan<byte> pixel = row.Slice(x * pixelBytes, 6);
                difference.Add(BinaryPrimitives.ReadUInt16BigEndian(pixel), BinaryPrimitives.ReadUInt16BigEndian(pixel[2..]),
                    BinaryPrimitives.ReadUInt16BigEndian(pixel[4..]));
            }
        }
    }

    bool WritePalette(ReadOnlySpan<byte> row, int width, Span<byte> output, int first, int spacing)
    {
        for (int x = 0; x < width; x++)
        {
            int at = PaletteAt(row, x);
            if (at >= palette.Length)
                return false;
            output[first + x * spacing] = palette[at];
        }
        return true;
    }

    /// <summary>Where the color of a pixel stands in the palette, if it is in there.</summary>
    int PaletteAt(ReadOnlySpan<byte> row, int x) => 3 * (header.Depth == 8 ? row[x] : Packed(row, x));

    /// <summary>Several samples share a byte, the leftmost in its high bits.</summary>
    int Packed(ReadOnlySpan<byte> row, int x)
    {
        int perByte = 8 / header.Depth;
        int shift = (perByte - 1 - x % perByte) * header.Depth;
        return row[x / perByte] >> shift & (1 << header.Depth) - 1;
    }
}
