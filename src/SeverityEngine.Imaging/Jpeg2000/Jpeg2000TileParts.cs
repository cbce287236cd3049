using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>A part of a tile: its header's segments, and its data behind them.</summary>
/// <param name="Tile">The tile's number.</param>
/// <param name="Header">Where its header's segments begin, behind the segment SOT.</param>
/// <param name="Data">Where its data begin.</param>
/// <param name="End">Where they end.</param>
readonly record struct Jpeg2000TilePart(int Tile, int Header, int Data, int End)
{
    public int DataLength => End - Data;
}

/// <summary>Finds a code stream's tile-parts (ITU-T T.800, A.4.2) without taking in what they say.</summary>
sealed unsafe class Jpeg2000TileParts(byte* data, int length, string name)
{
    const int ContentLength = 8, SegmentLength = 12;

    /// <summary>Finds them all, up to the code stream's end.</summary>
    /// <param name="at">Where the first begins.</param>
    /// <param name="tiles">How many tiles there are.</param>
    /// <returns>They in the order in which they stand.</returns>
    /// <exception cref="SeverityException">Parts out of order, a tile without any, or no end.</exception>
    public List<Jpeg2000TilePart> Find(int at, int tiles)
    {
        ImageChecks.Holds(length - at, (long)tiles * (SegmentLength + 2), name);
        List<Jpeg2000TilePart> parts = [];
        byte[] counts = new byte[tiles];
        while (true)
        {
            if (length - at < 2)
                throw ImageChecks.Truncated(name, "its code stream has no end marker");
            if (Word(at) == Jpeg2000Segments.End)
                break;
            Jpeg2000TilePart part = Read(at, tiles, counts);
            parts.Add(part);
            at = part.End;
        }
        int missing = counts.AsSpan().IndexOf((byte)0);
        if (missing >= 0)
            throw ImageChecks.Truncated(name, $"tile {missing} of {tiles} is missing");
        return parts;
    }

    Jpeg2000TilePart Read(int at, int tiles, byte[] counts)
    {
        Jpeg2000Segments segments = new(data, at, length, name);
        int marker = segments.Next();
        if (marker != Jpeg2000Segments.TilePart)
            throw ImageChecks.Corrupt(name, $"the marker {marker:X4} at byte {at} of its code stream is no tile's");
        ReadOnlySpan<byte> content = segments.Content;
        if (content.Length != ContentLength)
            throw ImageChecks.Corrupt(name, $"its segment SOT at byte {at} of its code stream has {content.Length + 2} bytes");
        int tile = BinaryPrimitives.ReadUInt16BigEndian(content), number = content[6];
        long size = BinaryPrimitives.ReadUInt32BigEndian(content[2..]);
        if (tile >= tiles)
            throw ImageChecks.Corrupt(name, $"byte {at} of its code stream says tile {tile} of {tiles}");
        if (number != counts[tile] || number == byte.MaxValue)
            throw ImageChecks.Corrupt(name, $"part {counts[tile]} of tile {tile} is missing, or out of place: part {number} follows");
        counts[tile]++;
        int header = segments.At;
        while (segments.Next() != Jpeg2000Segments.StartOfData)
        {
        }
        return new Jpeg2000TilePart(tile, header, segments.At, EndOf(segments.At, at + size, size == 0));
    }

    /// <summary>
    /// Where a part's data end: by its length if a part or the code stream's end stands there. Some lengths are wrong; the data cannot have
    /// such a marker in them, so that the first one ends them.
    /// </summary>
    int EndOf(int start, long claimed, bool isOpen)
    {
        if (!isOpen && claimed >= start && claimed <= length - 2 && IsEnd((int)claimed))
            return (int)claimed;
        for (int at = start; at < length - 1; at++)
        {
            int found = new ReadOnlySpan<byte>(data + at, length - 1 - at).IndexOf((byte)0xFF);
            if (found < 0)
                break;
            at += found;
            if (IsEnd(at))
                return at;
        }
        return length;
    }

    bool IsEnd(int at) => Word(at) is Jpeg2000Segments.TilePart or Jpeg2000Segments.End;

    int Word(int at) => BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(data + at, 2));
}
