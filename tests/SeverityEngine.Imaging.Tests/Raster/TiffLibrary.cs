using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>libtiff 4, the library behind tiffcp and most programs that read TIFF, as a second reader.</summary>
static unsafe class TiffLibrary
{
    const int TopLeft = 1;

    static readonly nint s_library = NativeLibrary.TryLoad("libtiff.so.6", out nint found) ? found : 0;

    public static void SkipWhereMissing()
    {
        if (s_library != 0)
            return;
        const string Line = "libtiff is not on this machine; Debian: apt-get install libtiff-tools";
        Assert.False(OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("CI") == "true", Line);
        Assert.Skip(Line);
    }

    /// <summary>Red of a file's first page in 8 bits, from the top left on; null where libtiff refuses it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The width that it is known to have.</param>
    /// <param name="height">Its height.</param>
    public static byte[]? ReadReds(string path, int width, int height)
    {
        // What libtiff has to say goes nowhere.
        ((delegate* unmanaged<nint, nint>)Export("TIFFSetErrorHandler"))(0);
        ((delegate* unmanaged<nint, nint>)Export("TIFFSetWarningHandler"))(0);
        nint name = Marshal.StringToCoTaskMemUTF8(path), mode = Marshal.StringToCoTaskMemUTF8("r");
        nint file = ((delegate* unmanaged<nint, nint, nint>)Export("TIFFOpen"))(name, mode);
        Marshal.FreeCoTaskMem(name);
        Marshal.FreeCoTaskMem(mode);
        if (file == 0)
            return null;
        uint[] pixels = new uint[width * height];
        int isRead;
        fixed (uint* start = pixels)
        {
            isRead = ((delegate* unmanaged<nint, uint, uint, uint*, int, int, int>)Export("TIFFReadRGBAImageOriented"))(
                file, (uint)width, (uint)height, start, TopLeft, 1);
        }
        ((delegate* unmanaged<nint, void>)Export("TIFFClose"))(file);
        return isRead == 0 ? null : [.. pixels.Select(p => (byte)p)];
    }

    static nint Export(string name) => NativeLibrary.GetExport(s_library, name);
}
