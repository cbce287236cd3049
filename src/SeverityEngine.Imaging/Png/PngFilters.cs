using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Png;

/// <summary>
/// Undoes a PNG row's filter in place (ISO/IEC 15948, clause 9). Every byte but those of filter 2 needs the restored pixel to its left, so
/// vectors hold one pixel of several channels; rows of single bytes are summed within a vector, or go byte by byte.
/// </summary>
static partial class PngFilters
{
    /// <param name="filter">The filter's number, the row's first byte in the file.</param>
    /// <param name="row">The row, filtered on entry.</param>
    /// <param name="above">The row above, already restored; zeros above the first.</param>
    /// <param name="step">From a byte to the one of the same sample in the pixel to its left.</param>
    /// <returns>False for a filter that does not exist.</returns>
    public static bool Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                UndoSub(row, step);
                return true;
            case 2:
                TensorPrimitives.Add(row, above, row);
                return true;
            case 3:
                UndoAverage(row, above, step);
                return true;
            case 4:
                UndoPaeth(row, above, step);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Pixels of 3 to 8 bytes fill enough of a vector to be worth one each.</summary>
    static bool FillsVector(int step) => Vector128.IsHardwareAccelerated && step is >= 3 and <= 8;

    static void UndoSub(Span<byte> row, int step)
    {
        int i = step;
        if (Vector128.IsHardwareAccelerated && step is 1 or 2 or 4 or 8 && row.Length >= Vector128<byte>.Count)
        {
            // A running sum: within a vector by doubling the distance, then on top of the pixel before it.
            Vector128<byte> before = Vector128<byte>.Zero, lastPixel = LastPixel(step);
            for (i = 0; i <= row.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                Vector128<byte> sum = Vector128.Create<byte>(row[i..]);
                if (step == 1)
                    sum += Shifted1(sum);
                if (step <= 2)
                    sum += Shifted2(sum);
                if (step <= 4)
                    sum += Shifted4(sum);
                sum += Shifted8(sum);
                sum += before;
                sum.CopyTo(row[i..]);
                before = Vector128.Shuffle(sum, lastPixel);
            }
        }
        else if (FillsVector(step))
        {
            Vector128<byte> left = Load(row, 0);
            for (; i <= row.Length - Vector128<byte>.Count; i += step)
            {
                left += Load(row, i);
                Store(left, row, i, step);
            }
        }
        for (i = Math.Max(i, step); i < row.Length; i++)
            row[i] += row[i - step];
    }

    static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        int i = 0;
        if (FillsVector(step))
        {
            Vector128<byte> left = Vector128<byte>.Zero;
            for (; i <= row.Length - Vector128<byte>.Count; i += step)
            {
                Vector128<byte> up = Load(above, i);
                // Half the sum, rounded down, without its ninth bit.
                Vector128<byte> average = (left & up) + ((left ^ up) >> 1);
                left = Load(row, i) + average;
                Store(left, row, i, step);
            }
        }
        for (; i < step && i < row.Length; i++)
            row[i] += (byte)(above[i] >> 1);
        for (; i < row.Length; i++)
            row[i] += (byte)((row[i - step] + above[i]) >> 1);
    }

    static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        int i = 0;
        if (FillsVector(step))
        {
            Vector128<short> left = Vector128<short>.Zero, corner = Vector128<short>.Zero;
            for (; i <= row.Length - Vector128<byte>.Count; i += step)
            {
                Vector128<short> up = Vector128.WidenLower(Load(above, i)).AsInt16();
                Vector128<short> toLeft = up - corner, toUp = left - corner;
                Vector128<short> toCorner = Vector128.Abs(toLeft + toUp);
                toLeft = Vector128.Abs(toLeft);
                toUp = Vector128.Abs(toUp);
                Vector128<short> least = Vector128.Min(Vector128.Min(toLeft, toUp), toCorner);
                Vector128<short> nearest = Vector128.ConditionalSelect(Vector128.Equals(toLeft, least), left,
                    Vector128.ConditionalSelect(Vector128.Equals(toUp, least), up, corner));
                corner = up;
                left = (Vector128.WidenLower(Load(row, i)).AsInt16() + nearest) & Vector128.Create((short)0xFF);
                Store(Vector128.Narrow(left.AsUInt16(), left.AsUInt16()), row, i, step);
            }
        }
        for (; i < step && i < row.Length; i++)
            row[i] += above[i];
        for (; i < row.Length; i++)
            row[i] += (byte)Paeth(row[i - step], above[i], above[i - step]);
    }

    /// <summary>Of three neighbors, the one nearest to left + up - corner.</summary>
    static int Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - 2 * corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    static Vector128<byte> Load(ReadOnlySpan<byte> row, int at) =>
        Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(in row[at])).AsByte();

    /// <summary>Stores a pixel and leaves the rest of its eight bytes, still filtered, as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector128<byte> pixel, Span<byte> row, int at, int step)
    {
        ref byte start = ref row[at];
        ulong whole = ulong.MaxValue >> (8 * (8 - step));
        ulong rest = Unsafe.ReadUnaligned<ulong>(in start) & ~whole;
        Unsafe.WriteUnaligned(ref start, (pixel.AsUInt64().ToScalar() & whole) | rest);
    }

    // Towards higher lanes; an index beyond the vector gives 0. The constants are written out so that each becomes one instruction.
    static Vector128<byte> Shifted1(Vector128<byte> v) =>
        Vector128.Shuffle(v, Vector128.Create((byte)255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));

    static Vector128<byte> Shifted2(Vector128<byte> v) =>
        Vector128.Shuffle(v, Vector128.Create((byte)255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));

    static Vector128<byte> Shifted4(Vector128<byte> v) =>
        Vector128.Shuffle(v, Vector128.Create((byte)255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));

    static Vector128<byte> Shifted8(Vector128<byte> v) =>
        Vector128.Shuffle(v, Vector128.Create((byte)255, 255, 255, 255, 255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7));

    static Vector128<byte> LastPixel(int step)
    {
        Span<byte> indices = stackalloc byte[Vector128<byte>.Count];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = (byte)(Vector128<byte>.Count - step + i % step);
        return Vector128.Create<byte>(indices);
    }
}
