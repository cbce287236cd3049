using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// What is done to whole rows of samples, to the bit as libjpeg-turbo does it: its triangle filter that doubles a component's size, its
/// replication for other ratios, and the red of Y and Cr. Each operation is vectors, then one by one the rest.
/// </summary>
static unsafe class JpegRows
{
    static bool IsVector => Vector256.IsHardwareAccelerated;

    /// <summary>Three parts of the nearer row and one of the farther.</summary>
    public static void Blend(byte* near, byte* far, ushort* sums, int count) => Blend(near, far, sums, count, IsVector);

    /// <summary>16-bit samples.</summary>
    public static void Widen(byte* samples, ushort* wide, int count)
    {
        for (int i = 0; i < count; i++)
            wide[i] = samples[i];
    }

    /// <summary>The vertical half of the filter alone: a quarter of the sums.</summary>
    /// <param name="sums">What <see cref="Blend(byte*, byte*, ushort*, int)"/> made.</param>
    /// <param name="samples">The results.</param>
    /// <param name="count">How many.</param>
    /// <param name="bias">1 to round a half down, 2 to round it up.</param>
    public static void Quarter(ushort* sums, byte* samples, int count, int bias)
    {
        for (int i = 0; i < count; i++)
            samples[i] = (byte)((sums[i] + bias) >> 2);
    }

    /// <summary>
    /// The horizontal half of the filter: of each sum three parts, and one of its neighbor before, then after. <paramref name="sums"/> is written
    /// at both ends, one place outside too.
    /// </summary>
    /// <param name="sums">What is doubled.</param>
    /// <param name="samples">Twice as many results.</param>
    /// <param name="count">How many sums.</param>
    /// <param name="shift">4 for sums of four, 2 for single samples.</param>
    public static void Double(ushort* sums, byte* samples, int count, int shift) => Double(sums, samples, count, shift, IsVector);

    /// <summary>Every sample several times.</summary>
    public static void Repeat(byte* samples, byte* repeated, int count, int times)
    {
        for (int i = 0; i < count; i++)
            new Span<byte>(repeated + i * times, times).Fill(samples[i]);
    }

    /// <summary>Red in the place of Y: Y + 1.402 (Cr - 128), the product in 16.16 bits (JFIF 1.02; libjpeg's rounding).</summary>
    public static void Red(byte* y, byte* cr, int count) => Red(y, cr, count, IsVector);

    internal static void Blend(byte* near, byte* far, ushort* sums, int count, bool vector)
    {
        int i = 0;
        if (vector)
        {
            for (; i <= count - Vector256<byte>.Count; i += Vector256<byte>.Count)
            {
                (Vector256<ushort> nearLow, Vector256<ushort> nearHigh) = Vector256.Widen(Vector256.Load(near + i));
                (Vector256<ushort> farLow, Vector256<ushort> farHigh) = Vector256.Widen(Vector256.Load(far + i));
                ((nearLow << 1) + nearLow + farLow).Store(sums + i);
                ((nearHigh << 1) + nearHigh + farHigh).Store(sums + i + Vector256<ushort>.Count);
            }
        }
        for (; i < count; i++)
            sums[i] = (ushort)(3 * near[i] + far[i]);
    }

    internal static void Double(ushort* sums, byte* samples, int count, int shift, bool vector)
    {
        // Beyond the ends stands what stands at the ends.
        sums[-1] = sums[0];
        sums[count] = sums[count - 1];
        (int before, int after) = shift == 4 ? (8, 7) : (1, 2);
        int i = 0;
        if (vector)
        {
            for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
            {
                Vector256<ushort> own = Vector256.Load(sums + i);
                own += own << 1;
                Vector256<ushort> even = (own + Vector256.Load(sums + i - 1) + Vector256.Create((ushort)before)) >>> shift;
                Vector256<ushort> odd = (own + Vector256.Load(sums + i + 1) + Vector256.Create((ushort)after)) >>> shift;
                (even | odd << 8).AsByte().Store(samples + 2 * i);
            }
        }
        for (; i < count; i++)
        {
            samples[2 * i] = (byte)((3 * sums[i] + sums[i - 1] + before) >> shift);
            samples[2 * i + 1] = (byte)((3 * sums[i] + sums[i + 1] + after) >> shift);
        }
    }

    internal static void Red(byte* y, byte* cr, int count, bool vector)
    {
        int i = 0;
        if (vector)
        {
            for (; i <= count - Vector256<byte>.Count; i += Vector256<byte>.Count)
            {
                Vector256<short> luma = Vector256.Load(y + i).AsInt16(), chroma = Vector256.Load(cr + i).AsInt16();
                Vector256<short> low = Vector256.Create((short)0xFF);
                // Even bytes and odd ones, each in 16 bits.
                Vector256<short> even = (luma & low) + Offset(chroma & low), odd = (luma >>> 8) + Offset(chroma >>> 8);
                even = Vector256.Min(Vector256.Max(even, Vector256<short>.Zero), low);
                odd = Vector256.Min(Vector256.Max(odd, Vector256<short>.Zero), low);
                (even | odd << 8).AsByte().Store(y + i);
            }
        }
        for (; i < count; i++)
            y[i] = (byte)Math.Clamp(y[i] + ((91_881 * (cr[i] - 128) + 32_768) >> 16), 0, 255);

        // 91,881 = 65,536 + 26,345 and 26,345 = 103 * 256 - 23: the product's rounded upper half, without leaving 16 bits.
        static Vector256<short> Offset(Vector256<short> chroma)
        {
            Vector256<short> centered = chroma - Vector256.Create((short)128);
            return centered + ((centered * 103 + (centered * -23 >> 8) + Vector256.Create((short)128)) >> 8);
        }
    }
}
