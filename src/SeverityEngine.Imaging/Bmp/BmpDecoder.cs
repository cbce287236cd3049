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
                return StbDecoder.DecodeBmp(file, header.Width, header.Height, header.HasAlpha, name, limits);
        }
        // A run's best: two bytes for 255 pixels. Pixels can be left out, but a picture of which so many are is no X-ray.
        else if (present < (long)header.Width * header.Height * 2 / 255)
        {
            throw ImageChecks.Unsupported(name,
                $"a BMP of runs that has {present} bytes for {header.Width} x {header.Height} pixels, too few for a whole picture");
        }

        BmpPalette palette = new(
            file.Slice(header.PaletteAt, header.PaletteEntries * header.PaletteEntryBytes), header.PaletteEntryBytes);
        ChannelDifference difference = new();
        limits.Gate?.TakePicture((long)header.Width * header.Height);
        byte[] pixels = FilePool.Rent(header.Width * header.Height);
        try
        {
            Span<byte> output = pixels.AsSpan(0, header.Width * header.Height);
            if (header.HasRuns)
                BmpRuns.Decode(file[header.PixelsAt..], header, palette, output, difference, name);
            else
                DecodeRows(file[header.PixelsAt..], header, palette, output, difference, name);
            return new XRayImage(pixels, header.Width, header.Height, 8, byte.MaxValue, "BMP")
            {
                HasAlpha = header.HasAlpha,
                ChannelsDiffer = difference.IsLarge,
            };
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    static void DecodeRows(ReadOnlySpan<byte> data, BmpHeader header, BmpPalette palette, Span<byte> output,
        ChannelDifference difference, string name)
    {
        int usedBytes = (int)(((long)header.Width * header.Bits + 7) / 8);
        for (int y = 0; y < header.Height; y++)
        {
            ReadOnlySpan<byte> row = data.Slice((int)(y * header.RowBytes), usedBytes);
            int line = header.TopDown ? y : header.Height - 1 - y;
            Span<byte> to = output.Slice(line * header.Width, header.Width);
            if (header.Bits > 8)
                TakeFields(row, header, to, difference);
            else if (!TakeColors(row, header.Bits, palette, to, difference))
                throw ImageChecks.Corrupt(name, $"its row {line} names a color beyond its palette of {palette.Count}");
        }
    }

    /// <returns>False for an index beyond the palette.</returns>
    static bool TakeColors(ReadOnlySpan<byte> row, int bits, BmpPalette palette, Span<byte> to, ChannelDifference difference)
    {
        for (int x = 0; x < to.Length; x++)
        {
            int index = Index(row, bits, x);
            if (index >= palette.Count)
                return false;
            to[x] = palette.Red(index);
        }
        foreach (int x in difference.Of(to.Length))
            palette.AddTo(difference, Index(row, bits, x));
        return true;
    }

    /// <summary>Several indices share a byte, the leftmost in its high bits.</summary>
    static int Index(ReadOnlySpan<byte> row, int bits, int x)
    {
        int perByteLog2 = 3 - BitOperations.Log2((uint)bits), inByte = (1 << perByteLog2) - 1;
        return row[x >> perByteLog2] >> ((inByte - (x & inByte)) * bits) & (1 << bits) - 1;
    }

    static void TakeFields(ReadOnlySpan<byte> row, BmpHeader header, Span<byte> to, ChannelDifference difference)
    {
        int bytes = header.Bits / 8;
        BmpField red = new(header.RedMask), green = new(header.GreenMask), blue = new(header.BlueMask);
        for (int x = 0; x < to.Length; x++)
            to[x] = red.Of(Pixel(row, bytes, x));
        if (header.GreenMask == 0 || header.BlueMask == 0)
            return;
        foreach (int x in difference.Of(to.Length))
        {
            uint pixel = Pixel(row, bytes, x);
            difference.Add(to[x], green.Of(pixel), blue.Of(pixel));
        }
    }

    static uint Pixel(ReadOnlySpan<byte> row, int bytes, int x)
    {
        ReadOnlySpan<byte> pixel = row.Slice(x * bytes, bytes);
        return bytes switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(pixel),
            3 => (uint)(pixel[0] | pixel[1] << 8 | pixel[2] << 16),
            _ => BinaryPrimitives.ReadUInt32LittleEndian(pixel),
        };
    }
}
