using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>
/// What is done to whole rows: the steps of the wavelets, the color transforms, and the way to samples. Every set of kernels gives the
/// same, to the bit.
/// </summary>
abstract unsafe class Jpeg2000Rows
{
    /// <summary>The irreversible color transform (ITU-T T.800, G.3).</summary>
    protected const float RedOfCr = 1.402f, GreenOfCb = -0.34413f, GreenOfCr = -0.71414f, BlueOfCb = 1.772f;

    static readonly Jpeg2000Rows s_scalar = new Jpeg2000RowsScalar(), s_vector128 = new Jpeg2000RowsVector128(),
        s_avx2 = new Jpeg2000RowsAvx2();

    /// <summary>The operations by one set of kernels.</summary>
    public static Jpeg2000Rows For(KernelSet kernels) =>
        Cpu.Avx2 && kernels >= KernelSet.Avx2 ? s_avx2 : Cpu.Vector128 && kernels >= KernelSet.Vector128 ? s_vector128 : s_scalar;

    /// <summary>5/3's step of low coefficients: less (before + after + 2) / 4, rounded down (equation F-5).</summary>
    public abstract void LiftLow(int* values, int* before, int* after, int count);

    /// <summary>5/3's step of high coefficients: plus (before + after) / 2, rounded down (equation F-6).</summary>
    public abstract void LiftHigh(int* values, int* before, int* after, int count);

    /// <summary>A step of 9/7: plus a factor times (before + after).</summary>
    public abstract void Lift(float* values, float* before, float* after, float factor, int count);

    /// <summary>Puts values of two rows in turns, those of the first first.</summary>
    /// <param name="first">Half of the values, or one more.</param>
    /// <param name="second">The others.</param>
    /// <param name="both">The result.</param>
    /// <param name="count">How many values the result has.</param>
    public abstract void Interleave(int* first, int* second, int* both, int count);

    /// <summary>Samples: plus an offset, within limits.</summary>
    public abstract void Store(int* values, ushort* samples, int count, int offset, int least, int most);

    /// <summary>Samples: rounded to the nearest integer, halves to the even one, plus an offset, within limits.</summary>
    public abstract void Store(float* values, ushort* samples, int count, int offset, int least, int most);

    /// <summary>The reversible color transform, undone in place (T.800, G.2): Y, U and V become red, green and blue.</summary>
    public abstract void UndoReversibleColor(int* red, int* green, int* blue, int count);

    /// <summary>The irreversible color transform, undone in place: Y, Cb and Cr become red, green and blue.</summary>
    public abstract void UndoIrreversibleColor(float* red, float* green, float* blue, int count);
}
