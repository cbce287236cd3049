using System.Numerics;
using System.Runtime.CompilerServices;

namespace SeverityEngine.Imaging.JpegLs;

/// <summary>
/// What is known of the errors around one kind of neighborhood (ITU-T T.87, A.6), and what follows from it for the next one.
/// </summary>
struct JpegLsContext
{
    /// <summary>A: the sum of the errors without their signs.</summary>
    public int Sum;

    /// <summary>B: what is left of the sum of the errors with their signs.</summary>
    public int Bias;

    /// <summary>N: how many samples are counted, up to the reset.</summary>
    public ushort Number;

    /// <summary>C: what predictions are corrected by.</summary>
    public sbyte Correction;

    /// <summary>How many low bits the next code has: the least k for which N times 2^k reaches A.</summary>
    public byte LowBits;

    /// <summary>All ones where the next error is written as the negative one less 1, as where positive ones are rare; else 0.</summary>
    public int Turned;

    public JpegLsContext(int firstSum)
    {
        Sum = firstSum;
        Number = 1;
        LowBits = (byte)LowBitsOf(1, firstSum);
    }

    /// <summary>The least k for which a number times 2^k reaches a sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LowBitsOf(int number, int sum)
    {
        int bits = Positive(BitOperations.LeadingZeroCount((uint)number) - BitOperations.LeadingZeroCount((uint)sum));
        return bits + (int)((uint)((number << bits) - sum) >> 31);
    }

    /// <summary>A number where it is above 0, else 0, without a branch: which of the two it is, is hard to foretell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Positive(int value) => value & ~(value >> 31);

    /// <summary>The lesser of two numbers, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Min(int value, int other) => other - Positive(other - value);

    /// <summary>The greater of two numbers, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Max(int value, int other) => other + Positive(value - other);

    /// <summary>Counts an error.</summary>
    /// <param name="error">The error.</param>
    /// <param name="step">How many levels an error of 1 is.</param>
    /// <param name="reset">How many samples are counted before half is forgotten.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(int error, int step, int reset)
    {
        int sum = Sum + (error ^ error >> 31) - (error >> 31), bias = Bias + error * step, number = Number;
        if (number == reset)
        {
            sum >>= 1;
            bias >>= 1;
            number >>= 1;
        }
        number++;
        int low = (bias + number - 1) >> 31, high = -bias >> 31; // all ones where it is not above -N, where it is above 0
        bias = -Positive(-Max(bias + (number & low) - (number & high), 1 - number));
        int correction = Correction + low - high, bits = LowBitsOf(number, sum);
        if (correction == (sbyte)correction)
            Correction = (sbyte)correction;
        Turned = step == 1 ? (bits - 1) >> 31 & (2 * bias + number - 1) >> 31 : 0;
        Sum = sum;
        Bias = bias;
        Number = (ushort)number;
        LowBits = (byte)bits;
    }
}

/// <summary>What is known of the samples that end runs (ITU-T T.87, A.7.2).</summary>
struct JpegLsRunContext(int firstSum)
{
    /// <summary>A, which holds no signs.</summary>
    public int Sum = firstSum;

    /// <summary>N.</summary>
    public int Number = 1;

    /// <summary>Nn: how many of the errors were negative.</summary>
    public int Negative;

    /// <summary>Takes an error from its code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="type">1 where the neighbors are alike, so that an error is never 0, else 0.</param>
    /// <param name="bits">How many low bits the code had.</param>
    /// <param name="reset">How many samples are counted before half is forgotten.</param>
    public int Count(int code, int type, int bits, int reset)
    {
        int both = code + type, error = (both + 1) >> 1;
        bool isTurned = bits != 0 || 2 * Negative >= Number;
        if (isTurned == ((both & 1) != 0))
            error = -error;
        if (error < 0)
            Negative++;
        Sum += (code + 1 - type) >> 1;
        if (Number == reset)
        {
            Sum >>= 1;
            Number >>= 1;
            Negative >>= 1;
        }
        Number++;
        return error;
    }
}
