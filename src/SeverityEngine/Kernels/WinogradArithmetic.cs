using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray 2015, arXiv 1509.09308): a tile of 4 x 4 results of a 3 x 3
/// convolution from a patch of 6 x 6, by 36 products in place of 144. These are its three transforms and the products between them.
/// </summary>
abstract unsafe class WinogradArithmetic
{
    /// <summary>Width and height of a tile of results.</summary>
    public const int Tile = 4;

    /// <summary>Width and height of the patch that a tile is made from.</summary>
    public const int Patch = Tile + 2;

    /// <summary>Products of a tile for one pair of channels.</summary>
    public const int Products = Patch * Patch;

    /// <summary>Weights of one pair of channels: 3 x 3.</summary>
    protected const int Taps = 3;

    static readonly WinogradArithmetic s_vector128 = new WinogradVector128(), s_avx2 = new WinogradAvx2();

    /// <summary>The arithmetic by one set of kernels; null for none, where ONNX Runtime's plain convolution is faster.</summary>
    public static WinogradArithmetic? For(KernelSet kernels) =>
        Cpu.Avx2 && kernels >= KernelSet.Avx2 ? s_avx2 : Cpu.Vector128 && kernels >= KernelSet.Vector128 ? s_vector128 : null;

    /// <summary>Transforms the weights of one input channel for a panel of outputs, in double: once a model, and rounded once.</summary>
    /// <param name="weights">The first of the panel's outputs: nine weights by rows.</param>
    /// <param name="outputStride">Floats from one output's weights to the next's.</param>
    /// <param name="transformed">Takes 36 rows of a weight for each output.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    public abstract void Weights(float* weights, nint outputStride, float* transformed, nint stride);

    /// <summary>Transforms a patch, all channels of it.</summary>
    /// <param name="patch">The patch's first pixel.</param>
    /// <param name="rowStride">Floats from one of its rows to the next.</param>
    /// <param name="channels">Channels of a pixel, a multiple of 8.</param>
    /// <param name="transformed">Takes 36 vectors of the channels, one behind the other.</param>
    public abstract void Input(float* patch, nint rowStride, int channels, float* transformed);

    /// <summary>Transforms the products of a tile back, all channels of it.</summary>
    /// <param name="products">36 vectors of the channels, one behind the other.</param>
    /// <param name="channels">Channels of a pixel, a multiple of 8.</param>
    /// <param name="tile">Takes the tile's pixels.</param>
    /// <param name="rowStride">Floats from one of its rows to the next.</param>
    /// <param name="height">Rows of the tile that lie in the image, 1 to 4.</param>
    /// <param name="width">Its columns that do.</param>
    public abstract void Output(float* products, int channels, float* tile, nint rowStride, int height, int width);

    /// <summary>Computes <c>c = a b</c>.</summary>
    /// <param name="rows">Rows of a and c, 1 to <see cref="TileProduct.MaxRows"/>.</param>
    /// <param name="a">The first row, <paramref name="depth"/> floats.</param>
    /// <param name="aStride">Floats from one row of a to the next.</param>
    /// <param name="b">The panel: <see cref="TileProduct.Columns"/> floats for each of a's columns.</param>
    /// <param name="depth">Columns of a.</param>
    /// <param name="c">The first row of results, <see cref="TileProduct.Columns"/> floats.</param>
    /// <param name="cStride">Floats from one row of c to the next.</param>
    public abstract void Multiply(int rows, float* a, nint aStride, float* b, int depth, float* c, nint cStride);
}
