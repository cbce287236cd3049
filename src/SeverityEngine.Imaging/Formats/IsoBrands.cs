using System.Buffers.Binary;

namespace SeverityEngine.Imaging.Formats;

/// <summary>
/// The brands by which ISO media files (ISO/IEC 14496-12, 4.3) say what they hold: pictures in HEIF's containers, and videos.
/// </summary>
static class IsoBrands
{
    const int BrandBytes = 4, FirstAt = 8, VersionAt = FirstAt + BrandBytes, OthersAt = VersionAt + 4;

    /// <summary>More than any file has.</summary>
    const int MostBrandBytes = 64 * BrandBytes;

    /// <summary>Whether a file begins with brands.</summary>
    public static bool AreThere(ReadOnlySpan<byte> file) => file.Length >= VersionAt && file[4..].StartsWith("ftyp"u8);

    /// <summary>Whether they are those of HEIF's pictures (ISO/IEC 23008-12): HEVC's own, or the general ones alone.</summary>
    public static bool AreHeif(ReadOnlySpan<byte> file) => Has(file, "heic"u8, "heix"u8) || Has(file, "heim"u8, "heis"u8)
        || Has(file, "hevc"u8, "hevx"u8) || Has(file, "mif1"u8, "msf1"u8);

    /// <summary>Whether one of two brands is among a file's.</summary>
    public static bool Has(ReadOnlySpan<byte> file, ReadOnlySpan<byte> brand, ReadOnlySpan<byte> other)
    {
        if (!AreThere(file))
            return false;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(file);
        int end = (int)Math.Min(length, (uint)Math.Min(file.Length, OthersAt + MostBrandBytes));
        for (int at = FirstAt; at + BrandBytes <= Math.Max(end, VersionAt); at += BrandBytes)
        {
            ReadOnlySpan<byte> found = file.Slice(at, BrandBytes);
            if (at != VersionAt && (found.SequenceEqual(brand) || found.SequenceEqual(other)))
                return true;
        }
        return false;
    }
}
