using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// The transform with a whole row of eight 32-bit values in a 256-bit vector; a block is eight of them, so there is no remainder.
/// </summary>
sealed unsafe class JpegIdctAvx2 : JpegIdct
{
    // A lane is a coefficient; there is no lane for the 32768 that the smallest one's distance from 0 is.
    public override bool Exceeds(short* block, short* limits)
    {
        Vector256<short> beyond = default;
        for (int i = 0; i < 64; i += Vector256<short>.Count)
        {
            Vector256<short> coefficients = Vector256.Load(block + i), limit = Vector256.Load(limits + i);
            beyond |= Vector256.GreaterThan(coefficients, limit) | Vector256.LessThan(coefficients, -limit);
        }
        return beyond != default;
    }

    public override void Transform(short* block, ushort* quantization, byte* samples, nint stride)
    {
        Vector256<int> r0 = Dequantize(block, quantization, 0), r1 = Dequantize(block, quantization, 1),
            r2 = Dequantize(block, quantization, 2), r3 = Dequantize(block, quantization, 3),
            r4 = Dequantize(block, quantization, 4), r5 = Dequantize(block, quantization, 5),
            r6 = Dequantize(block, quantization, 6), r7 = Dequantize(block, quantization, 7);
        // A vector is a row, a lane a column: all eight columns are transformed at once.
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, ColumnShift);
        Transpose(r0, r1, r2, r3, r4, r5, r6, r7,
            out Vector256<short> p04, out Vector256<short> p15, out Vector256<short> p26, out Vector256<short> p37);
        // Now a vector is a column and a lane a row, for the second pass.
        r0 = Avx2.ConvertToVector256Int32(p04.GetLower());
        r1 = Avx2.ConvertToVector256Int32(p15.GetLower());
        r2 = Avx2.ConvertToVector256Int32(p26.GetLower());
        r3 = Avx2.ConvertToVector256Int32(p37.GetLower());
        r4 = Avx2.ConvertToVector256Int32(p04.GetUpper());
        r5 = Avx2.ConvertToVector256Int32(p15.GetUpper());
        r6 = Avx2.ConvertToVector256Int32(p26.GetUpper());
        r7 = Avx2.ConvertToVector256Int32(p37.GetUpper());
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, RowShift);
        Transpose(r0, r1, r2, r3, r4, r5, r6, r7, out p04, out p15, out p26, out p37);
        // Rows 0, 1 in the lower half and 4, 5 in the upper; then 2, 3 and 6, 7.
        Vector256<byte> first = Avx2.PackSignedSaturate(p04, p15).AsByte() ^ Vector256.Create((byte)0x80);
        Vector256<byte> second = Avx2.PackSignedSaturate(p26, p37).AsByte() ^ Vector256.Create((byte)0x80);
        Store(first, samples, stride);
        Store(second, samples + 2 * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Dequantize(short* block, ushort* quantization, int row) =>
        Avx2.ConvertToVector256Int32(Vector128.Load(block + 8 * row) * Vector128.Load((short*)quantization + 8 * row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Pass(ref Vector256<int> r0, ref Vector256<int> r1, ref Vector256<int> r2, ref Vector256<int> r3,
        ref Vector256<int> r4, ref Vector256<int> r5, ref Vector256<int> r6, ref Vector256<int> r7, int shift)
    {
        Vector256<int> z1 = (r2 + r6) * F0541196100;
        Vector256<int> t2 = z1 - r6 * F1847759065, t3 = z1 + r2 * F0765366865;
        Vector256<int> round = Vector256.Create(1 << (shift - 1));
        Vector256<int> t0 = ((r0 + r4) << FractionBits) + round, t1 = ((r0 - r4) << FractionBits) + round;
        Vector256<int> t10 = t0 + t3, t13 = t0 - t3, t11 = t1 + t2, t12 = t1 - t2;

        z1 = (r7 + r1) * -F0899976223;
        Vector256<int> z2 = (r5 + r3) * -F2562915447, z3 = r7 + r3, z4 = r5 + r1, z5 = (z3 + z4) * F1175875602;
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

    /// <summary>Holds the rows to 16 bits and turns them into columns: columns 0 and 4 in the first vector's halves, and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Transpose(Vector256<int> r0, Vector256<int> r1, Vector256<int> r2, Vector256<int> r3, Vector256<int> r4, Vector256<int> r5,
        Vector256<int> r6, Vector256<int> r7, out Vector256<short> c04, out Vector256<short> c15, out Vector256<short> c26,
        out Vector256<short> c37)
    {
        // Lanes of 16 bits in two halves, columns 0 to 3 below and 4 to 7 above. Each half: four of row 0, four of row 4; and so on.
        Vector256<short> p04 = Avx2.PackSignedSaturate(r0, r4), p15 = Avx2.PackSignedSaturate(r1, r5);
        Vector256<short> p26 = Avx2.PackSignedSaturate(r2, r6), p37 = Avx2.PackSignedSaturate(r3, r7);
        // Interleaved three times, by 16, 32 and 64 bits, the rows' values of one column come to stand side by side.
        Vector256<int> q01 = Avx2.UnpackLow(p04, p15).AsInt32(), q45 = Avx2.UnpackHigh(p04, p15).AsInt32();
        Vector256<int> q23 = Avx2.UnpackLow(p26, p37).AsInt32(), q67 = Avx2.UnpackHigh(p26, p37).AsInt32();
        Vector256<long> low03 = Avx2.UnpackLow(q01, q23).AsInt64(), high03 = Avx2.UnpackHigh(q01, q23).AsInt64();
        Vector256<long> low47 = Avx2.UnpackLow(q45, q67).AsInt64(), high47 = Avx2.UnpackHigh(q45, q67).AsInt64();
        c04 = Avx2.UnpackLow(low03, low47).AsInt16();
        c15 = Avx2.UnpackHigh(low03, low47).AsInt16();
        c26 = Avx2.UnpackLow(high03, high47).AsInt16();
        c37 = Avx2.UnpackHigh(high03, high47).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector256<byte> rows, byte* samples, nint stride)
    {
        Vector256<ulong> eights = rows.AsUInt64();
        Unsafe.WriteUnaligned(samples, eights.GetElement(0));
        Unsafe.WriteUnaligned(samples + stride, eights.GetElement(1));
        Unsafe.WriteUnaligned(samples + 4 * stride, eights.GetElement(2));
        Unsafe.WriteUnaligned(samples + 5 * stride, eights.GetElement(3));
    }
}
