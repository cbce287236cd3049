using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>What a JPEG's components mean.</summary>
enum JpegColor
{
    Gray,

    /// <summary>Luma and two chroma components (JFIF 1.02).</summary>
    YCbCr,

    Rgb,

    /// <summary>Four inks, stored as Adobe does: 255 is none.</summary>
    Cmyk,

    /// <summary>The first three inks as YCbCr, and black as in <see cref="Cmyk"/>.</summary>
    Ycck,
}

/// <summary>The color space by libjpeg's rules, from the frame and the application segments.</summary>
static class JpegColors
{
    /// <param name="frame">The frame, of 1, 3 or 4 components.</param>
    /// <param name="isJfif">Whether there is a JFIF segment: three components are then YCbCr.</param>
    /// <param name="adobeTransform">What Adobe's segment says; -1 where there is none.</param>
    /// <param name="unmarked">What three components are that neither a segment nor their names tell of.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="SeverityException">A transform that Adobe does not define.</exception>
    public static JpegColor Of(JpegFrame frame, bool isJfif, int adobeTransform, JpegColor unmarked, string name)
    {
        JpegComponent[] components = frame.Components;
        return (components.Length, adobeTransform) switch
        {
            (1, _) => JpegColor.Gray,
            (3, _) when isJfif => JpegColor.YCbCr,
            (3, 0) => JpegColor.Rgb,
            (3, 1) => JpegColor.YCbCr,
            (3, -1) => (components[0].Id, components[1].Id, components[2].Id) == ('R', 'G', 'B') ? JpegColor.Rgb : unmarked,
            (4, -1 or 0) => JpegColor.Cmyk,
            (4, 2) => JpegColor.Ycck,
            _ => throw ImageChecks.Corrupt(name, $"its {components.Length} components have the unknown color transform {adobeTransform}"),
        };
    }

    /// <summary>Which components channel 0 needs, or the question whether the channels differ.</summary>
    public static ReadOnlySpan<byte> Needed(this JpegColor color) => color switch
    {
        JpegColor.Gray => [0],
        JpegColor.YCbCr => [0, 2],
        JpegColor.Rgb => [0, 1, 2],
        JpegColor.Ycck => [0, 2, 3],
        _ => [0, 1, 2, 3],
    };

    public static bool HasChroma(this JpegColor color) => color is JpegColor.YCbCr or JpegColor.Ycck;
}
