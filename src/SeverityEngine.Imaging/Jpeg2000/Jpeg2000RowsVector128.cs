using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>The operations with four values in a vector; what is left at a row's end is done value by value.</summary>
sealed unsafe class Jpeg2000RowsVector128 : Jpeg2000Rows
{
    public override void LiftLow(int* values, int* before, int* after, int count)
    {
        int i = 0;
        Vector128<int> round = Vector128.Create(2);
        for (; i <= count - Vector128<int>.Count; i += Vector128<int>.Count)
            (Vector128.Load(values + i) - ((Vector128.Load(before + i) + Vector128.Load(after + i) + round) >> 2)).Store(values + i);
        Jpeg2000RowsScalar.LiftLow(values, before, after, i, count);
    }

    public override void LiftHigh(int* values, int* before, int* after, int count)
    {
        int i = 0;
        for (; i <= count - Vector128<int>.Count; i += Vector128<int>.Count)
            (Vector128.Load(values + i) + ((Vector128.Load(before + i) + Vector128.Load(after + i)) >> 1)).Store(values + i);
        Jpeg2000RowsScalar.LiftHigh(values, before, after, i, count);
    }

    public override void Lift(float* values, float* before, float* after, float factor, int count)
    {
        int i = 0;
        Vector128<float> factors = Vector128.Create(factor);
        for (; i <= count - Vector128<float>.Count; i += Vector128<float>.Count)
            (Vector128.Load(values + i) + factors * (Vector128.Load(before + i) + Vector128.Load(after + i))).Store(values + i);
        Jpeg2000RowsScalar.Lift(values, before, after, factor, i, count);
    }

    public override void Interleave(int* first, int* second, int* both, int count)
    {
        int i = 0;
        for (; i <= count / 2 - Vector128<int>.Count; i += Vector128<int>.Count)
        {
            Vector128<int> a = Vector128.Load(first + i), b = Vector128.Load(second + i);
            // a0 b0 a1 b1 and a2 b2 a3 b3: a pair is a lane of 64 bits.
            Vector128<ulong> lowA = Vector128.WidenLower(a.AsUInt32()), lowB = Vector128.WidenLower(b.AsUInt32());
            Vector128<ulong> highA = Vector128.WidenUpper(a.AsUInt32()), highB = Vector128.WidenUpper(b.AsUInt32());
            (lowA | lowB << 32).AsInt32().Store(both + 2 * i);
            (highA | highB << 32).AsInt32().Store(both + 2 * i + Vector128<int>.Count);
        }
        Jpeg2000RowsScalar.Interleave(first, second, both, i, count);
    }

    public override void Store(int* values, ushort* samples, int count, int offset, int least, int most)
    {
        int i = 0;
        Vector128<int> offsets = Vector128.Create(offset), lower = Vector128.Create(least), upper = Vector128.Create(most);
        for (; i <= count - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            Vector128<int> a = Vector128.Min(Vector128.Max(Vector128.Load(values + i) + offsets, lower), upper);
            Vector128<int> b = Vector128.Min(Vector128.Max(Vector128.Load(values + i + Vector128<int>.Count) + offsets, lower), upper);
            Vector128.Narrow(a.AsUInt32(), b.AsUInt32()).Store(samples + i);
        }
        Jpeg2000RowsScalar.Store(values, samples, i, count, offset, least, most);
    }

    public override void Store(float* values, ushort* samples, int count, int offset, int least, int most)
    {
        int i = 0;
        Vector128<float> offsets = Vector128.Create((float)offset);
        Vector128<float> lower = Vector128.Create((float)least), upper = Vector128.Create((float)most);
        for (; i <= count - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            Vector128<float> a = Vector128.Round(Vector128.Load(values + i)) + offsets;
            Vector128<float> b = Vector128.Round(Vector128.Load(values + i + Vector128<float>.Count)) + offsets;
            a = Vector128.Min(Vector128.Max(a, lower), upper);
            b = Vector128.Min(Vector128.Max(b, lower), upper);
            Vector128.Narrow(Vector128.ConvertToInt32(a).AsUInt32(), Vector128.ConvertToInt32(b).AsUInt32()).Store(samples + i);
        }
        Jpeg2000RowsScalar.Store(values, samples, i, count, offset, least, most);
    }

    public override void UndoReversibleColor(int* red, int* green, int* blue, int count)
    {
        int i = 0;
        for (; i <= count - Vector128<int>.Count; i += Vector128<int>.Count)
        {
            Vector128<int> u = Vector128.Load(green + i), v = Vector128.Load(blue + i), g = Vector128.Load(red + i) - ((u + v) >> 2);
            (v + g).Store(red + i);
            g.Store(green + i);
            (u + g).Store(blue + i);
        }
        Jpeg2000RowsScalar.UndoReversibleColor(red, green, blue, i, count);
    }

    public override void UndoIrreversibleColor(float* red, float* green, float* blue, int count)
    {
        int i = 0;
        for (; i <= count - Vector128<float>.Count; i += Vector128<float>.Count)
        {
            Vector128<float> y = Vector128.Load(red + i), cb = Vector128.Load(green + i), cr = Vector128.Load(blue + i);
            (y + RedOfCr * cr).Store(red + i);
            (y + GreenOfCb * cb + GreenOfCr * cr).Store(green + i);
            (y + BlueOfCb * cb).Store(blue + i);
        }
        Jpeg2000RowsScalar.UndoIrreversibleColor(red, green, blue, i, count);
    }
}
