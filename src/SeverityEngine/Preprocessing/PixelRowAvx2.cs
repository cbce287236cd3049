using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeverityEngine.Preprocessing;

/// <summary>
/// Eight pixels in a 256-bit vector, a pixel a lane, and pixels of three bytes as 128-bit vectors take them; the rest one by one.
/// </summary>
sealed class PixelRowAvx2 : PixelRowVector128
{
    protected override void FromBytes(ReadOnlySpan<byte> source, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref byte from = ref MemoryMarshal.GetReference(source[..count]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        // Sixteen bytes are loaded and the lower eight used.
        for (; i <= count - Vector128<byte>.Count; i += Vector256<float>.Count)
            Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref from, (nuint)i))).StoreUnsafe(ref to, (nuint)i);
        FromBytes(source, i, destination);
    }

    protected override void FromUInt16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref ushort from = ref MemoryMarshal.GetReference(source[..count]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref from, (nuint)i))).StoreUnsafe(ref to, (nuint)i);
        FromUInt16(source, i, destination);
    }

    protected override void FromFourBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref byte from = ref MemoryMarshal.GetReference(source[..(4 * count)]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        // A pixel fills a 32-bit lane: shift the channel down, mask the rest away.
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<int> pixels = Vector256.LoadUnsafe(ref from, (nuint)(4 * i)).AsInt32();
            Vector256.ConvertToSingle((pixels >>> (8 * channel)) & Vector256.Create(0xFF)).StoreUnsafe(ref to, (nuint)i);
        }
        FromBytes(source, 4, channel, i, destination);
    }
}
