using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector256<float>;

namespace SeverityEngine.Kernels;

/// <summary>
/// The three transforms of F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray 2015, arXiv 1509.09308): a tile of 4 x 4
/// results of a 3 x 3 convolution from a patch of 6 x 6, by 36 products in place of 144.
/// </summary>
static unsafe class WinogradTransform
{
    /// <summary>Width and height of a tile of results.</summary>
    public const int Tile = 4;

    /// <summary>Width and height of the patch that a tile is made from.</summary>
    public const int Patch = Tile + 2;

    /// <summary>Products of a tile for one pair of channels.</summary>
    public const int Products = Patch * Patch;

    /// <summary>Transforms the weights of one input channel for a panel of outputs, in double: once a model, and rounded once.</summary>
    /// <param name="weights">The first of the panel's outputs: nine weights by rows.</param>
    /// <param name="outputStride">Floats from one output's weights to the next's.</param>
    /// <param name="transformed">Takes 36 rows of a weight for each output.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    [SkipLocalsInit]
    public static void Weights(float* weights, nint outputStride, float* transformed, nint stride)
    {
        const int Taps = 3, Lanes = 4;
        Vector256<double>* taps = stackalloc Vector256<double>[Taps * Taps];
        Vector256<double>* half = stackalloc Vector256<double>[Patch * Taps];
        Vector256<double>* row = stackalloc Vector256<double>[Patch];
        for (int output = 0; output < TileProduct.Columns; output += Lanes)
        {
            float* from = weights + (output * outputStride);
            for (int k = 0; k < Taps * Taps; k++)
                taps[k] = Vector256.Create((double)from[k], from[outputStride + k], from[(2 * outputStride) + k], from[(3 * outputStride) + k]);
            for (int j = 0; j < Taps; j++)
                SixFromThree(taps[j], taps[Taps + j], taps[(2 * Taps) + j], half + j, Taps);
            for (int i = 0; i < Patch; i++)
            {
                SixFromThree(half[i * Taps], half[(i * Taps) + 1], half[(i * Taps) + 2], row, 1);
                for (int j = 0; j < Patch; j++)
                    Avx.ConvertToVector128Single(row[j]).Store(transformed + (((i * Patch) + j) * stride) + output);
            }
        }
    }

    /// <summary>Transforms a patch, all channels of it.</summary>
    /// <param name="patch">The patch's first pixel.</param>
    /// <param name="rowStride">Floats from one of its rows to the next.</param>
    /// <param name="channels">Channels of a pixel, a multiple of 8.</param>
    /// <param name="transformed">Takes 36 vectors of the channels, one behind the other.</param>
    [SkipLocalsInit]
    public static void Input(float* patch, nint rowStride, int channels, float* transformed)
    {
        const int HalfRow = Patch * 8;
        float* half = stackalloc float[Patch * HalfRow];
        for (int c = 0; c < channels; c += Vector.Count)
        {
            float* from = patch + c;
            for (int j = 0; j < Patch; j++)
            {
                SixFromSix(
                    Vector256.Load(from), Vector256.Load(from + rowStride), Vector256.Load(from + (2 * rowStride)),
                    Vector256.Load(from + (3 * rowStride)), Vector256.Load(from + (4 * rowStride)), Vector256.Load(from + (5 * rowStride)),
                    half + (j * Vector.Count), HalfRow);
                from += channels;
            }
            float* to = transformed + c;
            for (int i = 0; i < Patch; i++)
            {
                float* row = half + (i * HalfRow);
                SixFromSix(
                    Vector256.Load(row), Vector256.Load(row + 8), Vector256.Load(row + 16),
                    Vector256.Load(row + 24), Vector256.Load(row + 32), Vector256.Load(row + 40),
                    to, channels);
                to += Patch * channels;
            }
        }
    }

