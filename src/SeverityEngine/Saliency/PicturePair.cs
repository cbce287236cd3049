using System.Runtime.InteropServices;

namespace SeverityEngine.Saliency;

/// <summary>
/// An X-ray in gray, and the same under its map, in red, green and blue: what a viewer shows side by side, or one above the other. A map's
/// values become colors from 0 on, and where it is 0 the X-ray is as it is.
/// </summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Plain">The X-ray.</param>
/// <param name="Overlay">The X-ray under the map.</param>
sealed record PicturePair(int Width, int Height, byte[] Plain, byte[] Overlay)
{
    /// <summary>Draws them.</summary>
    /// <param name="map">The map.</param>
    /// <param name="original">The image, to show it whole; an empty view for the network's input.</param>
    /// <param name="mostPixels">The longest side; a larger image is shown smaller by the least whole factor that is enough.</param>
    /// <param name="end">The value of the last color; null for the map's largest.</param>
    public static PicturePair Draw(SaliencyMap map, in XRayPixels original, int mostPixels, float? end)
    {
        MapColors colors = MapColors.ByValue(end ?? Math.Max(0, map.Peak.Value));
        float[] nothing = new float[map.Width * map.Height];
        if (original.Width == 0)
        {
            PicturePair input = Empty(map.Width, map.Height);
            SaliencyPicture.Draw(nothing, map.Input, colors, input.Plain);
            SaliencyPicture.Draw(map.Values.Span, map.Input, colors, input.Overlay);
            return input;
        }
        int factor = (Math.Max(original.Width, original.Height) + mostPixels - 1) / mostPixels;
        XRayPixels shown = factor == 1 ? original : Smaller(original, factor);
        PicturePair pair = Empty(shown.Width, shown.Height);
        SaliencyPicture.Draw(nothing, map.Width, shown, colors, pair.Plain);
        SaliencyPicture.Draw(map.Values.Span, map.Width, shown, colors, pair.Overlay);
        return pair;
    }

    static PicturePair Empty(int width, int height) => new(width, height, new byte[3 * width * height], new byte[3 * width * height]);

    /// <summary>The image in gray, each pixel the mean of a square of so many pixels; the last squares may be cut off.</summary>
    static XRayPixels Smaller(in XRayPixels pixels, int factor)
    {
        int width = (pixels.Width + factor - 1) / factor, height = (pixels.Height + factor - 1) / factor;
        ushort[] small = new ushort[width * height];
        float[] row = new float[pixels.Width];
        double[] sums = new double[width];
        for (int y = 0; y < height; y++)
        {
            int rows = Math.Min(factor, pixels.Height - (y * factor));
            Array.Clear(sums);
            for (int i = 0; i < rows; i++)
            {
                SaliencyPicture.ReadRow(pixels, (y * factor) + i, row);
                for (int x = 0; x < row.Length; x++)
                    sums[x / factor] += row[x];
            }
            for (int x = 0; x < width; x++)
                small[(y * width) + x] = (ushort)((sums[x] / (rows * Math.Min(factor, pixels.Width - (x * factor)))) + 0.5);
        }
        return new XRayPixels(MemoryMarshal.AsBytes<ushort>(small), width, height, PixelFormat.Gray16);
    }
}
