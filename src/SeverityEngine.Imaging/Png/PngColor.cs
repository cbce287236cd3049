namespace SeverityEngine.Imaging.Png;

/// <summary>A PNG's color types (ISO/IEC 15948, table 11.1).</summary>
enum PngColor : byte
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}
