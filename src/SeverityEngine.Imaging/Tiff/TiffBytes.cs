using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>A TIFF's bytes and how numbers are written in them (TIFF 6.0, section 2; BigTIFF has offsets of 8 bytes).</summary>
readonly ref struct TiffBytes
{
    /// <param name="file">A file that <see cref="Fits"/>.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException">A header that is cut short, or of a BigTIFF with another size of offsets.</exception>
    public TiffBytes(ReadOnlySpan<byte> file, string name)
    {
        File = file;
        Name = name;
        IsLittleEndian = file[0] == 'I';
        IsBig = file[IsLittleEndian ? 2 : 3] == '+';
        ImageChecks.Holds(file.Length, IsBig ? 16 : 8, name);
        if (IsBig && (Number(4, 2), Number(6, 2)) != (8, 0))
            throw ImageChecks.Corrupt(name, $"its BigTIFF header names offsets of {Number(4, 2)} bytes in place of 8");
    }

    public ReadOnlySpan<byte> File { get; }

    public string Name { get; }

    public bool IsLittleEndian { get; }

    public bool IsBig { get; }

    /// <summary>Bytes of an offset, and of a count of values.</summary>
    public int OffsetBytes => IsBig ? 8 : 4;

    /// <summary>Where the first directory stands.</summary>
    public long FirstDirectory => Number(IsBig ? 8 : 4, OffsetBytes);

    /// <summary>Whether a file begins as a TIFF does, in either byte order, classic or BigTIFF.</summary>
    public static bool Fits(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    /// <summary>An unsigned number that lies in the file; <see cref="long.MaxValue"/> for one beyond that.</summary>
    /// <param name="at">Where it stands.</param>
    /// <param name="bytes">How many bytes it has: 1, 2, 4 or 8.</param>
    public long Number(long at, int bytes)
    {
        ReadOnlySpan<byte> number = File.Slice((int)at, bytes);
        return bytes switch
        {
            1 => number[0],
            2 => IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(number) : BinaryPrimitives.ReadUInt16BigEndian(number),
            4 => IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(number) : BinaryPrimitives.ReadUInt32BigEndian(number),
            _ => (long)Math.Min(long.MaxValue,
                IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(number) : BinaryPrimitives.ReadUInt64BigEndian(number)),
        };
    }
}
