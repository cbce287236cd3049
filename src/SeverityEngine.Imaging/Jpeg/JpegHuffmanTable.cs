namespace SeverityEngine.Imaging.Jpeg;

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
    const int LookupBits = 10, LongestCode = 16;

    fixed uint _lookup[1 << LookupBits];
    fixed int _limits[LongestCode + 1];
    fixed int _offsets[LongestCode + 1];
    fixed byte _symbols[256];

    public static uint* LookupOf(JpegHuffmanTable* table) => table->_lookup;

    /// <summary>Makes the table.</summary>
    /// <param name="counts">How many codes there are of each length, 1 to 16.</param>
    /// <param name="symbols">What they mean, in their order.</param>
    /// <param name="isDc">For DC differences: a symbol is a size alone.</param>
    /// <returns>False where the counts make no code, or a symbol has no meaning.</returns>
    public bool Build(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols, bool isDc)
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
                    if (code >= 1 << length || (isDc && symbols[next] > 15))
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

    static uint Entry(int symbol, int length) => (uint)(length + (symbol & 15)) | (uint)symbol >> 4 << RunShift | (uint)(symbol & 15) << SizeShift;

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
