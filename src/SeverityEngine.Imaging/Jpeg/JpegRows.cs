using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// What is done to whole rows of samples, to the bit as libjpeg-turbo does it: its triangle filter that doubles a component's size, its
/// replication for other ratios, and the red of Y and Cr; the red of inks as Pillow does it.
/// </summary>
abstract unsafe class JpegRows
{
    static readonly JpegRows s_scalar = new JpegRowsScalar(), s_vector128 = new JpegRowsVector128(), s_avx2 = new JpegRowsAvx2();

    /// <summary>The operations by one set of kernels.</summary>
    public static JpegRows For(KernelSet kernels) =>
        Cpu.Avx2 && kernels >= KernelSet.Avx2 ? s_avx2 : Cpu.Vector128 && kernels >= KernelSet.Vector128 ? s_vector128 : s_scalar;

    /// <summary>Three parts of the nearer row and one of the farther.</summary>
    public abstract void Blend(byte* near, byte* far, ushort* sums, int count);

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
    /// The horizontal half of the filter: of each sum three parts, and one of its neighbor before, then after. <paramref name="sums"/> is
    /// written at both ends, one place outside too.
    /// </summary>
    /// <param name="sums">What is doubled.</param>
    /// <param name="samples">Twice as many results.</param>
    /// <param name="count">How many sums.</param>
    /// <param name="shift">4 for sums of four, 2 for single samples.</param>
    public void Double(ushort* sums, byte* samples, int count, int shift)
    {
        // Beyond the ends stands what stands at the ends.
        sums[-1] = sums[0];
        sums[count] = sums[count - 1];
        (int before, int after) = shift == 4 ? (8, 7) : (1, 2);
        Double(sums, samples, count, shift, before, after);
    }

    /// <summary>Every sample several times.</summary>
    public static void Repeat(byte* samples, byte* repeated, int count, int times)
    {
        for (int i = 0; i < count; i++)
            new Span<byte>(repeated + i * times, times).Fill(samples[i]);
    }

    public static void Invert(byte* samples, int count)
    {
        for (int i = 0; i < count; i++)
            samples[i] = (byte)~samples[i];
    }

    /// <summary>
    /// Red in the place of cyan ink, by Pillow's formula: K - C K / 255, rounded, where 255 is all cyan but no black.
    /// </summary>
    public static void Blacken(byte* cyan, byte* black, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int product = cyan[i] * black[i] + 128;
            cyan[i] = (byte)(black[i] - ((product + (product >> 8)) >> 8));
        }
    }

    /// <summary>Red in the place of Y: Y + 1.402 (Cr - 128), the product in 16.16 bits (JFIF 1.02; libjpeg's rounding).</summary>
    public abstract void Red(byte* y, byte* cr, int count);

    /// <summary>Doubles sums whose ends have neighbors.</summary>
    /// <param name="sums">What is doubled.</param>
    /// <param name="samples">Twice as many results.</param>
    /// <param name="count">How many sums.</param>
    /// <param name="shift">By how many bits a result is divided.</param>
    /// <param name="before">What rounds a result with the neighbor before.</param>
    /// <param name="after">What rounds one with the neighbor after.</param>
    protected abstract void Double(ushort* sums, byte* samples, int count, int shift, int before, int after);

    // One by one, from a place on: the definitions, and what is left behind the last whole vector.

    protected static void Blend(byte* near, byte* far, ushort* sums, int from, int count)
    {
        for (int i = from; i < count; i++)
            sums[i] = (ushort)(3 * near[i] + far[i]);
    }

    protected static void Double(ushort* sums, byte* samples, int from, int count, int shift, int before, int after)
    {
        for (int i = from; i < count; i++)
        {
            samples[2 * i] = (byte)((3 * sums[i] + sums[i - 1] + before) >> shift);
            samples[2 * i + 1] = (byte)((3 * sums[i] + sums[i + 1] + after) >> shift);
        }
    }

    protected static void Red(byte* y, byte* cr, int from, int count)
    {
        for (int i = from; i < count; i++)
            y[i] = (byte)Math.Clamp(y[i] + ((91_881 * (cr[i] - 128) + 32_768) >> 16), 0, 255);
    }
}

/// <summary>A sample at a time.</summary>
sealed unsafe class JpegRowsScalar : JpegRows
{
    public override void Blend(byte* near, byte* far, ushort* sums, int count) => Blend(near, far, sums, 0, count);

    public override void Red(byte* y, byte* cr, int count) => Red(y, cr, 0, count);

    protected override void Double(ushort* sums, byte* samples, int count, int shift, int before, int after) =>
        Double(sums, samples, 0, count, shift, before, after);
}
