namespace SeverityEngine;

/// <summary>How raw pixels lie in memory. The engine reads channel 0, which is red in every color format.</summary>
public enum PixelFormat
{
    /// <summary>One byte a pixel.</summary>
    Gray8 = 0,
    /// <summary>One unsigned 16-bit integer a pixel, in the machine's byte order.</summary>
    Gray16 = 1,
    /// <summary>Three bytes a pixel: red, green, blue.</summary>
    Rgb24 = 2,
    /// <summary>Three bytes a pixel: blue, green, red.</summary>
    Bgr24 = 3,
    /// <summary>Four bytes a pixel: red, green, blue, alpha. Alpha is ignored.</summary>
    Rgba32 = 4,
    /// <summary>Four bytes a pixel: blue, green, red, alpha. Alpha is ignored.</summary>
    Bgra32 = 5,
}