    /// <summary>Transforms the products of a tile back, all channels of it.</summary>
    /// <param name="products">36 vectors of the channels, one behind the other.</param>
    /// <param name="channels">Channels of a pixel, a multiple of 8.</param>
    /// <param name="tile">Takes the tile's pixels.</param>
    /// <param name="rowStride">Floats from one of its rows to the next.</param>
    /// <param name="height">Rows of the tile that lie in the image, 1 to 4.</param>
    /// <param name="width">Its columns that do.</param>
    [SkipLocalsInit]
    public static void Output(float* products, int channels, float* tile, nint rowStride, int height, int width)
    {
        const int HalfRow = Patch * 8;
        float* half = stackalloc float[Tile * HalfRow];
        nint row = Patch * (nint)channels;
        for (int c = 0; c < channels; c += Vector.Count)
        {
            float* from = products + c;
            for (int j = 0; j < Patch; j++)
            {
                FourFromSix(
                    Vector256.Load(from), Vector256.Load(from + row), Vector256.Load(from + (2 * row)),
                    Vector256.Load(from + (3 * row)), Vector256.Load(from + (4 * row)), Vector256.Load(from + (5 * row)),
                    half + (j * Vector.Count), HalfRow, Tile);
                from += channels;
            }
            for (int i = 0; i < height; i++)
            {
                float* line = half + (i * HalfRow);
                FourFromSix(
                    Vector256.Load(line), Vector256.Load(line + 8), Vector256.Load(line + 16),
                    Vector256.Load(line + 24), Vector256.Load(line + 32), Vector256.Load(line + 40),
                    tile + (i * rowStride) + c, channels, width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void SixFromThree(Vector256<double> g0, Vector256<double> g1, Vector256<double> g2, Vector256<double>* to, int stride)
    {
        Vector256<double> outer = g0 + g2, far = (g0 + (g2 * 4)) * (1 / 24.0), farOdd = g1 * (1 / 12.0);
        to[0] = g0 * (1 / 4.0);
        to[stride] = (outer + g1) * (-1 / 6.0);
        to[2 * stride] = (outer - g1) * (-1 / 6.0);
        to[3 * stride] = far + farOdd;
        to[4 * stride] = far - farOdd;
        to[5 * stride] = g2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void SixFromSix(Vector a0, Vector a1, Vector a2, Vector a3, Vector a4, Vector a5, float* to, nint stride)
    {
        Vector two = Vector256.Create(2f), four = Vector256.Create(4f), five = Vector256.Create(5f);
        Vector even = Fma.MultiplyAddNegated(four, a2, a4), odd = Fma.MultiplyAddNegated(four, a1, a3);
        Vector outer = a4 - a2, inner = a3 - a1;
        Fma.MultiplyAdd(four, a0, Fma.MultiplyAddNegated(five, a2, a4)).Store(to);
        (even + odd).Store(to + stride);
        (even - odd).Store(to + (2 * stride));
        Fma.MultiplyAdd(two, inner, outer).Store(to + (3 * stride));
        Fma.MultiplyAddNegated(two, inner, outer).Store(to + (4 * stride));
        Fma.MultiplyAdd(four, a1, Fma.MultiplyAddNegated(five, a3, a5)).Store(to + (5 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void FourFromSix(Vector a0, Vector a1, Vector a2, Vector a3, Vector a4, Vector a5, float* to, nint stride, int count)
    {
        Vector near = a1 + a2, nearOdd = a1 - a2, far = a3 + a4, farOdd = a3 - a4;
        (a0 + near + far).Store(to);
        if (count > 1)
            Fma.MultiplyAdd(Vector256.Create(2f), farOdd, nearOdd).Store(to + stride);
        if (count > 2)
            Fma.MultiplyAdd(Vector256.Create(4f), far, near).Store(to + (2 * stride));
        if (count > 3)
            (Fma.MultiplyAdd(Vector256.Create(8f), farOdd, nearOdd) + a5).Store(to + (3 * stride));
    }
}
