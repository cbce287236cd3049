using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector256<float>;

namespace SeverityEngine.Kernels;

/// <summary>
/// Products of up to six rows with a panel of sixteen columns: as many sums as 256-bit registers hold beside their operands, and enough of them
/// that no multiplication waits for the one before.
/// </summary>
static unsafe class TileProduct
{
    /// <summary>The most rows of one product.</summary>
    public const int MaxRows = 6;

    /// <summary>Columns of a panel: two registers.</summary>
    public const int Columns = 16;

    /// <summary>Computes <c>c = a b</c>.</summary>
    /// <param name="rows">Rows of a and c, 1 to <see cref="MaxRows"/>.</param>
    /// <param name="a">The first row, <paramref name="depth"/> floats.</param>
    /// <param name="aStride">Floats from one row of a to the next.</param>
    /// <param name="b">The panel: <see cref="Columns"/> floats for each of a's columns.</param>
    /// <param name="depth">Columns of a.</param>
    /// <param name="c">The first row of results, <see cref="Columns"/> floats.</param>
    /// <param name="cStride">Floats from one row of c to the next.</param>
    public static void Multiply(int rows, float* a, nint aStride, float* b, int depth, float* c, nint cStride)
    {
        switch (rows)
        {
            case 6:
                Multiply<Six>(a, aStride, b, depth, c, cStride);
                break;
            case 5:
                Multiply<Five>(a, aStride, b, depth, c, cStride);
                break;
            case 4:
                Multiply<Four>(a, aStride, b, depth, c, cStride);
                break;
            case 3:
                Multiply<Three>(a, aStride, b, depth, c, cStride);
                break;
            case 2:
                Multiply<Two>(a, aStride, b, depth, c, cStride);
                break;
            default:
                Multiply<One>(a, aStride, b, depth, c, cStride);
                break;
        }
    }

    /// <summary>Compiled once for each number of rows; what a smaller number lacks is not in its code.</summary>
    static void Multiply<TRows>(float* a, nint aStride, float* b, int depth, float* c, nint cStride) where TRows : IRows
    {
        Vector c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        float* a3 = a + (3 * aStride);
        for (int k = 0; k < depth; k++)
        {
            Vector b0 = Vector256.Load(b), b1 = Vector256.Load(b + Vector.Count);
            AddProduct(*a, b0, b1, ref c00, ref c01);
            if (TRows.Count > 1)
                AddProduct(a[aStride], b0, b1, ref c10, ref c11);
            if (TRows.Count > 2)
                AddProduct(a[2 * aStride], b0, b1, ref c20, ref c21);
            if (TRows.Count > 3)
                AddProduct(*a3, b0, b1, ref c30, ref c31);
            if (TRows.Count > 4)
                AddProduct(a3[aStride], b0, b1, ref c40, ref c41);
            if (TRows.Count > 5)
                AddProduct(a3[2 * aStride], b0, b1, ref c50, ref c51);
            a++;
            a3++;
            b += Columns;
        }
        Store(c00, c01, c);
        if (TRows.Count > 1)
            Store(c10, c11, c + cStride);
        if (TRows.Count > 2)
            Store(c20, c21, c + (2 * cStride));
        if (TRows.Count > 3)
            Store(c30, c31, c + (3 * cStride));
        if (TRows.Count > 4)
            Store(c40, c41, c + (4 * cStride));
        if (TRows.Count > 5)
            Store(c50, c51, c + (5 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddProduct(float a, Vector b0, Vector b1, ref Vector sum0, ref Vector sum1)
    {
        Vector factor = Vector256.Create(a);
        sum0 = Fma.MultiplyAdd(factor, b0, sum0);
        sum1 = Fma.MultiplyAdd(factor, b1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector sum0, Vector sum1, float* c)
    {
        sum0.Store(c);
        sum1.Store(c + Vector.Count);
    }

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
}
