using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_image</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NativeImage : ISizedStruct
{
    public uint Size;
    public uint Warnings;
    public int Width;
    public int Height;
    public int Format;
    public int Bits;
    public int MaxValue;
    public int Reserved;
    public nuint DataSize;

    public static string Name => "severity_image";

    public static uint FirstSize => 40;

    public static NativeImage Of(XRayImage image) => new()
    {
        Warnings = (uint)image.Warnings.Count,
        Width = image.Width,
        Height = image.Height,
        Format = (int)(image.BitsPerSample == 16 ? PixelFormat.Gray16 : PixelFormat.Gray8),
        Bits = image.BitsPerSample,
        MaxValue = image.MaxValue,
        DataSize = (nuint)image.Width * (nuint)image.Height * (nuint)(image.BitsPerSample / 8),
    };
}
