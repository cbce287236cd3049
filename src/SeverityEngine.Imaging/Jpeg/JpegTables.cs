using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>The quantization and Huffman tables that are in force (ITU-T T.81, B.2.4).</summary>
/// <remarks>Differences have up to 15 bits in the lossy processes; the lossless one knows size 16 (H.1.2.2).</remarks>
sealed unsafe class JpegTables
{
    const int Slots = 4;

    readonly string _name;
    readonly int _mostDcSize;
    readonly JpegHuffmanTable* _huffman;
    readonly ushort* _quantizers;
    int _huffmanPresent, _quantizersPresent;

    public JpegTables(DecoderMemory memory, string name, bool isLossless = false)
    {
        _name = name;
        _mostDcSize = isLossless ? JpegHuffmanTable.LosslessSize : JpegHuffmanTable.LosslessSize - 1;
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
                ushort value = bytes == 1 ? segment[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + 2 * i)..]);
                if (value == 0)
                    throw ImageChecks.Corrupt(_name, $"its quantization table {segment[0]:X2} has a zero");
                _quantizers[slot * 64 + JpegBlocks.NaturalOrder[i]] = value;
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
            if (!_huffman[kind * Slots + slot].Build(segment[1..17], segment[17..(17 + symbols)], kind == 0 ? _mostDcSize : byte.MaxValue))
                throw ImageChecks.Corrupt(_name, $"its Huffman table {segment[0]:X2} is no code");
            _huffmanPresent |= 1 << (kind * Slots + slot);
            segment = segment[(17 + symbols)..];
        }
    }

    /// <summary>Takes the standard's Huffman tables where the file has none at all.</summary>
    public void SupplyHuffman()
    {
        if (_huffmanPresent == 0)
            ReadHuffman(JpegStandardTables.Segment);
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

/// <summary>
/// A Huffman table (ITU-T T.81, annexes C and F.2.2.3) in native memory. The next ten bits look up an entry which, where code and value
/// lie within them, holds the decoded value.
/// </summary>
unsafe struct JpegHuffmanTable
{
    // An entry: bits 0-7 how many bits code and value take together, 8-11 the run of zeros, 12-15 the value's size in bits, 16-31 the
    // value where it is in the entry: it is never 0, since zeros are runs. An entry of 0 is no code.
    public const int LookupShift = 64 - LookupBits;
    public const uint LastWithoutValue = ushort.MaxValue;
    public const int RunShift = 8, SizeShift = 12, ValueShift = 16;

    /// <summary>The lossless process's largest size: 32,768, with no bits of its own. Its entry has a run of 1 and a size of 0.</summary>
    public const int LosslessSize = 16;

    const int LookupBits = 10, LongestCode = 16;

    fixed uint _lookup[1 << LookupBits];
    fixed int _limits[LongestCode + 1];
    fixed int _offsets[LongestCode + 1];
    fixed byte _symbols[256];

    public static uint* LookupOf(JpegHuffmanTable* table) => table->_lookup;

    /// <summary>Makes the table.</summary>
    /// <param name="counts">How many codes there are of each length, 1 to 16.</param>
    /// <param name="symbols">What they mean, in their order.</param>
    /// <param name="mostSymbol">The greatest symbol that has a meaning.</param>
    /// <returns>False where the counts make no code, or a symbol has no meaning.</returns>
    public bool Build(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, int mostSymbol)
    {
        fixed (uint* lookup = _lookup)
        {
            new Span<uint>(lookup, 1 << LookupBits).Clear();
            int code = 0, next = 0;
            for (int length = 1; length <= LongestCode; length++)
            {
                _offsets[length] = next - code;
                for (int i = 0; i < counts[length - 1]; i++, code++, next++)
                {
                    // All ones are no code: they fill the last byte up.
                    if (code >= (1 << length) - 1 || symbols[next] > mostSymbol)
                        return false;
                    _symbols[next] = symbols[next];
                    if (length <= LookupBits)
                        Fill(lookup, code, length, symbols[next]);
                }
                // Codes of this length lie below it, with 16 bits looked at.
                _limits[length] = code << (LongestCode - length);
                code <<= 1;
            }
        }
        return true;
    }

    /// <summary>The entry, without a value, of a code that is too long for the lookup.</summary>
    /// <returns>0 where the bits are no code.</returns>
    public readonly uint LongCode(ulong bits)
    {
        int sixteen = (int)(bits >> (64 - LongestCode));
        for (int length = LookupBits + 1; length <= LongestCode; length++)
        {
            if (sixteen < _limits[length])
                return Entry(_symbols[(sixteen >> (LongestCode - length)) + _offsets[length]], length);
        }
        return 0;
    }

    /// <summary>A value of some bits: those that start with 0 are negative (T.81, F.2.2.1).</summary>
    /// <param name="bits">The value's bits, then others.</param>
    /// <param name="size">How many they are, 1 to 15.</param>
    public static int Extend(ulong bits, int size)
    {
        int value = (int)(bits >> (64 - size));
        return value + ((int)((long)~bits >> 63) & ((-1 << size) + 1));
    }

    static uint Entry(int symbol, int length) =>
        (uint)(length + (symbol & 15)) | (uint)symbol >> 4 << RunShift | (uint)(symbol & 15) << SizeShift;

    static void Fill(uint* lookup, int code, int length, int symbol)
    {
        int free = LookupBits - length, size = symbol & 15;
        uint entry = Entry(symbol, length);
        for (int rest = 0; rest < 1 << free; rest++)
        {
            uint complete = entry;
            if (size > 0 && size <= free)
                complete |= (uint)Extend((ulong)rest << (64 - free), size) << ValueShift;
            lookup[code << free | rest] = complete;
        }
    }
}
