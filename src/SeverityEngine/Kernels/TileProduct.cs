using System.Runtime.CompilerServices;

namespace SeverityEngine.Kernels;

/// <summary>
/// Products of up to <see cref="ILanes{TVector}.MaxRows"/> rows with a panel of two vectors of columns. Vectors <c>cR</c> and <c>dR</c>
/// hold the left and the right half of row R's sums, a column a lane. Of b a step loads one row, two vectors, and of a one float a row,
/// which fills a vector's lanes. Columns are always two vectors, so there is no remainder.
/// </summary>
static unsafe class TileProduct<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <summary>
    /// Floats of b that are asked for ahead: a page of memory, at whose end a processor's own prefetching stops. A network's weights come
    /// from beyond a core's caches in each run; with this the layers of a DenseNet-121 took a twelfth less time on a Xeon.
    /// </summary>
    const int Ahead = 1024;

    /// <summary>
    /// Computes a product of any number of rows and of whole panels: each panel is read from memory once for all rows, in groups of rows of
    /// equal size.
    /// </summary>
    public static void MultiplyAll(in ProductPart part)
    {
        float* panel = part.Panels;
        int groups = (part.Rows + TLanes.MaxRows - 1) / TLanes.MaxRows;
        for (int column = 0; column < part.Columns; column += 2 * TLanes.Count)
        {
            for (int group = 0; group < groups; group++)
            {
                int first = part.Rows * group / groups, count = (part.Rows * (group + 1) / groups) - first;
                Multiply(count, part.A + (first * part.AStride), part.AStride, part.Runs, panel, part.C + (first * part.CStride) + column,
                    part.CStride);
            }
            panel += (nint)part.Runs.Count * part.Runs.Length * 2 * TLanes.Count;
        }
    }

    /// <summary>Computes <c>c = a b</c>.</summary>
    /// <param name="rows">Rows of a and c, 1 to <see cref="ILanes{TVector}.MaxRows"/>.</param>
    /// <param name="a">The first row.</param>
    /// <param name="aStride">Floats from one row of a to the next.</param>
    /// <param name="runs">How a row lies in memory.</param>
    /// <param name="b">The panel: two vectors for each of a's columns.</param>
    /// <param name="c">The first row of results, two vectors.</param>
    /// <param name="cStride">Floats from one row of c to the next.</param>
    public static void Multiply(int rows, float* a, nint aStride, Runs runs, float* b, float* c, nint cStride)
    {
        switch (rows)
        {
            case 2:
                Multiply<Two>(a, aStride, runs, b, c, cStride);
                break;
            case 3:
                Multiply<Three>(a, aStride, runs, b, c, cStride);
                break;
            case 4:
                Multiply<Four>(a, aStride, runs, b, c, cStride);
                break;
            case 5:
                Multiply<Five>(a, aStride, runs, b, c, cStride);
                break;
            case 6:
                Multiply<Six>(a, aStride, runs, b, c, cStride);
                break;
            case 7 when TLanes.MaxRows > 6:
                Multiply<Seven>(a, aStride, runs, b, c, cStride);
                break;
            case 8 when TLanes.MaxRows > 6:
                Multiply<Eight>(a, aStride, runs, b, c, cStride);
                break;
            case 9 when TLanes.MaxRows > 6:
                Multiply<Nine>(a, aStride, runs, b, c, cStride);
                break;
            case 10 when TLanes.MaxRows > 6:
                Multiply<Ten>(a, aStride, runs, b, c, cStride);
                break;
            case 11 when TLanes.MaxRows > 6:
                Multiply<Eleven>(a, aStride, runs, b, c, cStride);
                break;
            case 12 when TLanes.MaxRows > 6:
                Multiply<Twelve>(a, aStride, runs, b, c, cStride);
                break;
            default:
                Multiply<One>(a, aStride, runs, b, c, cStride);
                break;
        }
    }

    static void Multiply<TRows>(float* a, nint aStride, Runs runs, float* b, float* c, nint cStride)
        where TRows : IRows
    {
        TVector c0 = default, d0 = default, c1 = default, d1 = default, c2 = default, d2 = default;
        TVector c3 = default, d3 = default, c4 = default, d4 = default, c5 = default, d5 = default;
        TVector c6 = default, d6 = default, c7 = default, d7 = default, c8 = default, d8 = default;
        TVector c9 = default, d9 = default, c10 = default, d10 = default, c11 = default, d11 = default;
        float* a3 = a + (3 * aStride), a6 = a + (6 * aStride), a9 = a + (9 * aStride);
        for (int run = 0; run < runs.Count; run++)
        {
            for (int k = 0; k < runs.Length; k++)
            {
                TVector b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count);
                AddProduct(*a, b0, b1, ref c0, ref d0);
                if (TRows.Count > 1)
                    AddProduct(a[aStride], b0, b1, ref c1, ref d1);
                if (TRows.Count > 2)
                    AddProduct(a[2 * aStride], b0, b1, ref c2, ref d2);
                if (TRows.Count > 3)
                    AddProduct(*a3, b0, b1, ref c3, ref d3);
                if (TRows.Count > 4)
                    AddProduct(a3[aStride], b0, b1, ref c4, ref d4);
                if (TRows.Count > 5)
                    AddProduct(a3[2 * aStride], b0, b1, ref c5, ref d5);
                if (TRows.Count > 6)
                    AddProduct(*a6, b0, b1, ref c6, ref d6);
                if (TRows.Count > 7)
                    AddProduct(a6[aStride], b0, b1, ref c7, ref d7);
                if (TRows.Count > 8)
                    AddProduct(a6[2 * aStride], b0, b1, ref c8, ref d8);
                if (TRows.Count > 9)
                    AddProduct(*a9, b0, b1, ref c9, ref d9);
                if (TRows.Count > 10)
                    AddProduct(a9[aStride], b0, b1, ref c10, ref d10);
                if (TRows.Count > 11)
                    AddProduct(a9[2 * aStride], b0, b1, ref c11, ref d11);
                a++;
                a3++;
                a6++;
                a9++;
                b += 2 * TLanes.Count;
                TLanes.Prefetch(b + Ahead);
            }
            a += runs.Gap;
            a3 += runs.Gap;
            a6 += runs.Gap;
            a9 += runs.Gap;
        }
        Store(c0, d0, c);
        if (TRows.Count > 1)
            Store(c1, d1, c + cStride);
        if (TRows.Count > 2)
            Store(c2, d2, c + (2 * cStride));
        if (TRows.Count > 3)
            Store(c3, d3, c + (3 * cStride));
        if (TRows.Count > 4)
            Store(c4, d4, c + (4 * cStride));
        if (TRows.Count > 5)
            Store(c5, d5, c + (5 * cStride));
        if (TRows.Count > 6)
            Store(c6, d6, c + (6 * cStride));
        if (TRows.Count > 7)
            Store(c7, d7, c + (7 * cStride));
        if (TRows.Count > 8)
            Store(c8, d8, c + (8 * cStride));
        if (TRows.Count > 9)
            Store(c9, d9, c + (9 * cStride));
        if (TRows.Count > 10)
            Store(c10, d10, c + (10 * cStride));
        if (TRows.Count > 11)
            Store(c11, d11, c + (11 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddProduct(float a, TVector b0, TVector b1, ref TVector sum0, ref TVector sum1)
    {
        TVector factor = TLanes.Create(a);
        sum0 = TLanes.MultiplyAdd(factor, b0, sum0);
        sum1 = TLanes.MultiplyAdd(factor, b1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(TVector sum0, TVector sum1, float* c)
    {
        TLanes.Store(sum0, c);
        TLanes.Store(sum1, c + TLanes.Count);
    }
}

/// <summary>A number of rows that code is compiled for: what a smaller number lacks is not in its code.</summary>
interface IRows
{
    static abstract int Count { get; }
}

readonly struct One : IRows
{
    public static int Count => 1;
}

readonly struct Two : IRows
{
    public static int Count => 2;
}

readonly struct Three : IRows
{
    public static int Count => 3;
}

readonly struct Four : IRows
{
    public static int Count => 4;
}

readonly struct Five : IRows
{
    public static int Count => 5;
}

readonly struct Six : IRows
{
    public static int Count => 6;
}

readonly struct Seven : IRows
{
    public static int Count => 7;
}

readonly struct Eight : IRows
{
    public static int Count => 8;
}

readonly struct Nine : IRows
{
    public static int Count => 9;
}

readonly struct Ten : IRows
{
    public static int Count => 10;
}

readonly struct Eleven : IRows
{
    public static int Count => 11;
}

readonly struct Twelve : IRows
{
    public static int Count => 12;
}
