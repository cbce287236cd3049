using System.Runtime.CompilerServices;
using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// The inverse cosine transform of an 8 x 8 block, to the bit that of libjpeg's default: C. Loeffler, A. Ligtenberg, G. Moschytz,
/// "Practical fast 1-D DCT algorithms with 11 multiplications", ICASSP 1989, in fixed point with 13 bits behind the point, columns first.
/// Between the passes values keep two bits more and are held to 16 bits, as dequantized coefficients are.
/// </summary>
abstract unsafe class JpegIdct
{
    protected const int FractionBits = 13, KeptBits = 2, ColumnShift = FractionBits - KeptBits, RowShift = FractionBits + KeptBits + 3;

    protected const int F0298631336 = 2446, F0390180644 = 3196, F0541196100 = 4433, F0765366865 = 6270, F0899976223 = 7373,
        F1175875602 = 9633,
        F1501321110 = 12299, F1847759065 = 15137, F1961570560 = 16069, F2053119869 = 16819, F2562915447 = 20995, F3072711026 = 25172;

    static readonly JpegIdct s_scalar = new JpegIdctScalar(), s_vector128 = new JpegIdctVector128(), s_avx2 = new JpegIdctAvx2();

    /// <summary>The transform by one set of kernels.</summary>
    public static JpegIdct For(KernelSet kernels) =>
        Cpu.Avx2 && kernels >= KernelSet.Avx2 ? s_avx2 : Cpu.Vector128 && kernels >= KernelSet.Vector128 ? s_vector128 : s_scalar;

    /// <summary>Transforms a block.</summary>
    /// <param name="block">Its coefficients in natural order.</param>
    /// <param name="quantization">What they are multiplied by, in the same order.</param>
    /// <param name="coefficients">How many, in zigzag order, may be other than 0.</param>
    /// <param name="samples">Where its first sample goes.</param>
    /// <param name="stride">From one row of samples to the next.</param>
    public void Transform(short* block, ushort* quantization, int coefficients, byte* samples, nint stride)
    {
        if (coefficients <= 1)
            Flat(block[0], quantization[0], samples, stride);
        else
            Transform(block, quantization, samples, stride);
    }

    /// <summary>Transforms a block of any coefficients.</summary>
    public abstract void Transform(short* block, ushort* quantization, byte* samples, nint stride);

    /// <summary>Whether a block has a coefficient that is farther from 0 than its limit.</summary>
    /// <param name="block">Its 64 coefficients.</param>
    /// <param name="limits">As many limits, none below 0, in the same order.</param>
    public abstract bool Exceeds(short* block, short* limits);

    static void Flat(short dc, ushort quantization, byte* samples, nint stride)
    {
        int value = Math.Clamp(((short)(dc * quantization) + 4) >> 3, sbyte.MinValue, sbyte.MaxValue) + 128;
        ulong row = (ulong)value * 0x0101_0101_0101_0101;
        for (int y = 0; y < 8; y++, samples += stride)
            Unsafe.WriteUnaligned(samples, row);
    }
}
