using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vector = System.Runtime.Intrinsics.Vector128<float>;

namespace SeverityEngine.Kernels;

/// <summary>
/// A row's sixteen columns are four vectors of four, and sums of six such rows are more than sixteen registers: the left eight columns are
/// made first, then the right. A sum's vector <c>cRV</c> holds columns 4 V to 4 V + 3 of row R's half. Of b a step loads half a row, two
/// vectors, and of a one float a row, which fills a vector's lanes. Columns are always sixteen, so there is no remainder.
/// </summary>
readonly unsafe struct TileProductVector128 : ITileProduct
{
    const int Half = TileProduct.Columns / 2;

    public static void Multiply<TRows>(float* a, nint aStride, float* b, int depth, float* c, nint cStride) where TRows : IRows
    {
        MultiplyHalf<TRows>(a, aStride, b, depth, c, cStride);
        MultiplyHalf<TRows>(a, aStride, b + Half, depth, c + Half, cStride);
    }

    static void MultiplyHalf<TRows>(float* a, nint aStride, float* b, int depth, float* c, nint cStride) where TRows : IRows
    {
        Vector c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        float* a3 = a + (3 * aStride);
        for (int k = 0; k < depth; k++)
        {
            Vector b0 = Vector128.Load(b), b1 = Vector128.Load(b + Vector.Count);
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
            b += TileProduct.Columns;
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
        Vector factor = Vector128.Create(a);
        sum0 = Vector128.MultiplyAddEstimate(factor, b0, sum0);
        sum1 = Vector128.MultiplyAddEstimate(factor, b1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector sum0, Vector sum1, float* c)
    {
        sum0.Store(c);
        sum1.Store(c + Vector.Count);
    }
}
