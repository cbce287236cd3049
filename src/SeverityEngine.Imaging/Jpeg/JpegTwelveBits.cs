namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// The inverse cosine transform of blocks of 12-bit samples (ITU-T T.81, A.3.3), in double precision: their range is beyond what the
/// fixed-point transforms of 8 bits hold.
/// </summary>
static unsafe class JpegTwelveBits
{
    const int Middle = 2048, Largest = 4095;

    // Row x, column u: C(u) / 2 cos((2x + 1) u pi / 16), with C(0) the root of a half and the others 1.
    static readonly double[] s_cosines = [.. Enumerable.Range(0, 64).Select(i =>
        (i % 8 == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos((2 * (i / 8) + 1) * (i % 8) * Math.PI / 16))];

    /// <summary>Transforms a component's coefficients, which are all there, into samples.</summary>
    public static void Transform(JpegComponent component, Span<ushort> samples, int width, int height)
    {
        Span<double> rows = stackalloc double[64];
        for (int by = 0; by < component.BlocksHigh; by++)
        {
            for (int bx = 0; bx < component.BlocksWide; bx++)
            {
                short* block = component.Coefficients + ((nint)by * component.PaddedBlocksWide + bx) * 64;
                Columns(block, component.Quantization, rows);
                for (int y = 0; y < Math.Min(8, height - 8 * by); y++)
                {
                    Span<ushort> to = samples.Slice((8 * by + y) * width + 8 * bx, Math.Min(8, width - 8 * bx));
                    for (int x = 0; x < to.Length; x++)
                    {
                        double sum = Middle;
                        for (int u = 0; u < 8; u++)
                            sum += s_cosines[8 * x + u] * rows[8 * y + u];
                        to[x] = (ushort)Math.Clamp((int)Math.Round(sum), 0, Largest);
                    }
                }
            }
        }
    }

    static void Columns(short* block, ushort* quantization, Span<double> rows)
    {
        for (int u = 0; u < 8; u++)
        {
            for (int y = 0; y < 8; y++)
            {
                double sum = 0;
                for (int v = 0; v < 8; v++)
                    sum += s_cosines[8 * y + v] * block[8 * v + u] * quantization[8 * v + u];
                rows[8 * y + u] = sum;
            }
        }
    }
}
