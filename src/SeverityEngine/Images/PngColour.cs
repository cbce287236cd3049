namespace SeverityEngine.Images;

/// <summary>A PNG's colour types (ISO/IEC 15948, table 11.1).</summary>
enum PngColour : byte
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}
