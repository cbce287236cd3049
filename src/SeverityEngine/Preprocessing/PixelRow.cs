using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using SeverityEngine.Interop;

namespace SeverityEngine.Preprocessing;

/// <summary>Channel 0 of one row of pixels, as floats in the pixels' own units.</summary>
abstract class PixelRow
{
    static readonly PixelRow s_scalar = new PixelRowScalar(), s_vector128 = new PixelRowVector128(), s_avx2 = new PixelRowAvx2();

    /// <summary>The conversion by one set of kernels.</summary>
    public static PixelRow For(KernelSet kernels) =>
        Cpu.Avx2 && kernels >= KernelSet.Avx2 ? s_avx2 : Cpu.Vector128 && kernels >= KernelSet.Vector128 ? s_vector128 : s_scalar;

    /// <summary>Converts <paramref name="destination"/>'s length of pixels, from <paramref name="row"/>'s first byte on.</summary>
    public void ToSingle(ReadOnlySpan<byte> row, PixelFormat format, Span<float> destination)
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

    /// <summary>
    /// The least and the greatest of a row that <see cref="ToSingle"/> has converted; integers are compared several times as fast as
    /// floats.
    /// </summary>
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

    protected abstract void FromBytes(ReadOnlySpan<byte> source, Span<float> destination);

    protected abstract void FromUInt16(ReadOnlySpan<ushort> source, Span<float> destination);

    protected abstract void FromThreeBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination);

    protected abstract void FromFourBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination);

    // One by one, from a place on: the definitions, and what is left behind the last whole vector.

    protected static void FromBytes(ReadOnlySpan<byte> source, int from, Span<float> destination)
    {
        for (int i = from; i < destination.Length; i++)
            destination[i] = source[i];
    }

    protected static void FromUInt16(ReadOnlySpan<ushort> source, int from, Span<float> destination)
    {
        for (int i = from; i < destination.Length; i++)
            destination[i] = source[i];
    }

    /// <summary>Pixels of three bytes, or four.</summary>
    protected static void FromBytes(ReadOnlySpan<byte> source, int bytesPerPixel, int channel, int from, Span<float> destination)
    {
        for (int i = from; i < destination.Length; i++)
            destination[i] = source[bytesPerPixel * i + channel];
    }
}

/// <summary>A pixel at a time.</summary>
sealed class PixelRowScalar : PixelRow
{
    protected override void FromBytes(ReadOnlySpan<byte> source, Span<float> destination) => FromBytes(source, 0, destination);

    protected override void FromUInt16(ReadOnlySpan<ushort> source, Span<float> destination) => FromUInt16(source, 0, destination);

    protected override void FromThreeBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination) =>
        FromBytes(source, 3, channel, 0, destination);

    protected override void FromFourBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination) =>
        FromBytes(source, 4, channel, 0, destination);
}
