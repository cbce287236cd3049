using System.Buffers.Binary;

namespace SeverityEngine.Imaging.Formats;

/// <summary>The one thing that is asked of Exif metadata (CIPA DC-008): how the picture is to be turned.</summary>
static class Exif
{
    public const int Upright = 1;
    const int EntryBytes = 12, OrientationTag = 0x0112, Short = 3;

    /// <summary>The orientation, 1 to 8, that the first directory names.</summary>
    /// <param name="metadata">
    /// The content of a JPEG's segment or a PNG's chunk. The mark that a JPEG's must begin with is left out in PNG, but not by all writers.
    /// </param>
    /// <returns><see cref="Upright"/> where it names none, or one that has no meaning, or is damaged.</returns>
    public static int Orientation(ReadOnlySpan<byte> metadata)
    {
        ReadOnlySpan<byte> mark = "Exif\0\0"u8;
        ReadOnlySpan<byte> tiff = metadata.StartsWith(mark) ? metadata[mark.Length..] : metadata;
        bool isLittle = tiff.StartsWith("II"u8);
        if (tiff.Length < 8 || !(isLittle || tiff.StartsWith("MM"u8)) || U16(tiff[2..]) != 42)
            return Upright;
        uint directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
            return Upright;
        ReadOnlySpan<byte> entries = tiff[(int)directory..];
        int count = Math.Min(U16(entries), (entries.Length - 2) / EntryBytes);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = entries.Slice(2 + i * EntryBytes, EntryBytes);
            if (U16(entry) == OrientationTag && U16(entry[2..]) == Short)
                return U16(entry[8..]) is var orientation and >= 1 and <= 8 ? orientation : Upright;
        }
        return Upright;

        int U16(ReadOnlySpan<byte> at) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }
}
