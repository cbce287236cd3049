using System.Buffers;
using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Stb;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Tga;

/// <summary>Truevision TGA. Only channel 0 is kept, a byte a pixel.</summary>
/// <remarks>
/// StbImageSharp decodes RGB of 24 and 32 bits and gray of 8 without runs, from left to right: the file's length proves that every pixel
/// is there. The other forms are decoded here. StbImageSharp ignores the direction from right to left, takes a map's first index for a
/// count of bytes to skip, reads an index beyond the map as color 0, and makes up what runs do not give.
/// </remarks>
static class TgaDecoder
{
    /// <exception cref="SeverityException">An image that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        if (!TgaHeader.TryRead(file, out TgaHeader header))
            throw ImageChecks.Corrupt(name, "its TGA header is none");
        ImageChecks.Dimensions(header.Width, header.Height, name, limits);
        int count = header.Width * header.Height;
        // A run's best: one pixel and a byte for 128.
        long least = header.HasRuns ? (count + 127L) / 128 * (1 + header.PixelBytes) : (long)count * header.PixelBytes;
        ImageChecks.Holds(file.Length - header.MapAt, header.PixelsAt - header.MapAt + least, name);
        if (header is { Kind: TgaKind.Rgb, HasMap: false, HasRuns: false, IsRightToLeft: false, Bits: 24 or 32 }
            or { Kind: TgaKind.Gray, HasMap: false, HasRuns: false, IsRightToLeft: false, Bits: 8 })
        {
            return StbDecoder.DecodeTga(file, header.Width, header.Height, name, limits);
        }

        ReadOnlySpan<byte> data = file[header.PixelsAt..];
        limits.Gate?.TakePicture(count);
        byte[] pixels = FilePool.Rent(count);
        try
        {
            Span<byte> output = pixels.AsSpan(0, count);
            TgaSamples samples = new(header, file);
            if (!header.HasRuns)
                samples.Take(data[..(count * header.PixelBytes)], output, name);
            else
                DecodeRuns(data, samples, header.PixelBytes, output, name);
            PutInOrder(output, header);
            return new XRayImage(pixels, header.Width, header.Height, 8, byte.MaxValue, "TGA");
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    /// <summary>Packets of up to 128 pixels: one that repeats, or each of them. They may go on from row to row.</summary>
    static void DecodeRuns(ReadOnlySpan<byte> data, TgaSamples samples, int pixelBytes, Span<byte> output, string name)
    {
        for (int done = 0, at = 0; done < output.Length;)
        {
            if (at == data.Length)
                throw ImageChecks.Truncated(name, $"its runs end at pixel {done} of {output.Length}");
            int head = data[at++], count = (head & 127) + 1;
            bool repeats = head >= 128;
            int bytes = repeats ? pixelBytes : count * pixelBytes;
            if (bytes > data.Length - at)
                throw ImageChecks.Truncated(name, $"its runs end at pixel {done} of {output.Length}");
            if (count > output.Length - done)
                throw ImageChecks.Corrupt(name, $"its runs give more than its {output.Length} pixels");
            Span<byte> to = output.Slice(done, count);
            samples.Take(data.Slice(at, bytes), repeats ? to[..1] : to, name);
            if (repeats)
                to.Fill(to[0]);
            at += bytes;
            done += count;
        }
    }

    static void PutInOrder(Span<byte> pixels, TgaHeader header)
    {
        if (header is { IsTopDown: false, IsRightToLeft: true })
        {
            pixels.Reverse();
            return;
        }
        int width = header.Width, height = header.Height;
        if (header.IsRightToLeft)
        {
            for (int y = 0; y < height; y++)
                pixels.Slice(y * width, width).Reverse();
        }
        if (header.IsTopDown)
            return;
        byte[] saved = ArrayPool<byte>.Shared.Rent(width);
        for (int y = 0; y < height / 2; y++)
        {
            Span<byte> upper = pixels.Slice(y * width, width), lower = pixels.Slice((height - 1 - y) * width, width);
            upper.CopyTo(saved);
            lower.CopyTo(upper);
            saved.AsSpan(0, width).CopyTo(lower);
        }
        ArrayPool<byte>.Shared.Return(saved);
    }

    /// <summary>Channel 0 of pixels as they are stored.</summary>
    readonly ref struct TgaSamples(TgaHeader header, ReadOnlySpan<byte> file)
    {
        readonly ReadOnlySpan<byte> _map = header.HasMap ? file[header.MapAt..header.PixelsAt] : [];

        public void Take(ReadOnlySpan<byte> stored, Span<byte> reds, string name)
        {
            if (header.Kind == TgaKind.Mapped)
            {
                TakeMapped(stored, reds, name);
                return;
            }
            int bytes = header.PixelBytes;
            if (bytes == 1)
            {
                stored.CopyTo(reds);
                return;
            }
            for (int i = 0; i < reds.Length; i++)
            {
                // Gray of 16 bits is 8 of gray and 8 of alpha.
                reds[i] = header.Kind == TgaKind.Gray ? stored[i * bytes] : Red(stored.Slice(i * bytes, bytes));
            }
        }

        void TakeMapped(ReadOnlySpan<byte> stored, Span<byte> reds, string name)
        {
            bool wide = header.PixelBytes == 2;
            for (int i = 0; i < reds.Length; i++)
            {
                int index = (wide ? BinaryPrimitives.ReadUInt16LittleEndian(stored[(2 * i)..]) : stored[i]) - header.MapFirst;
                if ((uint)index >= (uint)header.MapLength)
                {
                    throw ImageChecks.Corrupt(name, $"it names color {index + header.MapFirst}, and its map has "
                        + $"{header.MapFirst} to {header.MapFirst + header.MapLength - 1}");
                }
                reds[i] = Red(_map.Slice(index * header.MapEntryBytes, header.MapEntryBytes));
            }
        }

        /// <summary>Blue, green, red and perhaps alpha, or five bits of each: 31 becomes 255, rounded down, as in Pillow.</summary>
        static byte Red(ReadOnlySpan<byte> color) => color.Length > 2 ? color[2] : (byte)((color[1] >> 2 & 31) * 255 / 31);
    }
}
