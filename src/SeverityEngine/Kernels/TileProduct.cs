namespace SeverityEngine.Kernels;

/// <summary>
/// Products of up to six rows with a panel of sixteen columns. Six rows of two vectors are as many sums as sixteen registers hold beside
/// their operands, and enough of them that no multiplication waits for the one before.
/// </summary>
static unsafe class TileProduct
{
    /// <summary>The most rows of one product.</summary>
    public const int MaxRows = 6;

    /// <summary>Columns of a panel.</summary>
    public const int Columns = 16;

    /// <summary>Computes <c>c = a b</c>.</summary>
    /// <param name="rows">Rows of a and c, 1 to <see cref="MaxRows"/>.</param>
    /// <param name="a">The first row, <paramref name="depth"/> floats.</param>
    /// <param name="aStride">Floats from one row of a to the next.</param>
    /// <param name="b">The panel: <see cref="Columns"/> floats for each of a's columns.</param>
    /// <param name="depth">Columns of a.</param>
    /// <param name="c">The first row of results, <see cref="Columns"/> floats.</param>
    /// <param name="cStride">Floats from one row of c to the next.</param>
    public static void Multiply<TKernel>(int rows, float* a, nint aStride, float* b, int depth, float* c, nint cStride)
        where TKernel : ITileProduct
    {
        switch (rows)
        {
            case 6:
                TKernel.Multiply<Six>(a, aStride, b, depth, c, cStride);
                break;
            case 5:
                TKernel.Multiply<Five>(a, aStride, b, depth, c, cStride);
                break;
            case 4:
                TKernel.Multiply<Four>(a, aStride, b, depth, c, cStride);
                break;
            case 3:
                TKernel.Multiply<Three>(a, aStride, b, depth, c, cStride);
                break;
            case 2:
                TKernel.Multiply<Two>(a, aStride, b, depth, c, cStride);
                break;
            default:
                TKernel.Multiply<One>(a, aStride, b, depth, c, cStride);
                break;
        }
    }
}

/// <summary>The product by one instruction set.</summary>
unsafe interface ITileProduct
{
    /// <summary>As <see cref="TileProduct.Multiply"/>.</summary>
    static abstract void Multiply<TRows>(float* a, nint aStride, float* b, int depth, float* c, nint cStride) where TRows : IRows;
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
