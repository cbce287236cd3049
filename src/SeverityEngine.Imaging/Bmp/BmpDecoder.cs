using System.Buffers.Binary;
using System.Numerics;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Stb;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Bmp;

/// <summary>Windows and OS/2 bitmaps. Only channel 0 is kept, a byte a pixel.</summary>
/// <remarks>
/// StbImageSharp decodes 24 and 32 bits that follow their headers at once: the file's length proves that every pixel is there, and a pixel
/// can mean one thing only. The other forms are decoded here. StbImageSharp counts the palette by where the pixels start (and so loses
/// colors of OS/2, and refuses a gap), does not look whether an index has a color, scales masks unlike Pillow, and reads no runs.
/// </remarks>
static class BmpDecoder
{
    /// <exception cref="SeverityException">A form that is not read, or an image that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        BmpHeader header = BmpHeader.Read(file, name, limits);
        long present = file.Length - header.PixelsAt;
        if (!header.HasRuns)
        {
            // Some writers leave the last row's padding away.
            ImageChecks.Holds(present, header.RowBytes * (header.Height - 1) + ((long)header.Width * header.Bits + 7) / 8, name);
            if (header.IsPlain)
                return StbDecoder.DecodeBmp(file, header.Width, header.Height, name, limits);
        }
        // A run's best: two bytes for 255 pixels. Pixels can be left out, but a picture of which so many are is no X-ray.
        else if (present < (long)header.Width * header.Height * 2 / 255)
        {
            throw ImageChecks.Unsupported(name,
                $"a BMP of runs that has {present} bytes for {header.Width} x {header.Height} pixels, too few for a whole picture");
        }

        ReadOnlySpan<byte> reds = Reds(file, header, stackalloc byte[256]);
        limits.Gate?.TakePicture((long)header.Width * header.Height);
        byte[] pixels = FilePool.Rent(header.Width * header.Height);
        try
        {
            Span<byte> output = pixels.AsSpan(0, header.Width * header.Height);
            if (header.HasRuns)
                BmpRuns.Decode(file[header.PixelsAt..], header, reds, output, name);
            else
                DecodeRows(file[header.PixelsAt..], header, reds, output, name);
            return new XRayImage(pixels, header.Width, header.Height, 8, byte.MaxValue, "BMP");
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    /// <summary>Red of each color: the third byte of an entry, blue and green being before it.</summary>
    static ReadOnlySpan<byte> Reds(ReadOnlySpan<byte> file, BmpHeader header, Span<byte> reds)
    {
        for (int i = 0; i < header.PaletteEntries; i++)
            reds[i] = file[header.PaletteAt + i * header.PaletteEntryBytes + 2];
        return reds[..header.PaletteEntries];
    }

    static void DecodeRows(ReadOnlySpan<byte> data, BmpHeader header, ReadOnlySpan<byte> reds, Span<byte> output, string name)
    {
        int usedBytes = (int)(((long)header.Width * header.Bits + 7) / 8);
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = data.Slice((int)(y * header.RowBytes), usedBytes);
            int line = header.TopDown ? y : header.Height - 1 - y;
            Span<byte> to = output.Slice(line * header.Width, header.Width);
            if (header.Bits > 8)
                TakeField(row, header, to);
            else if (!TakeColors(row, header.Bits, reds, to))
                throw ImageChecks.Corrupt(name, $"its row {line} names a color beyond its palette of {reds.Length}");
        }
    }

    /// <summary>Several indices share a byte, the leftmost in its high bits.</summary>
    /// <returns>False for an index beyond the palette.</returns>
    static bool TakeColors(ReadOnlySpan<byte> row, int bits, ReadOnlySpan<byte> reds, Span<byte> to)
    {
        int perByteLog2 = 3 - BitOperations.Log2((uint)bits), inByte = (1 << perByteLog2) - 1, mask = (1 << bits) - 1;
        for (int x = 0; x < to.Length; x++)
        {
            int index = row[x >> perByteLog2] >> ((inByte - (x & inByte)) * bits) & mask;
            if (index >= reds.Length)
                return false;
            to[x] = reds[index];
        }
        return true;
    }

    /// <summary>
    /// Red by its mask. Up to 8 bits are scaled so that the largest value becomes 255, rounded down, as Pillow scales; of more, the upper
    /// 8 are kept, as netpbm and GIMP keep them.
    /// </summary>
    static void TakeField(ReadOnlySpan<byte> row, BmpHeader header, Span<byte> to)
    {
        int bytes = header.Bits / 8, shift = BitOperations.TrailingZeroCount(header.RedMask);
        int width = BitOperations.PopCount(header.RedMask);
        uint largest = width >= 8 ? 255 : (1u << width) - 1;
        shift += Math.Max(0, width - 8);
        for (int x = 0; x < to.Length; x++)
        {
            ReadOnlySpan<byte> pixel = row.Slice(x * bytes, bytes);
            uint value = bytes switch
            {
                2 => BinaryPrimitives.ReadUInt16LittleEndian(pixel),
                3 => (uint)(pixel[0] | pixel[1] << 8 | pixel[2] << 16),
                _ => BinaryPrimitives.ReadUInt32LittleEndian(pixel),
            };
            to[x] = (byte)((value & header.RedMask) >> shift & 255);
            if (largest < 255)
                to[x] = (byte)(to[x] * 255 / largest);
        }
    }
}
