namespace SeverityEngine.Imaging.Dicom;

/// <summary>Red of color pixels of 8 bits that are not compressed, or were by a form that keeps the samples as they are.</summary>
static class DicomColor
{
    /// <summary>Takes red from pixel data by the header's form and planes.</summary>
    /// <param name="value">The pixel data.</param>
    /// <param name="start">Where the frame begins.</param>
    /// <param name="swap">1 where the two bytes of each word are the other way round, else 0.</param>
    /// <param name="header">The header.</param>
    /// <param name="reds">Takes the red of every pixel.</param>
    public static void TakeRed(ReadOnlySpan<byte> value, int start, int swap, DicomHeader header, Span<byte> reds)
    {
        int width = header.Width;
        if (header.Photometric == "YBR_FULL_422")
        {
            // Two pixels: both of Y, then one Cb and one Cr for the two. A row is a whole number of pairs.
            int rowBytes = (width + 1) / 2 * 4;
            for (int i = 0; i < reds.Length; i++)
            {
                int at = start + i / width * rowBytes + i % width / 2 * 4;
                reds[i] = Red(value[at + i % width % 2 ^ swap], value[at + 3 ^ swap]);
            }
            return;
        }
        bool arePlanes = header.PlanarConfiguration == 1;
        int step = arePlanes ? 1 : 3, third = arePlanes ? 2 * reds.Length : 2;
        bool isRgb = header.Photometric == "RGB";
        for (int i = 0; i < reds.Length; i++)
        {
            int at = start + i * step;
            reds[i] = isRgb ? value[at ^ swap] : Red(value[at ^ swap], value[at + third ^ swap]);
        }
    }

    /// <summary>Red of full-range luminance and chrominance (PS3.3, C.7.6.3.1.2).</summary>
    public static byte Red(int y, int cr) => (byte)Math.Clamp((int)Math.Round(y + 1.402 * (cr - 128)), 0, byte.MaxValue);
}
