namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>The operations a value at a time; the vector kernels take them for what is left at a row's end.</summary>
sealed unsafe class Jpeg2000RowsScalar : Jpeg2000Rows
{
    public override void LiftLow(int* values, int* before, int* after, int count) => LiftLow(values, before, after, 0, count);

    public override void LiftHigh(int* values, int* before, int* after, int count) => LiftHigh(values, before, after, 0, count);

    public override void Lift(float* values, float* before, float* after, float factor, int count) =>
        Lift(values, before, after, factor, 0, count);

    public override void Interleave(int* first, int* second, int* both, int count) => Interleave(first, second, both, 0, count);

    public override void Store(int* values, ushort* samples, int count, int offset, int least, int most) =>
        Store(values, samples, 0, count, offset, least, most);

    public override void Store(float* values, ushort* samples, int count, int offset, int least, int most) =>
        Store(values, samples, 0, count, offset, least, most);

    public override void UndoReversibleColor(int* red, int* green, int* blue, int count) => UndoReversibleColor(red, green, blue, 0, count);

    public override void UndoIrreversibleColor(float* red, float* green, float* blue, int count) =>
        UndoIrreversibleColor(red, green, blue, 0, count);

    public static void LiftLow(int* values, int* before, int* after, int from, int count)
    {
        for (int i = from; i < count; i++)
            values[i] -= (before[i] + after[i] + 2) >> 2;
    }

    public static void LiftHigh(int* values, int* before, int* after, int from, int count)
    {
        for (int i = from; i < count; i++)
            values[i] += (before[i] + after[i]) >> 1;
    }

    public static void Lift(float* values, float* before, float* after, float factor, int from, int count)
    {
        for (int i = from; i < count; i++)
            values[i] += factor * (before[i] + after[i]);
    }

    /// <param name="first">Every other value.</param>
    /// <param name="second">The others.</param>
    /// <param name="both">The result.</param>
    /// <param name="from">The pair to begin with.</param>
    /// <param name="count">How many values the result has.</param>
    public static void Interleave(int* first, int* second, int* both, int from, int count)
    {
        for (int i = from; 2 * i + 1 < count; i++)
            (both[2 * i], both[2 * i + 1]) = (first[i], second[i]);
        if ((count & 1) != 0)
            both[count - 1] = first[count >> 1];
    }

    public static void Store(int* values, ushort* samples, int from, int count, int offset, int least, int most)
    {
        for (int i = from; i < count; i++)
            samples[i] = (ushort)Math.Clamp(values[i] + offset, least, most);
    }

    public static void Store(float* values, ushort* samples, int from, int count, int offset, int least, int most)
    {
        for (int i = from; i < count; i++)
            samples[i] = (ushort)(int)Math.Clamp(MathF.Round(values[i]) + offset, least, most);
    }

    public static void UndoReversibleColor(int* red, int* green, int* blue, int from, int count)
    {
        for (int i = from; i < count; i++)
        {
            int u = green[i], v = blue[i], g = red[i] - ((u + v) >> 2);
            (red[i], green[i], blue[i]) = (v + g, g, u + g);
        }
    }

    public static void UndoIrreversibleColor(float* red, float* green, float* blue, int from, int count)
    {
        for (int i = from; i < count; i++)
        {
            float y = red[i], cb = green[i], cr = blue[i];
            (red[i], green[i], blue[i]) = (y + RedOfCr * cr, y + GreenOfCb * cb + GreenOfCr * cr, y + BlueOfCb * cb);
        }
    }
}
