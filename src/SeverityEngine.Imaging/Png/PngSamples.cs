using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Png;

/// <summary>Channel 0 of a restored PNG row, written into the image.</summary>
readonly struct PngSamples(PngHeader header, byte[] paletteReds)
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

    bool WritePalette(ReadOnlySpan<byte> row, int width, Span<byte> output, int first, int spacing)
    {
        for (int x = 0; x < width; x++)
        {
            int index = header.Depth == 8 ? row[x] : Packed(row, x);
            if (index >= paletteReds.Length)
                return false;
            output[first + x * spacing] = paletteReds[index];
        }
        return true;
    }

    /// <summary>Several samples share a byte, the leftmost in its high bits.</summary>
    int Packed(ReadOnlySpan<byte> row, int x)
    {
        int perByte = 8 / header.Depth;
        int shift = (perByte - 1 - x % perByte) * header.Depth;
        return row[x / perByte] >> shift & (1 << header.Depth) - 1;
    }
}
