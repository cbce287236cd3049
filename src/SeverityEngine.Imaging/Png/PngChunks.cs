using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Png;

/// <summary>A PNG's chunks, walked once: every checksum and the order verified, the image data's places noted.</summary>
sealed class PngChunks
{
    /// <summary>Length, type and checksum around a chunk's data.</summary>
    const int Overhead = 12;

    bool _isTurned;

    PngChunks(PngHeader header) => Header = header;

    public PngHeader Header { get; }

    /// <summary>Red, green and blue of each color; empty without a palette.</summary>
    public byte[] Palette { get; private set; } = [];

    /// <summary>Whether colors of the palette have an alpha.</summary>
    public bool HasPaletteAlpha { get; private set; }

    /// <summary>Whether the file ends behind a chunk that is not IEND: it may still hold the whole picture.</summary>
    public bool LacksEnd { get; private set; }

    /// <summary>Where the pieces of compressed image data lie in the file.</summary>
    public List<(int Offset, int Length)> ImageData { get; } = [];

    public long ImageDataBytes { get; private set; }

    public List<string> Warnings { get; } = [];

    public static PngChunks Read(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        PngChunks? chunks = null;
        bool afterData = false;
        int at = PngHeader.Signature.Length;
        while (true)
        {
            if (at == file.Length && chunks is { ImageData.Count: > 0 })
            {
                chunks.Finish(name);
                chunks.LacksEnd = true;
                return chunks;
            }
            if (file.Length - at < Overhead)
                throw ImageChecks.Truncated(name, "its IEND chunk is missing");
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            ReadOnlySpan<byte> type = file.Slice(at + 4, 4);
            string label = Label(type);
            if (length > int.MaxValue || !IsLetters(type))
                throw ImageChecks.Corrupt(name, $"at byte {at} is no chunk");
            if (length > file.Length - at - Overhead)
            {
                // The header's dimensions tell more than a missing rest.
                if (chunks is null && type.SequenceEqual("IHDR"u8) && file.Length - at >= 8 + 13)
                    PngHeader.Read(file.Slice(at + 8, 13), name, limits);
                throw ImageChecks.Truncated(
                    name, $"its {label} chunk at byte {at} has {length} bytes and the file ends after {file.Length - at - 8}");
            }
            ReadOnlySpan<byte> data = file.Slice(at + 8, (int)length);
            uint checksum = BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..]);
            if (Crc32.HashToUInt32(file.Slice(at + 4, 4 + (int)length)) != checksum)
                throw ImageChecks.Corrupt(name, $"the checksum of its {label} chunk at byte {at} is wrong");

            if (chunks is null)
            {
                if (!type.SequenceEqual("IHDR"u8))
                    throw ImageChecks.Corrupt(name, $"its first chunk is {label}, not IHDR");
                chunks = new PngChunks(PngHeader.Read(data, name, limits));
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                if (afterData)
                    throw ImageChecks.Corrupt(name, "its image data lie in several places");
                chunks.ImageData.Add((at + 8, (int)length));
                chunks.ImageDataBytes += length;
            }
            else
            {
                afterData |= chunks.ImageData.Count > 0;
                if (type.SequenceEqual("IEND"u8))
                {
                    chunks.Finish(name);
                    if (at + Overhead + length < file.Length)
                        chunks.Warnings.Add($"{name}: {file.Length - at - Overhead - (int)length} bytes follow the image's end");
                    return chunks;
                }
                if (type.SequenceEqual("PLTE"u8))
                    chunks.ReadPalette(data, name);
                else if (type.SequenceEqual("eXIf"u8))
                    chunks.ReadExif(data, name);
                else if (type.SequenceEqual("tRNS"u8))
                    chunks.HasPaletteAlpha = chunks.Header.Color == PngColor.Palette;
                else if (char.IsAsciiLetterUpper((char)type[0]))
                    throw ImageChecks.Corrupt(name, $"its {label} chunk at byte {at} is not one that a PNG may have");
            }
            at += Overhead + (int)length;
        }
    }

    void ReadPalette(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length is 0 or > 3 * 256 || data.Length % 3 != 0 || Palette.Length > 0 || ImageData.Count > 0)
            throw ImageChecks.Corrupt(name, $"its palette has {data.Length} bytes or stands in the wrong place");
        Palette = data.ToArray();
    }

    void ReadExif(ReadOnlySpan<byte> data, string name)
    {
        if (!_isTurned && Exif.Orientation(data) is var orientation && orientation != Exif.Upright)
        {
            _isTurned = true;
            Warnings.Add(ImageDoubts.Turned(orientation, name));
        }
    }

    void Finish(string name)
    {
        if (ImageData.Count == 0)
            throw ImageChecks.Truncated(name, "it has no image data");
        if (Header.Color == PngColor.Palette && Palette.Length == 0)
            throw ImageChecks.Corrupt(name, "its palette is missing");
    }

    static string Label(ReadOnlySpan<byte> type) => IsLetters(type) ? Encoding.ASCII.GetString(type) : "unknown";

    static bool IsLetters(ReadOnlySpan<byte> type)
    {
        foreach (byte letter in type)
        {
            if (!char.IsAsciiLetter((char)letter))
                return false;
        }
        return true;
    }
}
