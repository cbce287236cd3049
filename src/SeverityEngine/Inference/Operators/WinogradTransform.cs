using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector256<float>;

namespace SeverityEngine.Inference.Operators;

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

    static ReadOnlySpan<double> Kernel =>
    [
        1 / 4.0, 0, 0,
        -1 / 6.0, -1 / 6.0, -1 / 6.0,
        -1 / 6.0, 1 / 6.0, -1 / 6.0,
        1 / 24.0, 1 / 12.0, 1 / 6.0,
        1 / 24.0, -1 / 12.0, 1 / 6.0,
        0, 0, 1,
    ];

    /// <summary>Transforms the nine weights of a pair of channels, in double: once a model, and rounded once.</summary>
    /// <param name="weights">Nine weights by rows.</param>
    /// <param name="transformed">Takes 36 by rows, each <paramref name="stride"/> floats behind the one before.</param>
    /// <param name="stride">Floats from one to the next.</param>
    public static void Weights(ReadOnlySpan<float> weights, float* transformed, nint stride)
    {
        Span<double> half = stackalloc double[Patch * 3];
        for (int i = 0; i < Patch; i++)
        {
            for (int j = 0; j < 3; j++)
                half[(i * 3) + j] = (Kernel[i * 3] * weights[j]) + (Kernel[(i * 3) + 1] * weights[3 + j]) + (Kernel[(i * 3) + 2] * weights[6 + j]);
        }
        for (int i = 0; i < Patch; i++)
        {
            for (int j = 0; j < Patch; j++)
            {
                double sum = (half[i * 3] * Kernel[j * 3]) + (half[(i * 3) + 1] * Kernel[(j * 3) + 1]) + (half[(i * 3) + 2] * Kernel[(j * 3) + 2]);
                transformed[((i * Patch) + j) * stride] = (float)sum;
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
