using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>The bits that fill a scan's last byte, or the last before a restart marker.</summary>
[Flags]
enum JpegPadding
{
    None,

    /// <summary>What ITU-T T.81, F.1.2.3, asks for.</summary>
    Ones,

    /// <summary>What some encoders write.</summary>
    Zeros,
}

/// <summary>
/// A scan's coded data as bits, the next one highest. It never passes a marker: where one stands, zeros come instead, and are counted.
/// </summary>
unsafe struct JpegBits(byte* at, byte* end)
{
    /// <summary>Bits a refill leaves at least: more than the longest code and value together, twice.</summary>
    public const int Least = 32;

    public ulong Buffer;

    /// <summary>How many of the buffer's bits count; those below may hold the start of the next byte.</summary>
    public int Count;

    public byte* At = at;

    readonly byte* _end = end;
    int _invented;

    /// <summary>Whether bits were used that the data do not have.</summary>
    public readonly bool Overrun => Count < _invented;

    /// <summary>Whether a whole byte or more was left unused.</summary>
    public readonly bool HasLeftOver => Count - _invented >= 8 || (At < _end && !AtMarker);

    /// <summary>What fills the last byte up; to be asked for where no byte is left over.</summary>
    public readonly JpegPadding Padding
    {
        get
        {
            int count = Count - _invented;
            if (count <= 0)
                return JpegPadding.None;
            ulong bits = Buffer >> (64 - count);
            return bits == (1UL << count) - 1 ? JpegPadding.Ones : bits == 0 ? JpegPadding.Zeros : JpegPadding.Ones | JpegPadding.Zeros;
        }
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

    readonly bool AtMarker => *At == 0xFF && !(At + 1 < _end && At[1] == 0);

    /// <summary>Brings the buffer to 56 bits or more. Inlined: the state is the caller's own variables, in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Refill(ref JpegBits bits, ref ulong buffer, ref int count, ref byte* at)
    {
        count = (byte)count;
        if (bits._end - at >= 8)
        {
            ulong next = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(at));
            // No byte is FF: those are markers or stuffed.
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Refill()
    {
        if (Count < Least)
            Refill(ref this, ref Buffer, ref Count, ref At);
    }

    /// <summary>The next bits, 1 to 16 of them.</summary>
    public int Read(int size)
    {
        Refill();
        int value = (int)(Buffer >> (64 - size));
        Drop(size);
        return value;
    }

    public void Drop(int size)
    {
        Buffer <<= size;
        Count -= size;
    }

    /// <summary>Goes behind the marker that comes next.</summary>
    public void PassMarker()
    {
        while (*At == 0xFF)
            At++;
        At++;
        Buffer = 0;
        Count = 0;
        _invented = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void RefillByBytes()
    {
        while (Count <= 56)
        {
            ulong next = 0;
            if (At < _end && *At != 0xFF)
            {
                next = *At++;
            }
            else if (_end - At >= 2 && At[1] == 0)
            {
                next = 0xFF;
                At += 2;
            }
            else
            {
                _invented += 8;
            }
            Buffer |= next << (56 - Count);
            Count += 8;
        }
    }
}
