using System.Buffers.Binary;
using System.Numerics;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Bmp;

/// <summary>How a BMP's pixels are stored (wingdi.h, BI_RGB and its kin).</summary>
enum BmpCompression
{
    None = 0,
    Runs8 = 1,
    Runs4 = 2,
    BitFields = 3,
    AlphaBitFields = 6,
}

/// <summary>
/// A BMP's headers: OS/2 1.x (12 bytes), OS/2 2.x (16 to 64 bytes, cut anywhere between fields) and Windows (40, 52, 56, 108 and 124).
/// </summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="TopDown">Whether the top row comes first; else the bottom row does.</param>
/// <param name="Bits">Bits a pixel: 1, 4, 8, 16, 24 or 32.</param>
/// <param name="Compression">How the pixels are stored.</param>
/// <param name="RedMask">The bits of red in a pixel of more than 8 bits.</param>
/// <param name="GreenMask">The bits of green; 0 where the file gives bits that are not side by side: red alone is needed.</param>
/// <param name="BlueMask">The bits of blue, or 0.</param>
/// <param name="PaletteAt">Where the palette begins.</param>
/// <param name="PaletteEntryBytes">3 in OS/2 1.x, else 4.</param>
/// <param name="PaletteEntries">How many colors it has; 0 for pixels of more than 8 bits, whose palette is a mere hint.</param>
/// <param name="PixelsAt">Where the pixels begin.</param>
/// <param name="IsPlain">Whether the pixels follow the headers at once, in 24 or 32 bits without masks or a palette.</param>
readonly record struct BmpHeader(
    int Width, int Height, bool TopDown, int Bits, BmpCompression Compression,
    uint RedMask, uint GreenMask, uint BlueMask, int PaletteAt, int PaletteEntryBytes, int PaletteEntries, int PixelsAt, bool IsPlain)
{
    const int FileHeaderBytes = 14, Os2Bytes = 12, WindowsBytes = 40, LongestOs2Bytes = 64;

    public bool HasRuns => Compression is BmpCompression.Runs8 or BmpCompression.Runs4;

    /// <summary>Whether red, green and blue leave 8 bits that may be an alpha channel: no field says so in most files.</summary>
    public bool HasAlpha => Bits == 32 && BitOperations.PopCount(RedMask | GreenMask | BlueMask) <= 24;

    /// <summary>From one row to the next: rows end at a multiple of four bytes.</summary>
    public long RowBytes => ((long)Width * Bits + 31) / 32 * 4;

    public static BmpHeader Read(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        ImageChecks.Holds(file.Length, FileHeaderBytes + Os2Bytes, name);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(file[FileHeaderBytes..]);
        bool isWindows = size is WindowsBytes or 52 or 56 or 108 or 124;
        if (!isWindows && size is not (Os2Bytes or >= 16 and <= LongestOs2Bytes))
            throw ImageChecks.Corrupt(name, $"its BMP header claims a size of {size} bytes");
        ImageChecks.Holds(file.Length, FileHeaderBytes + size, name);
        ReadOnlySpan<byte> fields = file.Slice(FileHeaderBytes, (int)size);
        bool isShort = size == Os2Bytes;
        long width = isShort ? BinaryPrimitives.ReadUInt16LittleEndian(fields[4..]) : BinaryPrimitives.ReadInt32LittleEndian(fields[4..]);
        long height = isShort ? BinaryPrimitives.ReadUInt16LittleEndian(fields[6..]) : BinaryPrimitives.ReadInt32LittleEndian(fields[8..]);
        int planes = BinaryPrimitives.ReadUInt16LittleEndian(fields[(isShort ? 8 : 12)..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(fields[(isShort ? 10 : 14)..]);
        uint compression = Field(fields, 16), colors = Field(fields, 32);
        ImageChecks.Dimensions(width, Math.Abs(height), name, limits);
        if (planes != 1)
            throw ImageChecks.Corrupt(name, $"its BMP header names {planes} planes in place of 1");
        RefuseForm(bits, compression, isWindows, topDown: height < 0, name);

        BmpCompression form = (BmpCompression)compression;
        int paletteAt = FileHeaderBytes + (int)size;
        (uint redMask, uint greenMask, uint blueMask) = bits == 16 ? (0x7C00u, 0x3E0u, 0x1Fu) : (0xFF0000u, 0xFF00u, 0xFFu);
        if (form is BmpCompression.BitFields or BmpCompression.AlphaBitFields)
        {
            // The masks of red, green and blue, and alpha: behind the header of 40 bytes, inside the longer ones.
            int masksAt = FileHeaderBytes + WindowsBytes;
            if (size == WindowsBytes)
                paletteAt += form == BmpCompression.BitFields ? 12 : 16;
            ImageChecks.Holds(file.Length, paletteAt, name);
            redMask = BinaryPrimitives.ReadUInt32LittleEndian(file[masksAt..]);
            CheckRedMask(redMask, bits, name);
            greenMask = MaskOrNone(BinaryPrimitives.ReadUInt32LittleEndian(file[(masksAt + 4)..]));
            blueMask = MaskOrNone(BinaryPrimitives.ReadUInt32LittleEndian(file[(masksAt + 8)..]));
        }

        uint pixelsAt = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        if (pixelsAt < paletteAt)
            throw ImageChecks.Corrupt(name, $"its pixels start at byte {pixelsAt}, inside its header");
        ImageChecks.Holds(file.Length, pixelsAt, name);
        int entryBytes = isShort ? 3 : 4;
        int entries = bits > 8 ? 0 : CountPalette(bits, colors, (pixelsAt - paletteAt) / entryBytes, name);
        bool isPlain = form == BmpCompression.None && bits is 24 or 32 && pixelsAt == FileHeaderBytes + size
            && size is Os2Bytes or WindowsBytes or 108 or 124;
        return new BmpHeader((int)width, (int)Math.Abs(height), height < 0, bits, form, redMask, greenMask, blueMask,
            paletteAt, entryBytes, entries, (int)pixelsAt, isPlain);
    }

    /// <summary>A field of 32 bits; 0 where the header ends before it.</summary>
    static uint Field(ReadOnlySpan<byte> fields, int at) =>
        fields.Length >= at + 4 ? BinaryPrimitives.ReadUInt32LittleEndian(fields[at..]) : 0;

    static void RefuseForm(int bits, uint compression, bool isWindows, bool topDown, string name)
    {
        // OS/2 gives 3 and 4 to Huffman's code and to runs of 24 bits, Windows 4 and 5 to JPEG and PNG, and 2 and 64 bits to few programs.
        bool known = compression <= 2 || isWindows && compression is 3 or 6;
        if (!known || bits is 0 or 2 or 64)
            throw ImageChecks.Unsupported(name, $"a BMP of {bits} bits with compression {compression}, which is not read");
        bool fits = (BmpCompression)compression switch
        {
            BmpCompression.None => bits is 1 or 4 or 8 or 16 or 24 or 32,
            BmpCompression.Runs8 => bits == 8,
            BmpCompression.Runs4 => bits == 4,
            _ => bits is 16 or 24 or 32,
        };
        if (!fits)
            throw ImageChecks.Corrupt(name, $"its BMP header names {bits} bits a pixel with compression {compression}");
        if (topDown && compression is 1 or 2)
            throw ImageChecks.Unsupported(name, "a BMP of runs with its top row first, which is not read");
    }

    static void CheckRedMask(uint mask, int bits, string name)
    {
        if (mask == 0)
            throw ImageChecks.Unsupported(name, "a BMP without red, which is not read");
        if (MaskOrNone(mask) == 0 || bits < 32 && mask >> bits != 0)
            throw ImageChecks.Corrupt(name, $"its BMP header names 0x{mask:X} as the bits of red");
    }

    /// <summary>A mask; 0 for one whose bits are not side by side.</summary>
    static uint MaskOrNone(uint mask)
    {
        uint digits = mask == 0 ? 0 : mask >> BitOperations.TrailingZeroCount(mask);
        return (digits & (digits + 1)) == 0 ? mask : 0;
    }

    static int CountPalette(int bits, uint claimed, long room, string name)
    {
        int most = 1 << bits;
        if (claimed == 0)
            return (int)Math.Min(most, room);
        if (claimed > room)
            throw ImageChecks.Corrupt(name, $"its header claims {claimed} colors, and {room} are there before its pixels");
        return (int)Math.Min(most, claimed);
    }
}
