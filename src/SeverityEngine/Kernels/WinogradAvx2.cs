using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Vector = System.Runtime.Intrinsics.Vector256<float>;

namespace SeverityEngine.Kernels;

/// <summary>
/// The arithmetic with eight channels in a vector, a channel a lane; a patch is 36 vectors for each eight of its channels. Channels are
/// whole vectors, so there is no remainder. Weights are transformed in double, four outputs in a vector.
/// </summary>
sealed unsafe class WinogradAvx2 : WinogradArithmetic
{
    [SkipLocalsInit]
    public override void Weights(float* weights, nint outputStride, float* transformed, nint stride)
    {
        const int Lanes = 4;
        // The nine weights, then the six by three with columns transformed, then one row of the six by six; a lane is an output channel.
        Vector256<double>* taps = stackalloc Vector256<double>[Taps * Taps];
        Vector256<double>* half = stackalloc Vector256<double>[Patch * Taps];
        Vector256<double>* row = stackalloc Vector256<double>[Patch];
        for (int output = 0; output < TileProduct.Columns; output += Lanes)
        {
            float* from = weights + (output * outputStride);
            for (int k = 0; k < Taps * Taps; k++)
            {
                float* first = from + k;
                taps[k] = Vector256.Create((double)*first, first[outputStride], first[2 * outputStride], first[3 * outputStride]);
            }
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

    [SkipLocalsInit]
    public override void Input(float* patch, nint rowStride, int channels, float* transformed)
    {
        const int HalfRow = Patch * 8;
        // The patch with its columns transformed: row i of six vectors, one for each column j.
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

    [SkipLocalsInit]
    public override void Output(float* products, int channels, float* tile, nint rowStride, int height, int width)
    {
        const int HalfRow = Patch * 8;
        // The products with their columns transformed: four rows of six vectors.
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

    public override void Multiply(int rows, float* a, nint aStride, float* b, int depth, float* c, nint cStride) =>
        TileProduct.Multiply<TileProductAvx2>(rows, a, aStride, b, depth, c, cStride);

    /// <summary>
    /// Multiplies three weights of a column or row by G, whose rows are (1/4, 0, 0), (-1/6, -1/6, -1/6), (-1/6, 1/6, -1/6),
    /// (1/24, 1/12, 1/6), (1/24, -1/12, 1/6) and (0, 0, 1). A lane is an output channel.
    /// </summary>
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

    /// <summary>
    /// Multiplies six pixels of a column or row by the transpose of B, whose rows are (4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0),
    /// (0, 4, -4, -1, 1, 0), (0, -2, -1, 2, 1, 0), (0, 2, -1, -2, 1, 0) and (0, 4, 0, -5, 0, 1). A lane is a channel.
    /// </summary>
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

    /// <summary>
    /// Multiplies six products of a column or row by the transpose of A, whose rows are (1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0),
    /// (0, 1, 1, 4, 4, 0) and (0, 1, -1, 8, -8, 1), and stores the first <paramref name="count"/>. A lane is a channel.
    /// </summary>
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
