using System.Runtime.CompilerServices;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>Sequential coding, block by block (ITU-T T.81, F.2.2): the decoder's hottest loops.</summary>
static unsafe class JpegBlocks
{
    /// <summary>
    /// What <see cref="Decode"/> and <see cref="Skip"/> return for data that are no code, or more than a block's coefficients.
    /// </summary>
    public const int Damaged = -1;

    /// <summary>From zigzag to natural order; runs beyond the end, found out afterwards, land on the last.</summary>
    public static ReadOnlySpan<byte> NaturalOrder =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
        63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    ];

    /// <summary>Decodes a block into zeroed coefficients.</summary>
    /// <remarks>Of <c>count</c> only the lowest byte counts: that is all of an entry that is taken from it.</remarks>
    /// <returns>How many coefficients, in zigzag order, may be other than 0; or <see cref="Damaged"/>.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // its variables take all registers
    public static int Decode(ref JpegBits bits, JpegHuffmanTable* dc, JpegHuffmanTable* ac, byte* order, ref int prediction, short* block)
    {
        ulong buffer = bits.Buffer;
        int count = bits.Count;
        byte* at = bits.At;

        if ((byte)count < JpegBits.Least)
            JpegBits.Refill(ref bits, ref buffer, ref count, ref at);
        uint entry = JpegHuffmanTable.LookupOf(dc)[buffer >> JpegHuffmanTable.LookupShift];
        if (entry > JpegHuffmanTable.LastWithoutValue)
        {
            prediction += (int)entry >> JpegHuffmanTable.ValueShift;
        }
        else
        {
            if (entry == 0 && (entry = dc->LongCode(buffer)) == 0)
                return Damaged;
            int size = Size(entry);
            if (size > 0)
                prediction += JpegHuffmanTable.Extend(buffer << (Taken(entry) - size), size);
        }
        buffer <<= (int)entry;
        count -= (int)entry;
        block[0] = (short)prediction;

        uint* lookup = JpegHuffmanTable.LookupOf(ac);
        byte* place = order + 1, end = order + 64;
        while (true)
        {
            if ((byte)count < JpegBits.Least)
                JpegBits.Refill(ref bits, ref buffer, ref count, ref at);
            // The short way, with nothing else in its loop, so that all of its variables stay in registers.
            do
            {
                entry = lookup[buffer >> JpegHuffmanTable.LookupShift];
                if (entry <= JpegHuffmanTable.LastWithoutValue)
                    goto Long;
                buffer <<= (int)entry;
                count -= (int)entry;
                place += Run(entry);
                block[*place++] = (short)(entry >> JpegHuffmanTable.ValueShift);
                if (place >= end)
                    goto Done;
            }
            while ((byte)count >= JpegBits.Least);
            continue;

        Long:
            if (entry == 0 && (entry = ac->LongCode(buffer)) == 0)
                return Damaged;
            ulong own = buffer;
            buffer <<= (int)entry;
            count -= (int)entry;
            int size = Size(entry);
            if (size > 0)
            {
                place += Run(entry);
                block[*place++] = (short)JpegHuffmanTable.Extend(own << (Taken(entry) - size), size);
            }
            else if (Run(entry) == 15)
            {
                place += 16;
            }
            else
            {
                // The rest is zeros; other runs mean something in progressive coding alone.
                if (Run(entry) != 0)
                    place = end + 1;
                break;
            }
            if (place >= end)
                break;
        }

    Done:
        bits.Buffer = buffer;
        bits.Count = (byte)count;
        bits.At = at;
        return place <= end ? (int)(place - order) : Damaged;
    }

    /// <summary>Goes over a block of which nobody needs more than the DC value.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Skip(ref JpegBits bits, JpegHuffmanTable* dc, JpegHuffmanTable* ac, ref int prediction)
    {
        ulong buffer = bits.Buffer;
        int count = bits.Count;
        byte* at = bits.At;

        if ((byte)count < JpegBits.Least)
            JpegBits.Refill(ref bits, ref buffer, ref count, ref at);
        uint entry = JpegHuffmanTable.LookupOf(dc)[buffer >> JpegHuffmanTable.LookupShift];
        if (entry == 0 && (entry = dc->LongCode(buffer)) == 0)
            return Damaged;
        int size = Size(entry);
        if (size > 0)
            prediction += JpegHuffmanTable.Extend(buffer << (Taken(entry) - size), size);
        buffer <<= (int)entry;
        count -= (int)entry;

        uint* lookup = JpegHuffmanTable.LookupOf(ac);
        int k = 1;
        do
        {
            if ((byte)count < JpegBits.Least)
                JpegBits.Refill(ref bits, ref buffer, ref count, ref at);
            entry = lookup[buffer >> JpegHuffmanTable.LookupShift];
            if (entry == 0 && (entry = ac->LongCode(buffer)) == 0)
                return Damaged;
            buffer <<= (int)entry;
            count -= (int)entry;
            if (Size(entry) == 0 && Run(entry) != 15)
            {
                if (Run(entry) != 0)
                    k = 65;
                break;
            }
            k += Run(entry) + 1;
        }
        while (k < 64);

        bits.Buffer = buffer;
        bits.Count = (byte)count;
        bits.At = at;
        return k <= 64 ? k : Damaged;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Taken(uint entry) => (byte)entry;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Run(uint entry) => (int)(entry >> JpegHuffmanTable.RunShift) & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(uint entry) => (int)(entry >> JpegHuffmanTable.SizeShift) & 15;
}
