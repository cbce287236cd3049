using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>
/// The arithmetic decoder (ITU-T T.800, annex C) over a segment of a code block's data.
/// </summary>
/// <remarks>
/// The standard subtracts Qe from the interval A and from the code C at each symbol, and asks whether C has become negative or A less than
/// half. Here both are kept less the smaller of the two distances, <see cref="Distance"/> = min(C, A - half). A symbol that is the more
/// probable one and shifts nothing, as most are, takes one subtraction and one question; the others get A and C back by an addition. The
/// numbers have <see cref="Fraction"/> bits behind the point, so that several bytes are read at once. A coding pass copies all of it into
/// locals, which stay in registers.
/// </remarks>
unsafe struct MqDecoder
{
    /// <summary>Bits of <see cref="Code"/> that are read ahead.</summary>
    public const int Fraction = 40;

    /// <summary>How many bytes with all bits set must follow a segment's end: what is read beyond it.</summary>
    public const int Padding = 16;

    const long Half = 0x8000L << Fraction, QeMask = 0xFFFFL << Fraction;
    const int MoreShift = 2, LessShift = 16, NextMask = 0x7F;

    /// <summary>T.800, table C.2: Qe, the next state after the more and the less probable symbol, whether the two are exchanged.</summary>
    static ReadOnlySpan<ushort> StandardStates =>
    [
        0x5601, 1, 1, 1, 0x3401, 2, 6, 0, 0x1801, 3, 9, 0, 0x0AC1, 4, 12, 0, 0x0521, 5, 29, 0, 0x0221, 38, 33, 0, 0x5601, 7, 6, 1,
        0x5401, 8, 14, 0, 0x4801, 9, 14, 0, 0x3801, 10, 14, 0, 0x3001, 11, 17, 0, 0x2401, 12, 18, 0, 0x1C01, 13, 20, 0,
        0x1601, 29, 21, 0, 0x5601, 15, 14, 1, 0x5401, 16, 14, 0, 0x5101, 17, 15, 0, 0x4801, 18, 16, 0, 0x3801, 19, 17, 0,
        0x3401, 20, 18, 0, 0x3001, 21, 19, 0, 0x2801, 22, 19, 0, 0x2401, 23, 20, 0, 0x2201, 24, 21, 0, 0x1C01, 25, 22, 0,
        0x1801, 26, 23, 0, 0x1601, 27, 24, 0, 0x1401, 28, 25, 0, 0x1201, 29, 26, 0, 0x1101, 30, 27, 0, 0x0AC1, 31, 28, 0,
        0x09C1, 32, 29, 0, 0x08A1, 33, 30, 0, 0x0521, 34, 31, 0, 0x0441, 35, 32, 0, 0x02A1, 36, 33, 0, 0x0221, 37, 34, 0,
        0x0141, 38, 35, 0, 0x0111, 39, 36, 0, 0x0085, 40, 37, 0, 0x0049, 41, 38, 0, 0x0025, 42, 39, 0, 0x0015, 43, 40, 0,
        0x0009, 44, 41, 0, 0x0005, 45, 42, 0, 0x0001, 45, 43, 0, 0x5601, 46, 46, 0,
    ];

    static readonly ulong* s_states = MakeStates();

    /// <summary>The smaller of the code and of the interval's length above a half, after the symbols so far.</summary>
    public long Distance;

    /// <summary>The interval's length and the code, both less <see cref="Distance"/>.</summary>
    public long Interval, Code;

    /// <summary>How many bits of the code are there behind the point.</summary>
    public int Bits;

    byte* _at, _end;

    // A copy of s_states: a static costs a check of its class where it is compiled ahead of time.
    ulong* _states;

    int _filled;

    /// <summary>A context's value in a state, with 0 as its more probable symbol.</summary>
    public static ulong InitialContext(int state) => s_states[2 * state];

    /// <summary>Starts a segment.</summary>
    /// <param name="start">Its first byte; the one before must be there and not have all bits set.</param>
    /// <param name="end">Where <see cref="Padding"/> follows.</param>
    public void Start(byte* start, byte* end)
    {
        _at = start;
        _end = end;
        _states = s_states;
        _filled = 0;
        // The first byte's highest bit is the second of the code's 16 before the point.
        Code = Refill(0, -15);
        Interval = Half;
        Distance = 0;
    }

