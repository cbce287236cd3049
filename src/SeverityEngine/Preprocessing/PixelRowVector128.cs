using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SeverityEngine.Preprocessing;

/// <summary>Four pixels in a 128-bit vector, a pixel a lane; the rest one by one.</summary>
class PixelRowVector128 : PixelRow
{
    protected override void FromBytes(ReadOnlySpan<byte> source, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref byte from = ref MemoryMarshal.GetReference(source[..count]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)i));
            StoreEight(low, ref to, i);
            StoreEight(high, ref to, i + Vector128<ushort>.Count);
        }
        FromBytes(source, i, destination);
    }

    protected override void FromUInt16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref ushort from = ref MemoryMarshal.GetReference(source[..count]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        for (; i <= count - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
            StoreEight(Vector128.LoadUnsafe(ref from, (nuint)i), ref to, i);
        FromUInt16(source, i, destination);
    }

    protected override void FromThreeBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref byte from = ref MemoryMarshal.GetReference(source[..(3 * count)]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        // Four pixels fill 12 of the 16 bytes loaded; each channel byte goes to the bottom of a 32-bit lane, 0x80 makes the rest 0.
        Vector128<byte> lanes = channel == 0
            ? Vector128.Create((byte)0, 128, 128, 128, 3, 128, 128, 128, 6, 128, 128, 128, 9, 128, 128, 128)
            : Vector128.Create((byte)2, 128, 128, 128, 5, 128, 128, 128, 8, 128, 128, 128, 11, 128, 128, 128);
        for (; 3 * i <= 3 * count - Vector128<byte>.Count; i += Vector128<float>.Count)
        {
            Vector128<int> values = Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(3 * i)), lanes).AsInt32();
            Vector128.ConvertToSingle(values).StoreUnsafe(ref to, (nuint)i);
        }
        FromBytes(source, 3, channel, i, destination);
    }

    protected override void FromFourBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref byte from = ref MemoryMarshal.GetReference(source[..(4 * count)]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        // A pixel fills a 32-bit lane: shift the channel down, mask the rest away.
        for (; i <= count - Vector128<float>.Count; i += Vector128<float>.Count)
        {
            Vector128<int> pixels = Vector128.LoadUnsafe(ref from, (nuint)(4 * i)).AsInt32();
            Vector128.ConvertToSingle((pixels >>> (8 * channel)) & Vector128.Create(0xFF)).StoreUnsafe(ref to, (nuint)i);
        }
        FromBytes(source, 4, channel, i, destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreEight(Vector128<ushort> values, ref float to, int at)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(values);
        Vector128.ConvertToSingle(low.AsInt32()).StoreUnsafe(ref to, (nuint)at);
        Vector128.ConvertToSingle(high.AsInt32()).StoreUnsafe(ref to, (nuint)(at + Vector128<uint>.Count));
    }
}
