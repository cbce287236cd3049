using System.Buffers.Binary;
using System.Numerics;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.JpegLs;

/// <summary>What the coding of a JPEG-LS scan is set to (ITU-T T.87, A.2.1 and C.2.4.1.1), checked, and what follows from it.</summary>
/// <param name="MaxValue">The greatest sample.</param>
/// <param name="Near">How far a sample may be from the original.</param>
/// <param name="Threshold1">From where on a difference of neighbors is of the second kind; those above the next two of the others.</param>
/// <param name="Threshold2">See <paramref name="Threshold1"/>.</param>
/// <param name="Threshold3">See <paramref name="Threshold1"/>.</param>
/// <param name="Reset">How many samples a context counts before it forgets half.</param>
sealed record JpegLsParameters(int MaxValue, int Near, int Threshold1, int Threshold2, int Threshold3, int Reset)
{
    const int DefaultReset = 64, LeastReset = 3;

    /// <summary>How many values an error can have.</summary>
    public int Range { get; } = (MaxValue + 2 * Near) / (2 * Near + 1) + 1;

    /// <summary>The bits of an error that is written out.</summary>
    public int ErrorBits => BitOperations.Log2((uint)Range - 1) + 1;

    /// <summary>The most bits of a code.</summary>
    public int Limit
    {
        get
        {
            int bits = Math.Max(2, BitOperations.Log2((uint)MaxValue) + 1);
            return 2 * (bits + Math.Max(8, bits));
        }
    }

    /// <summary>What a context begins with as its sum of errors.</summary>
    public int FirstSum => Math.Max(2, (Range + 32) / 64);

    /// <param name="segment">The last segment of parameters, without its kind; empty for none.</param>
    /// <param name="near">How far a sample may be from the original.</param>
    /// <param name="precision">The frame's bits a sample.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/>.</exception>
    public static JpegLsParameters Read(ReadOnlySpan<byte> segment, int near, int precision, string name)
    {
        int most = (1 << precision) - 1, max = Or(Word(segment, 0), most);
        if (max > most || near > Math.Min(byte.MaxValue, max / 2))
            throw ImageChecks.Corrupt(name, $"its samples of {precision} bits go to {max} and may be {near} off");
        (int t1, int t2, int t3) = Defaults(max, near);
        JpegLsParameters read = new(
            max, near, Or(Word(segment, 1), t1), Or(Word(segment, 2), t2), Or(Word(segment, 3), t3), Or(Word(segment, 4), DefaultReset));
        if (read.Threshold1 <= near || read.Threshold2 < read.Threshold1 || read.Threshold3 < read.Threshold2 || read.Threshold3 > max
            || read.Reset < LeastReset || read.Reset > Math.Max(byte.MaxValue, max))
        {
            throw ImageChecks.Corrupt(name, $"its thresholds {read.Threshold1}, {read.Threshold2} and {read.Threshold3}, "
                + $"or {read.Reset}, cannot be for samples to {max}");
        }
        return read;

        static int Or(int value, int otherwise) => value == 0 ? otherwise : value;
    }

    static int Word(ReadOnlySpan<byte> segment, int index) =>
        segment.IsEmpty ? 0 : BinaryPrimitives.ReadUInt16BigEndian(segment[(2 * index)..]);

    /// <summary>The thresholds where none are given (ITU-T T.87, C.2.4.1.1.1).</summary>
    static (int T1, int T2, int T3) Defaults(int max, int near)
    {
        int t1, t2;
        if (max >= 128)
        {
            int factor = (Math.Min(max, 4095) + 128) / 256;
            t1 = Clamp(factor + 2 + 3 * near, near + 1);
            t2 = Clamp(4 * factor + 3 + 5 * near, t1);
            return (t1, t2, Clamp(17 * factor + 4 + 7 * near, t2));
        }
        int divisor = 256 / (max + 1);
        t1 = Clamp(Math.Max(2, 3 / divisor + 3 * near), near + 1);
        t2 = Clamp(Math.Max(3, 7 / divisor + 5 * near), t1);
        return (t1, t2, Clamp(Math.Max(4, 21 / divisor + 7 * near), t2));

        int Clamp(int value, int least) => value > max || value < least ? least : value;
    }
}
