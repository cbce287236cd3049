namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>A code of DEFLATE (RFC 1951, 3.2.2): short codes are looked up, long ones are followed bit by bit.</summary>
sealed class HuffmanCode
{
    /// <summary>The longest code.</summary>
    public const int MostBits = 15;

    const int LookedUp = 10;

    // Of each value of the next bits: the symbol from bit 4 on, and the code's length; 0 where the code is longer, or there is none.
    readonly ushort[] _table = new ushort[1 << LookedUp];
    readonly int[] _counts = new int[MostBits + 1];
    readonly ushort[] _symbols;

    public HuffmanCode(int most) => _symbols = new ushort[most];

    /// <summary>Makes the code of the lengths; which sets of lengths are refused follows zlib.</summary>
    /// <param name="lengths">The length of each symbol's code, 0 for none.</param>
    /// <param name="mayBeOne">Whether a single code of one bit, or none, is allowed.</param>
    /// <exception cref="InvalidDataException">The lengths are those of no code.</exception>
    public void Build(ReadOnlySpan<byte> lengths, bool mayBeOne)
    {
        Array.Clear(_table);
        Array.Clear(_counts);
        foreach (byte length in lengths)
            _counts[length]++;
        _counts[0] = 0;
        int left = 1, longest = 0;
        Span<int> starts = stackalloc int[MostBits + 2];
        Span<int> codes = stackalloc int[MostBits + 2];
        for (int bits = 1; bits <= MostBits; bits++)
        {
            left = 2 * left - _counts[bits];
            if (left < 0)
                throw new InvalidDataException("its packed data hold no code");
            longest = _counts[bits] > 0 ? bits : longest;
            starts[bits + 1] = starts[bits] + _counts[bits];
            codes[bits + 1] = (codes[bits] + _counts[bits]) << 1;
        }
        if (left > 0 && !(mayBeOne && longest <= 1))
            throw new InvalidDataException("its packed data hold half a code");
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int bits = lengths[symbol];
            if (bits == 0)
                continue;
            _symbols[starts[bits]++] = (ushort)symbol;
            int code = codes[bits]++;
            if (bits > LookedUp)
                continue;
            // Codes come with their first bit lowest.
            int step = 1 << bits;
            for (int at = Reverse(code, bits); at < _table.Length; at += step)
                _table[at] = (ushort)(symbol << 4 | bits);
        }
    }

    /// <summary>The symbol at the lowest of the bits, and how many of them it takes; -1 where there is none.</summary>
    public int Decode(ulong bits, out int length)
    {
        int entry = _table[(int)bits & ((1 << LookedUp) - 1)];
        if (entry != 0)
        {
            length = entry & 15;
            return entry >> 4;
        }
        int code = 0, first = 0, index = 0;
        for (length = 1; length <= MostBits; length++)
        {
            code |= (int)(bits & 1);
            bits >>= 1;
            int count = _counts[length];
            if (code - count < first)
                return _symbols[index + code - first];
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        length = 0;
        return -1;
    }

    static int Reverse(int code, int bits)
    {
        int reversed = 0;
        for (int i = 0; i < bits; i++)
            reversed |= (code >> i & 1) << (bits - 1 - i);
        return reversed;
    }
}
