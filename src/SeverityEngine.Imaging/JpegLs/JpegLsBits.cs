using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace SeverityEngine.Imaging.JpegLs;

/// <summary>
/// A scan's coded data as bits, the next one highest. After a byte FF the next has 7 bits (ITU-T T.87, A.1). It never passes a marker:
/// where one stands, zeros come instead, and are counted.
/// </summary>
/// <param name="at">The first byte; the one before it must be readable and not FF.</param>
/// <param name="end">The end of the file.</param>
unsafe struct JpegLsBits(byte* at, byte* end)
{
    /// <summary>Bits a refill leaves at least.</summary>
    public const int Least = 32;

    public ulong Buffer;

    /// <summary>How many of the buffer's bits count; those below may hold the start of the next byte.</summary>
    public int Count;

    public byte* At = at;

    readonly byte* _start = at;
    readonly byte* _end = end;
    int _invented;

    /// <summary>Whether bits were used that the data do not have.</summary>
    public readonly bool Overrun => Count < _invented;

    /// <summary>Ends the reading: whether more was left unused than the zeros that fill up the last byte.</summary>
    public bool HasLeftOver()
    {
        RefillByBytes();
        // The byte after FF must be there even where it has nothing to say.
        int most = At - _start >= 2 && At[-2] == 0xFF ? 15 : 8, left = Count - _invented;
        return left >= most || (left > 0 && Buffer >> (64 - left) != 0);
    }

    /// <summary>The marker that comes next, or -1 where the data end; to be asked for where no byte is left over.</summary>
    public readonly int Marker
    {
        get
        {
            byte* at = At;
            while (at < _end && *at == 0xFF)
                at++; // a marker may have fill bytes before it
            return at < _end ? *at : -1;
        }
    }

    readonly bool AtMarker => *At == 0xFF && !(At + 1 < _end && At[1] < 0x80);

    /// <summary>Brings the buffer to 56 bits or more. Inlined: the state is the caller's own variables, in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Refill(ref JpegLsBits bits, ref ulong buffer, ref int count, ref byte* at)
    {
        count = (byte)count;
        if (bits._end - at >= 8 && at[-1] != 0xFF)
        {
            ulong next = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(at));
            // No byte is FF.
            if (((~next - 0x0101_0101_0101_0101) & next & 0x8080_8080_8080_8080) == 0)
            {
                buffer |= next >> count;
                at += (63 - count) >> 3;
                count |= 56;
                return;
            }
        }
        bits.Buffer = buffer;
        bits.Count = count;
        bits.At = at;
        bits.RefillByBytes();
        buffer = bits.Buffer;
        count = bits.Count;
        at = bits.At;
    }

    /// <summary>The next bits, up to 16 of them.</summary>
    public int Read(int size)
    {
        Refill();
        int value = (int)(Buffer >> 1 >> (63 - size));
        Drop(size);
        return value;
    }

    /// <summary>The next number in Golomb's code of limited length (ITU-T T.87, A.5.3).</summary>
    /// <param name="k">How many low bits it has.</param>
    /// <param name="escape">How many zeros stand before a number that is written out.</param>
    /// <param name="size">How many bits such a number has.</param>
    /// <returns>-1 where there is none.</returns>
    public int ReadGolomb(int k, int escape, int size)
    {
        int zeros = 0;
        while (true)
        {
            Refill();
            int some = Math.Min(BitOperations.LeadingZeroCount(Buffer), Count);
            zeros += some;
            Drop(some);
            if (zeros > escape)
                return -1;
            if (Count > 0)
                break;
        }
        Drop(1);
        return zeros < escape ? zeros << k | Read(k) : Read(size) + 1;
    }

    void Refill()
    {
        if (Count < Least)
            Refill(ref this, ref Buffer, ref Count, ref At);
    }

    void Drop(int size)
    {
        // In two steps: all 64 may go.
        Buffer = Buffer << (size >> 1) << (size - (size >> 1));
        Count -= size;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void RefillByBytes()
    {
        while (Count <= 56)
        {
            if (At < _end && At[-1] == 0xFF)
            {
                Buffer |= (ulong)*At++ << (57 - Count);
                Count += 7;
                continue;
            }
            if (At < _end && !AtMarker)
                Buffer |= (ulong)*At++ << (56 - Count);
            else
                _invented += 8;
            Count += 8;
        }
    }
}
