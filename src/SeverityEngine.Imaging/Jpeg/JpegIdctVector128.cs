using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// The transform with half a row of eight 32-bit values in a 128-bit vector. Columns are independent of each other in the first pass, and
/// rows in the second, so each pass is done for one half and then for the other; a block is whole vectors, so there is no remainder.
/// </summary>
sealed unsafe class JpegIdctVector128 : JpegIdct
{
    const int Lanes = 4;

    static Vector128<ulong> FirstLane => Vector128.Create(ulong.MaxValue, 0);

    /// <summary>
    /// Between the passes: for each column a vector of rows 0 to 3 and one of rows 4 to 7. The first eight are the columns of the upper
    /// half, the next eight those of the lower.
    /// </summary>
    [SkipLocalsInit]
    // A lane is a coefficient; there is no lane for the 32768 that the smallest one's distance from 0 is.
    public override bool Exceeds(short* block, short* limits)
    {
        Vector128<short> beyond = default;
        for (int i = 0; i < 64; i += Vector128<short>.Count)
        {
            Vector128<short> coefficients = Vector128.Load(block + i), limit = Vector128.Load(limits + i);
            beyond |= Vector128.GreaterThan(coefficients, limit) | Vector128.LessThan(coefficients, -limit);
        }
        return beyond != default;
    }

    public override void Transform(short* block, ushort* quantization, byte* samples, nint stride)
    {
        Vector128<int>* columns = stackalloc Vector128<int>[16];
        Columns(block, quantization, right: false, columns);
        Columns(block, quantization, right: true, columns + Lanes);
        Rows(columns, samples, stride);
        Rows(columns + 8, samples + Lanes * stride, stride);
    }

