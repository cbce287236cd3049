using System.Buffers.Binary;

namespace SeverityEngine.Imaging.Tga;

/// <summary>What a TGA's pixels are (Truevision TGA 2.0, field 3); 8 more says that they are in runs.</summary>
enum TgaKind
{
    Mapped = 1,
    Rgb = 2,
    Gray = 3,
}

/// <summary>A TGA's header of 18 bytes.</summary>
/// <param name="Kind">What a pixel is.</param>
/// <param name="HasRuns">Whether pixels are stored in runs.</param>
/// <param name="HasMap">Whether a color map stands before the pixels, used or not.</param>
/// <param name="MapFirst">The index of the map's first color: those below it are not in the file.</param>
/// <param name="MapLength">How many colors are in the file.</param>
/// <param name="MapBits">15, 16, 24 or 32.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bits">Bits a pixel.</param>
/// <param name="IdBytes">Free text between the header and the map.</param>
/// <param name="Directions">Bit 4: from right to left; bit 5: from the top down.</param>
readonly record struct TgaHeader(TgaKind Kind, bool HasRuns, bool HasMap, int MapFirst, int MapLength, int MapBits,
    int Width, int Height, int Bits, int IdBytes, byte Directions)
{
    public const int Bytes = 18;

    /// <summary>Whether pixels, or the map's colors, have 8 bits that may be alpha.</summary>
    public bool HasAlpha => Kind switch
    {
        TgaKind.Mapped => MapBits == 32,
        TgaKind.Rgb => Bits == 32,
        _ => Bits == 16,
    };

    public int PixelBytes => (Bits + 7) / 8;

    public int MapEntryBytes => (MapBits + 7) / 8;

    public int MapAt => Bytes + IdBytes;

    public int PixelsAt => MapAt + (HasMap ? MapLength * MapEntryBytes : 0);

    public bool IsRightToLeft => (Directions & 0x10) != 0;

    public bool IsTopDown => (Directions & 0x20) != 0;

    /// <summary>Whether every field of the header is one that a TGA can have: the format has no signature at its start.</summary>
    public static bool Fits(ReadOnlySpan<byte> file) => TryRead(file, out _);

    public static bool TryRead(ReadOnlySpan<byte> file, out TgaHeader header)
    {
        header = default;
        if (file.Length < Bytes)
            return false;
        header = new TgaHeader((TgaKind)(file[2] & ~8), file[2] >= 8, file[1] == 1, BinaryPrimitives.ReadUInt16LittleEndian(file[3..]),
            BinaryPrimitives.ReadUInt16LittleEndian(file[5..]), file[7], BinaryPrimitives.ReadUInt16LittleEndian(file[12..]),
            BinaryPrimitives.ReadUInt16LittleEndian(file[14..]), file[16], file[0], file[17]);
        bool mapFits = header.HasMap
            ? header.MapBits is 15 or 16 or 24 or 32 && header.MapLength > 0
            : file[1] == 0 && header.Kind != TgaKind.Mapped;
        bool bitsFit = header.Kind switch
        {
            TgaKind.Mapped => header.Bits is 8 or 16,
            TgaKind.Rgb => header.Bits is 15 or 16 or 24 or 32,
            TgaKind.Gray => header.Bits is 8 or 16,
            _ => false,
        };
        // The two highest bits interleaved rows in TGA 1.0; they are unused now.
        return mapFits && bitsFit && (file[17] & 0xC0) == 0 && header.Width > 0 && header.Height > 0;
    }
}
