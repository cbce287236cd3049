using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>
/// Packets' headers that stand in the headers (ITU-T T.800, A.7.4 and A.7.5): the segments PPM or PPT, each with its number first.
/// </summary>
sealed class Jpeg2000PackedHeaders(string name)
{
    readonly SortedDictionary<int, byte[]> _pieces = [];

    public bool IsEmpty => _pieces.Count == 0;

    public void Add(ReadOnlySpan<byte> content)
    {
        if (content.Length < 1 || !_pieces.TryAdd(content[0], content[1..].ToArray()))
            throw ImageChecks.Corrupt(name, "its packed packet headers are empty, or have a number twice");
    }

    /// <summary>All of them in the order of their numbers.</summary>
    public byte[] Join()
    {
        if (_pieces.Count > 0 && _pieces.Keys.Last() != _pieces.Count - 1)
            throw ImageChecks.Corrupt(name, "packed packet headers are missing");
        return [.. _pieces.Values.SelectMany(p => p)];
    }

    /// <summary>Takes a picture's packed headers apart: a length of four bytes before those of each part of a tile.</summary>
    /// <param name="parts">How many parts of tiles there are.</param>
    public byte[][] Split(int parts)
    {
        ReadOnlySpan<byte> all = Join();
        byte[][] split = new byte[parts][];
        for (int i = 0; i < parts; i++)
        {
            if (all.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(all) > all.Length - 4)
                throw ImageChecks.Truncated(name, $"its packed packet headers end before those of part {i} of {parts}");
            int length = (int)BinaryPrimitives.ReadUInt32BigEndian(all);
            split[i] = all.Slice(4, length).ToArray();
            all = all[(4 + length)..];
        }
        if (!all.IsEmpty)
            throw ImageChecks.Corrupt(name, "it has packed packet headers of more parts than there are");
        return split;
    }
}