    /// <summary>
    /// The first pass over four columns. A vector is half a row, a lane a column; what is stored is turned: a lane is a row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Columns(short* block, ushort* quantization, bool right, Vector128<int>* columns)
    {
        Vector128<int> r0 = Dequantize(block, quantization, 0, right), r1 = Dequantize(block, quantization, 1, right),
            r2 = Dequantize(block, quantization, 2, right), r3 = Dequantize(block, quantization, 3, right),
            r4 = Dequantize(block, quantization, 4, right), r5 = Dequantize(block, quantization, 5, right),
            r6 = Dequantize(block, quantization, 6, right), r7 = Dequantize(block, quantization, 7, right);
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, ColumnShift);
        Transpose(r0, r1, r2, r3, columns);
        Transpose(r4, r5, r6, r7, columns + 8);
    }

    /// <summary>The second pass over four rows. A vector is a column, a lane a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Rows(Vector128<int>* columns, byte* samples, nint stride)
    {
        Vector128<int> c0 = columns[0], c1 = columns[1], c2 = columns[2], c3 = columns[3],
            c4 = columns[4], c5 = columns[5], c6 = columns[6], c7 = columns[7];
        Pass(ref c0, ref c1, ref c2, ref c3, ref c4, ref c5, ref c6, ref c7, RowShift);
        // A sample is the low byte of its lane, so four columns fill a lane with four neighbors of a row.
        Vector128<uint> left = Join(c0, c1, c2, c3), right = Join(c4, c5, c6, c7);
        // Eight neighbors fill a 64-bit lane: rows 0 and 1, then 2 and 3.
        Store(Vector128.WidenLower(left) | Vector128.WidenLower(right) << 32, samples, stride);
        Store(Vector128.WidenUpper(left) | Vector128.WidenUpper(right) << 32, samples + 2 * stride, stride);
    }

    /// <summary>Half a row: the products of 16 bits are made for the whole row, which is one vector, and widened for the half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Dequantize(short* block, ushort* quantization, int row, bool right)
    {
        Vector128<short> products = Vector128.Load(block + 8 * row) * Vector128.Load((short*)quantization + 8 * row);
        return right ? Vector128.WidenUpper(products) : Vector128.WidenLower(products);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Pass(ref Vector128<int> r0, ref Vector128<int> r1, ref Vector128<int> r2, ref Vector128<int> r3,
        ref Vector128<int> r4, ref Vector128<int> r5, ref Vector128<int> r6, ref Vector128<int> r7, int shift)
    {
        Vector128<int> z1 = (r2 + r6) * F0541196100;
        Vector128<int> t2 = z1 - r6 * F1847759065, t3 = z1 + r2 * F0765366865;
        Vector128<int> round = Vector128.Create(1 << (shift - 1));
        Vector128<int> t0 = ((r0 + r4) << FractionBits) + round, t1 = ((r0 - r4) << FractionBits) + round;
        Vector128<int> t10 = t0 + t3, t13 = t0 - t3, t11 = t1 + t2, t12 = t1 - t2;

        z1 = (r7 + r1) * -F0899976223;
        Vector128<int> z2 = (r5 + r3) * -F2562915447, z3 = r7 + r3, z4 = r5 + r1, z5 = (z3 + z4) * F1175875602;
        z3 = z5 - z3 * F1961570560;
        z4 = z5 - z4 * F0390180644;
        t0 = r7 * F0298631336 + z1 + z3;
        t1 = r5 * F2053119869 + z2 + z4;
        t2 = r3 * F3072711026 + z2 + z3;
        t3 = r1 * F1501321110 + z1 + z4;

        r0 = (t10 + t3) >> shift;
        r7 = (t10 - t3) >> shift;
        r1 = (t11 + t2) >> shift;
        r6 = (t11 - t2) >> shift;
        r2 = (t12 + t1) >> shift;
        r5 = (t12 - t1) >> shift;
        r3 = (t13 + t0) >> shift;
        r4 = (t13 - t0) >> shift;
    }

    /// <summary>Holds four rows of four to 16 bits and turns them into columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose(Vector128<int> r0, Vector128<int> r1, Vector128<int> r2, Vector128<int> r3, Vector128<int>* columns)
    {
        Vector128<ulong> v0 = Hold(r0), v1 = Hold(r1), v2 = Hold(r2), v3 = Hold(r3);
        // Lanes of 64 bits hold two values, the first in the low half. Columns 0 and 1 of rows 0 and 2, then of rows 1 and 3.
        Vector128<ulong> even = Vector128.ConditionalSelect(FirstLane, v0, Swap(v2)),
            odd = Vector128.ConditionalSelect(FirstLane, v1, Swap(v3));
        columns[0] = LowHalves(even, odd);
        columns[1] = HighHalves(even, odd);
        // The same of columns 2 and 3.
        even = Vector128.ConditionalSelect(FirstLane, Swap(v0), v2);
        odd = Vector128.ConditionalSelect(FirstLane, Swap(v1), v3);
        columns[2] = LowHalves(even, odd);
        columns[3] = HighHalves(even, odd);

        static Vector128<ulong> Swap(Vector128<ulong> lanes) => Vector128.Shuffle(lanes, Vector128.Create(1UL, 0));

        static Vector128<ulong> Hold(Vector128<int> row) =>
            Vector128.Min(Vector128.Max(row, Vector128.Create((int)short.MinValue)), Vector128.Create((int)short.MaxValue)).AsUInt64();

        static Vector128<int> LowHalves(Vector128<ulong> even, Vector128<ulong> odd) =>
            (even & Vector128.Create(0xFFFF_FFFFUL) | odd << 32).AsInt32();

        static Vector128<int> HighHalves(Vector128<ulong> even, Vector128<ulong> odd) =>
            (even >>> 32 | odd & Vector128.Create(0xFFFF_FFFF_0000_0000UL)).AsInt32();
    }

    /// <summary>Four columns held to samples of 8 bits, the first in each lane's lowest byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<uint> Join(Vector128<int> c0, Vector128<int> c1, Vector128<int> c2, Vector128<int> c3)
    {
        return (Sample(c0) | Sample(c1) << 8) | (Sample(c2) << 16 | Sample(c3) << 24);

        static Vector128<uint> Sample(Vector128<int> column) =>
            (Vector128.Min(Vector128.Max(column, Vector128.Create((int)sbyte.MinValue)), Vector128.Create((int)sbyte.MaxValue))
                + Vector128.Create(128)).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector128<ulong> rows, byte* samples, nint stride)
    {
        Unsafe.WriteUnaligned(samples, rows.GetElement(0));
        Unsafe.WriteUnaligned(samples + stride, rows.GetElement(1));
    }
}
