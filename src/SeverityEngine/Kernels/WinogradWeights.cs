using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SeverityEngine.Kernels;

/// <summary>
/// The transform of weights, in double and rounded once. A lane is an output channel: two in a vector of any processor, for it is done once
/// a model.
/// </summary>
static unsafe class WinogradWeights
{
    const int Patch = WinogradArithmetic.Patch;

    /// <summary>Weights of one pair of channels: 3 x 3.</summary>
    const int Taps = 3;

    /// <summary>Transforms the weights of one input channel for a panel of outputs.</summary>
    /// <param name="weights">The first of the panel's outputs: nine weights by rows.</param>
    /// <param name="outputStride">Floats from one output's weights to the next's.</param>
    /// <param name="outputs">The panel's outputs, an even number.</param>
    /// <param name="transformed">Takes 36 rows of a weight for each output.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    [SkipLocalsInit]
    public static void Transform(float* weights, nint outputStride, int outputs, float* transformed, nint stride)
    {
        // The nine weights, then the six by three with columns transformed, then one row of the six by six.
        Vector128<double>* taps = stackalloc Vector128<double>[Taps * Taps];
        Vector128<double>* half = stackalloc Vector128<double>[Patch * Taps];
        Vector128<double>* row = stackalloc Vector128<double>[Patch];
        for (int output = 0; output < outputs; output += Vector128<double>.Count)
        {
            float* from = weights + (output * outputStride);
            for (int k = 0; k < Taps * Taps; k++)
                taps[k] = Vector128.Create((double)from[k], from[outputStride + k]);
            for (int j = 0; j < Taps; j++)
                SixFromThree(taps[j], taps[Taps + j], taps[(2 * Taps) + j], half + j, Taps);
            for (int i = 0; i < Patch; i++)
            {
                SixFromThree(half[i * Taps], half[(i * Taps) + 1], half[(i * Taps) + 2], row, 1);
                for (int j = 0; j < Patch; j++)
                {
                    float* to = transformed + (((i * Patch) + j) * stride) + output;
                    to[0] = (float)row[j].GetElement(0);
                    to[1] = (float)row[j].GetElement(1);
                }
            }
        }
    }

    /// <summary>
    /// Multiplies three weights of a column or row by G, whose rows are (1/4, 0, 0), (-1/6, -1/6, -1/6), (-1/6, 1/6, -1/6),
    /// (1/24, 1/12, 1/6), (1/24, -1/12, 1/6) and (0, 0, 1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void SixFromThree(Vector128<double> g0, Vector128<double> g1, Vector128<double> g2, Vector128<double>* to, int stride)
    {
        Vector128<double> outer = g0 + g2, far = (g0 + (g2 * 4)) * (1 / 24.0), farOdd = g1 * (1 / 12.0);
        to[0] = g0 * (1 / 4.0);
        to[stride] = (outer + g1) * (-1 / 6.0);
        to[2 * stride] = (outer - g1) * (-1 / 6.0);
        to[3 * stride] = far + farOdd;
        to[4 * stride] = far - farOdd;
        to[5 * stride] = g2;
    }
}
