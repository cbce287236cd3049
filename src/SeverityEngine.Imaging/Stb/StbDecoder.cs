using System.Numerics;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;
using StbImageSharp;

namespace SeverityEngine.Imaging.Stb;

/// <summary>
/// The forms that StbImageSharp decodes. It trusts what it reads and makes up what is missing, so a BMP, TGA or PSD comes here only when
/// its format's decoder has proved that every sample is there and means one thing. The input is guarded (<see cref="GuardedStream"/>): a
/// file that it reads past the end of is truncated, whatever it made of it.
/// </summary>
static unsafe class StbDecoder
{
    /// <summary>It takes as many bytes a pixel for some files, whatever they hold.</summary>
    const int MostComponents = 4;

    delegate void* Loader(StbImage.stbi__context context, int* width, int* height, int* components, StbImage.stbi__result_info* info);

    /// <summary>24 or 32 bits that follow their headers at once.</summary>
    public static XRayImage DecodeBmp(ReadOnlySpan<byte> file, int width, int height, bool hasAlpha, string name, ImageLimits limits) =>
        Decode(file, name, "BMP", width, height, hasAlpha, limits,
            static (context, x, y, n, info) => StbImage.stbi__bmp_load(context, x, y, n, 0, info));

    /// <summary>RGB of 24 or 32 bits or gray of 8, from left to right, without runs.</summary>
    public static XRayImage DecodeTga(ReadOnlySpan<byte> file, int width, int height, bool hasAlpha, string name, ImageLimits limits) =>
        Decode(file, name, "TGA", width, height, hasAlpha, limits,
            static (context, x, y, n, info) => StbImage.stbi__tga_load(context, x, y, n, 0, info));

    /// <summary>RGB of three channels that are not compressed, with 8 or 16 bits.</summary>
    public static XRayImage DecodePsd(ReadOnlySpan<byte> file, int width, int height, string name, ImageLimits limits) =>
        Decode(file, name, "PSD", width, height, false, limits,
            static (context, x, y, n, info) => StbImage.stbi__psd_load(context, x, y, n, 0, info, 16));

    static XRayImage Decode(
        ReadOnlySpan<byte> file, string name, string format, long width, long height, bool hasAlpha, ImageLimits limits, Loader load)
    {
        limits.Gate?.TakePicture((MostComponents + 1) * width * height);
        fixed (byte* start = file)
        {
            using GuardedStream stream = new(start, file.Length, patience: Math.Max(1 << 20, 8 * width * height));
            StbImage.stbi__context context = new(stream);
            StbImage.stbi__result_info info = default;
            int x, y, components;
            void* decoded = null;
            try
            {
                decoded = load(context, &x, &y, &components, &info);
                if (stream.Overrun)
                    throw ImageChecks.Truncated(name, $"its {format} data end before the picture does");
                if (decoded is null)
                    throw ImageChecks.Corrupt(name, $"its {format} data cannot be decoded ({StbImage.stbi__g_failure_reason})");
                if (x != width || y != height)
                    throw ImageChecks.Corrupt(name, $"its {format} header says {width} x {height} pixels and its data {x} x {y}");
                return Channel0(decoded, x, y, components, info.bits_per_channel == 16, format, hasAlpha);
            }
            catch (Exception e)
                when (e is EndOfStreamException or IndexOutOfRangeException or OverflowException or InvalidOperationException)
            {
                throw ImageChecks.Corrupt(name, $"its {format} data cannot be decoded", e);
            }
            finally
            {
                if (decoded is not null)
                    Marshal.FreeHGlobal((nint)decoded); // what StbImageSharp allocates with
            }
        }
    }

    static XRayImage Channel0(void* decoded, int width, int height, int components, bool sixteen, string format, bool hasAlpha)
    {
        int count = width * height;
        int maxValue = sixteen ? ushort.MaxValue : byte.MaxValue;
        ChannelDifference difference = new(maxValue);
        byte[] pixels = FilePool.Rent(sixteen ? 2 * count : count);
        if (sixteen)
            TakeFirst(new ReadOnlySpan<ushort>(decoded, count * components), components,
                MemoryMarshal.Cast<byte, ushort>(pixels.AsSpan())[..count], difference);
        else
            TakeFirst(new ReadOnlySpan<byte>(decoded, count * components), components, pixels.AsSpan(0, count), difference);
        return new XRayImage(pixels, width, height, sixteen ? 16 : 8, maxValue, format)
        {
            HasAlpha = hasAlpha,
            ChannelsDiffer = difference.IsLarge,
        };
    }

    static void TakeFirst<T>(ReadOnlySpan<T> samples, int components, Span<T> destination, ChannelDifference difference)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (components == 1)
        {
            samples.CopyTo(destination);
            return;
        }
        for (int i = 0; i < destination.Length; i++)
            destination[i] = samples[i * components];
        foreach (int i in difference.Of(components < 3 ? 0 : destination.Length))
        {
            ReadOnlySpan<T> pixel = samples.Slice(i * components, 3);
            difference.Add(int.CreateTruncating(pixel[0]), int.CreateTruncating(pixel[1]), int.CreateTruncating(pixel[2]));
        }
    }
}
