using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Png;

/// <summary>
/// The filters with one pixel of several channels in a vector, a byte a lane, where pixels have 3 to 8 bytes; rows of smaller pixels are
/// summed within a vector, or go byte by byte. What is left behind the last whole vector goes byte by byte too.
/// </summary>
sealed class PngFiltersVector128 : PngFilters
{
    /// <summary>Sixteen magnitudes a step, widened to 16 bits and added to eight lanes; the lanes are added before they are full.</summary>
    public override long SumOfMagnitudes(ReadOnlySpan<byte> filtered)
    {
        // A lane takes two magnitudes of at most 128 a step: 255 steps fit its 16 bits.
        const int StepsPerSum = 255;
        long sum = 0;
        ReadOnlySpan<Vector128<byte>> vectors = MemoryMarshal.Cast<byte, Vector128<byte>>(filtered);
        for (int first = 0; first < vectors.Length; first += StepsPerSum)
        {
            Vector128<ushort> lanes = Vector128<ushort>.Zero;
            foreach (Vector128<byte> values in vectors.Slice(first, Math.Min(StepsPerSum, vectors.Length - first)))
            {
                (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(Vector128.Min(values, -values));
                lanes += lower + upper;
            }
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(lanes);
            sum += Vector128.Sum(low + high);
        }
        return sum + SumOfMagnitudes(filtered, vectors.Length * Vector128<byte>.Count);
    }

    /// <summary>A lane is a byte: sixteen of the row where a pixel's length divides that, else those of one pixel.</summary>
    protected override void UndoSub(Span<byte> row, int step)
    {
        int i = step;
        if (step is 1 or 2 or 4 or 8 && row.Length >= Vector128<byte>.Count)
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
        else if (FillsVector(step) && row.Length >= Vector128<byte>.Count)
        {
            Vector128<byte> left = Load(row, 0);
            for (; i <= row.Length - Vector128<byte>.Count; i += step)
            {
                left += Load(row, i);
                Store(left, row, i, step);
            }
        }
        UndoSub(row, i, step);
    }

    /// <summary>A lane is a byte of the pixel, in 8 bits; the lanes beyond the pixel hold what no one stores.</summary>
    protected override void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int step)
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
        UndoAverage(row, above, i, step);
    }

    /// <summary>
    /// A lane is a byte of the pixel, in 16 bits, as distances take nine; the lanes beyond the pixel hold what no one stores.
    /// </summary>
    protected override void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step)
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
        UndoPaeth(row, above, i, step);
    }

    /// <summary>Pixels of 3 to 8 bytes fill enough of a vector to be worth one each.</summary>
    static bool FillsVector(int step) => step is >= 3 and <= 8;

    /// <summary>Eight bytes, of which a pixel is the first; the loops end before there are fewer.</summary>
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
