using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>giflib 5, the library behind giftext and gif2rgb, as a second reader of GIFs.</summary>
static unsafe class GifLibrary
{
    static readonly nint s_library = NativeLibrary.TryLoad("libgif.so.7", out nint found) ? found : 0;

    /// <summary>A file's first frame, its indices replaced by red.</summary>
    public sealed record Frame(int Left, int Top, int Width, int Height, byte[] Reds);

    delegate int Input(nint file, byte* buffer, int count);

    public static void SkipWhereMissing()
    {
        if (s_library != 0)
            return;
        const string Line = "giflib is not on this machine; Debian: apt-get install giflib-tools";
        Assert.False(OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("CI") == "true", Line);
        Assert.Skip(Line);
    }

    /// <summary>Reads a file to its trailer, with all its frames; null where giflib refuses it.</summary>
    public static Frame? ReadFirst(byte[] bytes)
    {
        int at = 0, error;
        Input input = (_, buffer, count) =>
        {
            int present = Math.Min(count, bytes.Length - at);
            bytes.AsSpan(at, present).CopyTo(new Span<byte>(buffer, count));
            at += present;
            return present;
        };
        GifFile* file = ((delegate* unmanaged<nint, nint, int*, GifFile*>)NativeLibrary.GetExport(s_library, "DGifOpen"))(
            0, Marshal.GetFunctionPointerForDelegate(input), &error);
        if (file is null)
            return null;
        try
        {
            if (((delegate* unmanaged<GifFile*, int>)NativeLibrary.GetExport(s_library, "DGifSlurp"))(file) == 0)
                return null;
            SavedImage* frame = file->SavedImages;
            ColorMap* map = frame->Place.Colors is null ? file->Colors : frame->Place.Colors;
            byte[] reds = new byte[frame->Place.Width * frame->Place.Height];
            for (int i = 0; i < reds.Length; i++)
                reds[i] = map->Colors[3 * frame->Indices[i]];
            return new Frame(frame->Place.Left, frame->Place.Top, frame->Place.Width, frame->Place.Height, reds);
        }
        finally
        {
            ((delegate* unmanaged<GifFile*, int*, int>)NativeLibrary.GetExport(s_library, "DGifCloseFile"))(file, &error);
            GC.KeepAlive(input);
        }
    }

    // gif_lib.h 5.2, up to the fields that are read.

    [StructLayout(LayoutKind.Sequential)]
    struct GifFile
    {
        public int Width, Height, ColorResolution, BackgroundColor;
        public byte Aspect;
        public ColorMap* Colors;
        public int ImageCount;
        public Place Image;
        public SavedImage* SavedImages;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Place
    {
        public int Left, Top, Width, Height;
        public byte Interlaced;
        public ColorMap* Colors;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct SavedImage
    {
        public Place Place;
        public byte* Indices;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct ColorMap
    {
        public int Count, BitsPerPixel;
        public byte Sorted;
        public byte* Colors;
    }
}
