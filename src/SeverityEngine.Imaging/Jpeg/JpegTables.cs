using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>The quantization and Huffman tables that are in force (ITU-T T.81, B.2.4).</summary>
sealed unsafe class JpegTables
{
    const int Slots = 4;

    readonly string _name;
    readonly JpegHuffmanTable* _huffman;
    readonly ushort* _quantizers;
    int _huffmanPresent, _quantizersPresent;

    public JpegTables(JpegMemory memory, string name)
    {
        _name = name;
        _huffman = (JpegHuffmanTable*)memory.Take(2 * Slots * sizeof(JpegHuffmanTable));
        _quantizers = (ushort*)memory.Take(Slots * 64 * sizeof(ushort));
    }

    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/>.</exception>
    public void ReadQuantization(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            int slot = segment[0] & 15, bytes = (segment[0] >> 4) + 1;
            if (slot >= Slots || bytes > 2 || segment.Length < 1 + 64 * bytes)
                throw ImageChecks.Corrupt(_name, $"its quantization table {segment[0]:X2} has {segment.Length - 1} bytes");
            for (int i = 0; i < 64; i++)
            {
                _quantizers[slot * 64 + JpegBlocks.NaturalOrder[i]] =
                    bytes == 1 ? segment[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + 2 * i)..]);
            }
            _quantizersPresent |= 1 << slot;
            segment = segment[(1 + 64 * bytes)..];
        }
    }

    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/>.</exception>
    public void ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            int kind = segment[0] >> 4, slot = segment[0] & 15, symbols = 0;
            if (segment.Length >= 17)
            {
                foreach (byte count in segment[1..17])
                    symbols += count;
            }
            if (kind > 1 || slot >= Slots || symbols > 256 || segment.Length < 17 + symbols)
                throw ImageChecks.Corrupt(_name, $"its Huffman table {segment[0]:X2} names {symbols} symbols in {segment.Length} bytes");
            if (!_huffman[kind * Slots + slot].Build(segment[1..17], segment[17..(17 + symbols)], isDc: kind == 0))
                throw ImageChecks.Corrupt(_name, $"its Huffman table {segment[0]:X2} is no code");
            _huffmanPresent |= 1 << (kind * Slots + slot);
            segment = segment[(17 + symbols)..];
        }
    }

    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/> where there is none.</exception>
    public JpegHuffmanTable* Dc(int slot) => Huffman(slot, slot, "DC");

    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/> where there is none.</exception>
    public JpegHuffmanTable* Ac(int slot) => Huffman(slot, Slots + slot, "AC");

    /// <summary>A table's values in natural order, until the slot is filled anew.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/> where there is none.</exception>
    public ReadOnlySpan<ushort> Quantizer(int slot)
    {
        if (slot >= Slots || (_quantizersPresent >> slot & 1) == 0)
            throw ImageChecks.Corrupt(_name, $"its scan needs quantization table {slot}, which is not there");
        return new ReadOnlySpan<ushort>(_quantizers + slot * 64, 64);
    }

    JpegHuffmanTable* Huffman(int slot, int index, string kind)
    {
        if (slot >= Slots || (_huffmanPresent >> index & 1) == 0)
            throw ImageChecks.Corrupt(_name, $"its scan needs {kind} Huffman table {slot}, which is not there");
        return _huffman + index;
    }
}
