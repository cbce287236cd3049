using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>The operations with eight values in a 256-bit vector; what is left at a row's end is done value by value.</summary>
sealed unsafe class Jpeg2000RowsAvx2 : Jpeg2000Rows
{
    public override void LiftLow(int* values, int* before, int* after, int count)
    {
        int i = 0;
        Vector256<int> round = Vector256.Create(2);
        for (; i <= count - Vector256<int>.Count; i += Vector256<int>.Count)
            (Vector256.Load(values + i) - ((Vector256.Load(before + i) + Vector256.Load(after + i) + round) >> 2)).Store(values + i);
        Jpeg2000RowsScalar.LiftLow(values, before, after, i, count);
    }

    public override void LiftHigh(int* values, int* before, int* after, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<int>.Count; i += Vector256<int>.Count)
            (Vector256.Load(values + i) + ((Vector256.Load(before + i) + Vector256.Load(after + i)) >> 1)).Store(values + i);
        Jpeg2000RowsScalar.LiftHigh(values, before, after, i, count);
    }

    public override void Lift(float* values, float* before, float* after, float factor, int count)
    {
        int i = 0;
        Vector256<float> factors = Vector256.Create(factor);
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            (Vector256.Load(values + i) + factors * (Vector256.Load(before + i) + Vector256.Load(after + i))).Store(values + i);
        Jpeg2000RowsScalar.Lift(values, before, after, factor, i, count);
    }

    public override void Interleave(int* first, int* second, int* both, int count)
    {
        int i = 0;
        for (; i <= count / 2 - Vector256<int>.Count; i += Vector256<int>.Count)
        {
            Vector256<int> a = Vector256.Load(first + i), b = Vector256.Load(second + i);
            // In each half of 128 bits a0 b0 a1 b1 and a2 b2 a3 b3; then the halves are put in order.
            Vector256<int> low = Avx2.UnpackLow(a, b), high = Avx2.UnpackHigh(a, b);
            Avx2.Permute2x128(low, high, 0x20).Store(both + 2 * i);
            Avx2.Permute2x128(low, high, 0x31).Store(both + 2 * i + Vector256<int>.Count);
        }
        Jpeg2000RowsScalar.Interleave(first, second, both, i, count);
    }

    public override void Store(int* values, ushort* samples, int count, int offset, int least, int most)
    {
        int i = 0;
        Vector256<int> offsets = Vector256.Create(offset), lower = Vector256.Create(least), upper = Vector256.Create(most);
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<int> a = Vector256.Min(Vector256.Max(Vector256.Load(values + i) + offsets, lower), upper);
            Vector256<int> b = Vector256.Min(Vector256.Max(Vector256.Load(values + i + Vector256<int>.Count) + offsets, lower), upper);
            Vector256.Narrow(a.AsUInt32(), b.AsUInt32()).Store(samples + i);
        }
        Jpeg2000RowsScalar.Store(values, samples, i, count, offset, least, most);
    }

    public override void Store(float* values, ushort* samples, int count, int offset, int least, int most)
    {
        int i = 0;
        Vector256<float> offsets = Vector256.Create((float)offset);
        Vector256<float> lower = Vector256.Create((float)least), upper = Vector256.Create((float)most);
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<float> a = Vector256.Round(Vector256.Load(values + i)) + offsets;
            Vector256<float> b = Vector256.Round(Vector256.Load(values + i + Vector256<float>.Count)) + offsets;
            a = Vector256.Min(Vector256.Max(a, lower), upper);
            b = Vector256.Min(Vector256.Max(b, lower), upper);
            Vector256.Narrow(Vector256.ConvertToInt32(a).AsUInt32(), Vector256.ConvertToInt32(b).AsUInt32()).Store(samples + i);
        }
        Jpeg2000RowsScalar.Store(values, samples, i, count, offset, least, most);
    }

    public override void UndoReversibleColor(int* red, int* green, int* blue, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<int>.Count; i += Vector256<int>.Count)
        {
            Vector256<int> u = Vector256.Load(green + i), v = Vector256.Load(blue + i), g = Vector256.Load(red + i) - ((u + v) >> 2);
            (v + g).Store(red + i);
            g.Store(green + i);
            (u + g).Store(blue + i);
        }
        Jpeg2000RowsScalar.UndoReversibleColor(red, green, blue, i, count);
    }

    public override void UndoIrreversibleColor(float* red, float* green, float* blue, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> y = Vector256.Load(red + i), cb = Vector256.Load(green + i), cr = Vector256.Load(blue + i);
            (y + RedOfCr * cr).Store(red + i);
            (y + GreenOfCb * cb + GreenOfCr * cr).Store(green + i);
            (y + BlueOfCb * cb).Store(blue + i);
        }
        Jpeg2000RowsScalar.UndoIrreversibleColor(red, green, blue, i, count);
    }
}
