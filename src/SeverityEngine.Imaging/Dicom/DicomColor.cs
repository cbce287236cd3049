namespace SeverityEngine.Imaging.Dicom;

/// <summary>Red of color pixels of 8 bits that are not compressed, or were by a form that keeps the samples as they are.</summary>
static class DicomColor
{
    /// <summary>Takes red from pixel data by the header's form and planes.</summary>
    public static void TakeRed(ReadOnlySpan<byte> value, DicomHeader header, Span<byte> reds)
    {
        int width = header.Width;
        if (header.Photometric == "YBR_FULL_422")
        {
            // Two pixels: both of Y, then one Cb and one Cr for the two. A row is a whole number of pairs.
            int rowBytes = (width + 1) / 2 * 4;
            for (int i = 0; i < reds.Length; i++)
            {
                int at = i / width * rowBytes + i % width / 2 * 4;
                reds[i] = Red(value[at + i % width % 2], value[at + 3]);
            }
            return;
        }
        bool arePlanes = header.PlanarConfiguration == 1;
        int step = arePlanes ? 1 : 3, third = arePlanes ? 2 * reds.Length : 2;
        bool isRgb = header.Photometric == "RGB";
        for (int i = 0; i < reds.Length; i++)
            reds[i] = isRgb ? value[i * step] : Red(value[i * step], value[i * step + third]);
    }

    /// <summary>Red of full-range luminance and chrominance (PS3.3, C.7.6.3.1.2).</summary>
    public static byte Red(int y, int cr) => (byte)Math.Clamp((int)Math.Round(y + 1.402 * (cr - 128)), 0, byte.MaxValue);
}