    /// <summary>Decodes a symbol. All but the last two arguments are a pass's copies of what is here.</summary>
    /// <returns>0 or 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Decode(ref long distance, ref long interval, ref long code, ref int bits, MqDecoder* decoder, ulong* context)
    {
        ulong state = *context;
        long qe = (long)state & QeMask;
        distance -= qe;
        if (distance >= 0)
            return (uint)state & 1;
        interval += distance;
        code += distance;
        // All ones in the lower part, that of the less probable symbol, unless it is the longer one.
        long lower = code >> 63;
        uint less = (interval < qe ? 1u : 0u) ^ (uint)lower & 1;
        code += qe & lower;
        interval = lower != 0 ? qe : interval;
        uint bit = ((uint)state & 1) ^ less;
        uint next = (uint)(state >> (MoreShift + (LessShift - MoreShift) * (int)less)) & NextMask;
        *context = decoder->_states[next];
        int shift = BitOperations.LeadingZeroCount((ulong)interval) - (63 - 15 - Fraction);
        interval <<= shift;
        code <<= shift;
        bits -= shift;
        if (bits < 0)
        {
            code = decoder->Refill(code, bits);
            bits = decoder->Bits;
        }
        distance = Math.Min(interval - Half, code);
        interval -= distance;
        code -= distance;
        return bit;
    }

    /// <summary>How many bits of the segment are behind the code's point; negative, how many before it are beyond the end.</summary>
    public readonly int Left => 8 * (int)Math.Max(0, _end - _at) + Bits - 8 * _filled;

    /// <summary>Adds bytes to the code until its fraction is full; <see cref="Bits"/> becomes how many bits that has.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    long Refill(long code, int bits)
    {
        byte* at = _at;
        int count = (Fraction - bits) >> 3;
        ulong mask = ulong.MaxValue >> (64 - 8 * count);
        ulong word = BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(at, 8)) >> (64 - 8 * count);
        // Where a byte has all bits set, the inverted one is 0, and a bit of the mask below stays.
        ulong inverted = ~word;
        ulong zeros = (inverted - 0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 & mask;
        if (zeros == 0 && at[-1] != 0xFF)
        {
            _at = at + count;
            Bits = bits + 8 * count;
            return code + ((long)word << (Fraction - bits - 8 * count));
        }
        while (bits <= Fraction - 8)
        {
            if (at[-1] == 0xFF && *at > 0x8F)
            {
                // A marker, so the end: ones without end.
                code += 0xFFL << (Fraction - 8 - bits);
                bits += 8;
                _filled++;
            }
            else if (at[-1] == 0xFF)
            {
                // Only seven bits are new; the highest is a carry into what is there.
                code += (long)*at++ << (Fraction - 7 - bits);
                bits += 7;
            }
            else
            {
                _filled += at >= _end ? 1 : 0;
                code += (long)*at++ << (Fraction - 8 - bits);
                bits += 8;
            }
        }
        _at = at;
        Bits = bits;
        return code;
    }

    /// <summary>
    /// Two for each state, one for each more probable symbol: that symbol in bit 0, the next states from bits 2 and 16, Qe before the
    /// point.
    /// </summary>
    static ulong* MakeStates()
    {
        ReadOnlySpan<ushort> table = StandardStates;
        int count = table.Length / 4;
        ulong* states = (ulong*)NativeMemory.Alloc((nuint)count * 2, sizeof(ulong)); // for as long as the program runs
        for (int i = 0; i < count; i++)
        {
            for (int symbol = 0; symbol < 2; symbol++)
            {
                ulong more = 2u * table[4 * i + 1] + (uint)symbol, less = 2u * table[4 * i + 2] + ((uint)symbol ^ table[4 * i + 3]);
                states[2 * i + symbol] = (ulong)table[4 * i] << Fraction | less << LessShift | more << MoreShift | (uint)symbol;
            }
        }
        return states;
    }
}
