using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_pixels</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativePixels : ISizedStruct
{
    public uint Size;
    public int Format;
    public void* Data;
    public nuint DataSize;
    public int Width;
    public int Height;
    public long Stride;
    public int MaxValue;
    public int Reserved;

    public static string Name => "severity_pixels";

    public static uint FirstSize => 48;

    /// <summary>The view that the engine reads.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> or <see cref="SeverityError.ImageTooLarge"/>.</exception>
    public readonly XRayPixels View(ImageLimits limits)
    {
        if (Data is null)
            throw Invalid("the pixels' data is NULL");
        if (Reserved != 0)
            throw Invalid($"the reserved field of {Name} is {Reserved}; it must be 0");
        // Checked before any product is formed, so that none overflows.
        if (Width < 1 || Height < 1)
            throw Invalid($"pixels of {Width} x {Height}: width and height must be at least 1");
        if (Width > limits.MaxSide || Height > limits.MaxSide || (long)Width * Height > limits.MaxPixels)
        {
            throw new SeverityException(SeverityError.ImageTooLarge,
                $"pixels of {Width} x {Height}: more than {limits.MaxSide} in a side or {limits.MaxPixels} in all; raise the limits of severity_options");
        }
        if (Stride is < 0 or > int.MaxValue)
            throw Invalid($"a stride of {Stride} bytes is outside 0 to {int.MaxValue}");
        int bytesPerPixel = (PixelFormat)Format switch
        {
            PixelFormat.Gray8 => 1,
            PixelFormat.Gray16 => 2,
            PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
            PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
            _ => throw Invalid($"pixel format {Format} is unknown; use one of SEVERITY_PIXELS_..."),
        };
        long row = (long)Width * bytesPerPixel;
        long needed = (Height - 1) * (Stride == 0 ? row : Stride) + row;
        if (needed > int.MaxValue)
            throw Invalid($"{Width} x {Height} pixels with a stride of {Stride} bytes span {needed} bytes; the most is {int.MaxValue}");
        int given = DataSize == 0 ? (int)needed : (int)Math.Min(DataSize, int.MaxValue);
        return new XRayPixels(new ReadOnlySpan<byte>(Data, given), Width, Height, (PixelFormat)Format, (int)Stride, MaxValue);
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);
}
