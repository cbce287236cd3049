using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using StbImageSharp;

namespace SeverityEngine.Imaging.Stb;

/// <summary>
/// The formats that StbImageSharp decodes. It trusts what it reads, so each header is checked here first, and its input is guarded
/// (<see cref="GuardedStream"/>): a file that it reads past the end of is truncated, whatever it made of it.
/// </summary>
static unsafe class StbDecoder
{
    delegate void* Loader(StbImage.stbi__context context, int* width, int* height, int* components, StbImage.stbi__result_info* info);

    public static XRayImage DecodeBmp(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        ImageChecks.Holds(file.Length, 26, name);
        int headerSize = BinaryPrimitives.ReadInt32LittleEndian(file[14..]);
        long width, height;
        int bits, compression = 0;
        if (headerSize == 12)
        {
            (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]));
            bits = BinaryPrimitives.ReadUInt16LittleEndian(file[24..]);
        }
        else if (headerSize is 40 or 56 or 108 or 124)
        {
            ImageChecks.Holds(file.Length, 14 + 40, name);
            width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
            // A negative height says that the top row comes first.
            height = Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(file[22..]));
            bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
            compression = BinaryPrimitives.ReadInt32LittleEndian(file[30..]);
        }
        else
        {
            throw ImageChecks.Corrupt(name, $"its BMP header claims a size of {headerSize} bytes");
        }
        ImageChecks.Dimensions(width, height, name, limits);
        if (compression is not (0 or 3) || (compression == 3 && bits is not (16 or 32)))
            throw ImageChecks.Unsupported(name, $"a BMP of {bits} bits with compression {compression}, which is not read");
        if (bits is not (1 or 4 or 8 or 16 or 24 or 32))
            throw ImageChecks.Corrupt(name, $"its BMP header names {bits} bits a pixel");
        long rowBytes = (width * bits + 31) / 32 * 4;
        uint pixelsAt = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        if (pixelsAt < 14 + headerSize)
            throw ImageChecks.Corrupt(name, $"its pixels start at byte {pixelsAt}, inside its header");
        // Some writers leave the last row's padding away.
        ImageChecks.Holds(file.Length - (long)pixelsAt, rowBytes * (height - 1) + (width * bits + 7) / 8, name);
        return Decode(file, name, "BMP", width, height, false,
            static (context, x, y, n, info) => StbImage.stbi__bmp_load(context, x, y, n, 0, info));
    }

    public static XRayImage DecodeGif(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        ImageChecks.Holds(file.Length, 14, name);
        int width = BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), height = BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        ImageChecks.Dimensions(width, height, name, limits);
        // LZW's best: a 12-bit code for 4096 pixels.
        ImageChecks.Holds(file.Length, (long)width * height * 12 / (8 * 4096), name);
        return Decode(file, name, "GIF", width, height, false,
            static (context, x, y, n, info) => StbImage.stbi__gif_load(context, x, y, n, 0, info));
    }

    public static XRayImage DecodePsd(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        ImageChecks.Holds(file.Length, 26, name);
        int version = BinaryPrimitives.ReadUInt16BigEndian(file[4..]), channels = BinaryPrimitives.ReadUInt16BigEndian(file[12..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(file[14..]), width = BinaryPrimitives.ReadUInt32BigEndian(file[18..]);
        int depth = BinaryPrimitives.ReadUInt16BigEndian(file[22..]), mode = BinaryPrimitives.ReadUInt16BigEndian(file[24..]);
        const int Rgb = 3;
        if (version != 1 || channels is < 1 or > 16)
            throw ImageChecks.Corrupt(name, $"its PSD header names version {version} and {channels} channels");
        ImageChecks.Dimensions(width, height, name, limits);
        if (mode != Rgb || depth is not (8 or 16))
            throw ImageChecks.Unsupported(name, $"a PSD of color mode {mode} with {depth} bits, which is not read (only RGB with 8 or 16)");
        // Run-length coding's best: two bytes for 128.
        ImageChecks.Holds(file.Length, (long)width * height * channels / 64, name);
        return Decode(file, name, "PSD", width, height, false,
            static (context, x, y, n, info) => StbImage.stbi__psd_load(context, x, y, n, 0, info, 16));
    }

    /// <summary>Whether every field of a TGA header is one that a TGA can have.</summary>
    public static bool LooksLikeTga(ReadOnlySpan<byte> file)
    {
        if (file.Length < 18)
            return false;
        int colorMap = file[1], type = file[2], bits = file[16], mapBits = file[7];
        bool mapped = type is 1 or 9;
        return colorMap == (mapped ? 1 : 0) && (file[17] & 0xC0) == 0 && BinaryPrimitives.ReadUInt16LittleEndian(file[12..]) > 0
            && BinaryPrimitives.ReadUInt16LittleEndian(file[14..]) > 0
            && type switch
            {
                1 or 9 => bits == 8 && mapBits is 15 or 16 or 24 or 32 && BinaryPrimitives.ReadUInt16LittleEndian(file[5..]) > 0,
                2 or 10 => bits is 15 or 16 or 24 or 32,
                3 or 11 => bits is 8 or 16,
                _ => false,
            };
    }

    public static XRayImage DecodeTga(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        int width = BinaryPrimitives.ReadUInt16LittleEndian(file[12..]), height = BinaryPrimitives.ReadUInt16LittleEndian(file[14..]);
        ImageChecks.Dimensions(width, height, name, limits);
        int bytes = (file[16] + 7) / 8;
        int map = file[1] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(file[5..]) * ((file[7] + 7) / 8) : 0;
        bool runLengths = file[2] >= 9;
        long pixels = (long)width * height;
        ImageChecks.Holds(file.Length - 18 - file[0] - map, runLengths ? (pixels + 127) / 128 * (1 + bytes) : pixels * bytes, name);
        return Decode(file, name, "TGA", width, height, false,
            static (context, x, y, n, info) => StbImage.stbi__tga_load(context, x, y, n, 0, info));
    }

    static XRayImage Decode(ReadOnlySpan<byte> file, string name, string format, long width, long height, bool isJpeg, Loader load)
    {
        fixed (byte* start = file)
        {
            using GuardedStream stream = new(start, file.Length, isJpeg, patience: Math.Max(1 << 20, 8 * width * height));
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
                return Channel0(decoded, x, y, components, info.bits_per_channel == 16, format);
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

    static XRayImage Channel0(void* decoded, int width, int height, int components, bool sixteen, string format)
    {
        int count = width * height;
        byte[] pixels = ArrayPool<byte>.Shared.Rent(sixteen ? 2 * count : count);
        if (sixteen)
            TakeFirst(new ReadOnlySpan<ushort>(decoded, count * components), components,
                MemoryMarshal.Cast<byte, ushort>(pixels.AsSpan())[..count]);
        else
            TakeFirst(new ReadOnlySpan<byte>(decoded, count * components), components, pixels.AsSpan(0, count));
        return new XRayImage(pixels, width, height, sixteen ? 16 : 8, sixteen ? ushort.MaxValue : byte.MaxValue, format);
    }

    static void TakeFirst<T>(ReadOnlySpan<T> samples, int components, Span<T> destination) where T : unmanaged
    {
        if (components == 1)
        {
            samples.CopyTo(destination);
            return;
        }
        for (int i = 0; i < destination.Length; i++)
            destination[i] = samples[i * components];
    }
}
