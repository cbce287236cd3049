using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeverityEngine.Preprocessing;

/// <summary>Channel 0 of one row of pixels, as floats in the pixels' own units.</summary>
static class PixelRow
{
    /// <summary>Converts <paramref name="destination"/>'s length of pixels, from <paramref name="row"/>'s first byte on.</summary>
    public static void ToSingle(ReadOnlySpan<byte> row, PixelFormat format, Span<float> destination)
    {
        switch (format)
        {
            case PixelFormat.Gray8:
                FromBytes(row, destination);
                break;
            case PixelFormat.Gray16:
                FromUInt16(MemoryMarshal.Cast<byte, ushort>(row), destination);
                break;
            case PixelFormat.Rgb24:
                FromThreeBytes(row, 0, destination);
                break;
            case PixelFormat.Bgr24:
                FromThreeBytes(row, 2, destination);
                break;
            case PixelFormat.Rgba32:
                FromFourBytes(row, 0, destination);
                break;
            case PixelFormat.Bgra32:
                FromFourBytes(row, 2, destination);
                break;
        }
    }

    /// <summary>The least and the greatest of a row that <see cref="ToSingle"/> has converted; integers are compared several times as fast as floats.</summary>
    public static (float Lowest, float Highest) Range(ReadOnlySpan<byte> row, PixelFormat format, ReadOnlySpan<float> converted)
    {
        switch (format)
        {
            case PixelFormat.Gray8:
                row = row[..converted.Length];
                return (TensorPrimitives.Min(row), TensorPrimitives.Max(row));
            case PixelFormat.Gray16:
                ReadOnlySpan<ushort> wide = MemoryMarshal.Cast<byte, ushort>(row)[..converted.Length];
                return (TensorPrimitives.Min(wide), TensorPrimitives.Max(wide));
            default:
                return (TensorPrimitives.Min(converted), TensorPrimitives.Max(converted));
        }
    }

    static void FromBytes(ReadOnlySpan<byte> source, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref byte from = ref MemoryMarshal.GetReference(source[..count]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        if (Avx512F.IsSupported)
        {
            for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
                Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref from, (nuint)i))).StoreUnsafe(ref to, (nuint)i);
        }
        else if (Avx2.IsSupported)
        {
            for (; i <= count - Vector128<byte>.Count; i += Vector256<float>.Count)
                Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref from, (nuint)i))).StoreUnsafe(ref to, (nuint)i);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.LoadUnsafe(ref from, (nuint)i));
                StoreEight(low, ref to, i);
                StoreEight(high, ref to, i + Vector128<ushort>.Count);
            }
        }
        for (; i < count; i++)
            destination[i] = source[i];
    }

    static void FromUInt16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref ushort from = ref MemoryMarshal.GetReference(source[..count]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        if (Avx512F.IsSupported)
        {
            for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
                Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(ref from, (nuint)i))).StoreUnsafe(ref to, (nuint)i);
        }
        else if (Avx2.IsSupported)
        {
            for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref from, (nuint)i))).StoreUnsafe(ref to, (nuint)i);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            for (; i <= count - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
                StoreEight(Vector128.LoadUnsafe(ref from, (nuint)i), ref to, i);
        }
        for (; i < count; i++)
            destination[i] = source[i];
    }

    static void FromFourBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        ref byte from = ref MemoryMarshal.GetReference(source[..(4 * count)]);
        ref float to = ref MemoryMarshal.GetReference(destination);
        if (Vector256.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            // A pixel fills a 32-bit lane: shift the channel down, mask the rest away.
            for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                Vector256<int> pixels = Vector256.LoadUnsafe(ref from, (nuint)(4 * i)).AsInt32();
                Vector256.ConvertToSingle((pixels >>> (8 * channel)) & Vector256.Create(0xFF)).StoreUnsafe(ref to, (nuint)i);
            }
        }
        else if (Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            for (; i <= count - Vector128<float>.Count; i += Vector128<float>.Count)
            {
                Vector128<int> pixels = Vector128.LoadUnsafe(ref from, (nuint)(4 * i)).AsInt32();
                Vector128.ConvertToSingle((pixels >>> (8 * channel)) & Vector128.Create(0xFF)).StoreUnsafe(ref to, (nuint)i);
            }
        }
        for (; i < count; i++)
            destination[i] = source[4 * i + channel];
    }

    static void FromThreeBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination)
    {
        int count = destination.Length, i = 0;
        source = source[..(3 * count)];
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        if (Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            // Four pixels fill 12 of the 16 bytes loaded; each channel byte goes to the bottom of a 32-bit lane, 0x80 makes the rest 0.
            Vector128<byte> lanes = channel == 0
                ? Vector128.Create((byte)0, 128, 128, 128, 3, 128, 128, 128, 6, 128, 128, 128, 9, 128, 128, 128)
                : Vector128.Create((byte)2, 128, 128, 128, 5, 128, 128, 128, 8, 128, 128, 128, 11, 128, 128, 128);
            for (; 3 * i <= source.Length - Vector128<byte>.Count; i += Vector128<float>.Count)
            {
                Vector128<int> values = Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(3 * i)), lanes).AsInt32();
                Vector128.ConvertToSingle(values).StoreUnsafe(ref to, (nuint)i);
            }
        }
        for (; i < count; i++)
            destination[i] = source[3 * i + channel];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreEight(Vector128<ushort> values, ref float to, int at)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(values);
        Vector128.ConvertToSingle(low.AsInt32()).StoreUnsafe(ref to, (nuint)at);
        Vector128.ConvertToSingle(high.AsInt32()).StoreUnsafe(ref to, (nuint)(at + Vector128<uint>.Count));
    }
}
