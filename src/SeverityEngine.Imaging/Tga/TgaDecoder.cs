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
            return StbDecoder.DecodeTga(file, header.Width, header.Height, header.HasAlpha, name, limits);
        }

        ReadOnlySpan<byte> data = file[header.PixelsAt..];
        limits.Gate?.TakePicture(count);
        byte[] pixels = FilePool.Rent(count);
        try
        {
            Span<byte> output = pixels.AsSpan(0, count);
            TgaSamples samples = new(header, file);
            ChannelDifference difference = new();
            if (header.HasRuns)
            {
                DecodeRuns(data, samples, header.PixelBytes, output, difference, name);
            }
            else
            {
                samples.Take(data[..(count * header.PixelBytes)], output, name);
                samples.Compare(data, count, difference);
            }
            PutInOrder(output, header);
            return new XRayImage(pixels, header.Width, header.Height, 8, byte.MaxValue, "TGA")
            {
                HasAlpha = header.HasAlpha,
                ChannelsDiffer = difference.IsLarge,
            };
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    /// <summary>Packets of up to 128 pixels: one that repeats, or each of them. They may go on from row to row.</summary>
    static void DecodeRuns(ReadOnlySpan<byte> data, TgaSamples samples, int pixelBytes, Span<byte> output,
        ChannelDifference difference, string name)
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
            ReadOnlySpan<byte> stored = data.Slice(at, bytes);
            samples.Take(stored, repeats ? to[..1] : to, name);
            if (repeats)
                to.Fill(to[0]);
            samples.Compare(stored, count, difference);
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

    /// <summary>The channels of pixels as they are stored.</summary>
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
                reds[i] = header.Kind == TgaKind.Gray ? stored[i * bytes] : Color(stored.Slice(i * bytes, bytes)).Red;
            }
        }

        /// <summary>Adds pixels that have been taken to what is known of how far channels are apart.</summary>
        /// <param name="stored">The pixels, or the one that they all are.</param>
        /// <param name="count">How many they are.</param>
        /// <param name="difference">What they are added to.</param>
        public void Compare(ReadOnlySpan<byte> stored, int count, ChannelDifference difference)
        {
            if (header.Kind == TgaKind.Gray)
                return;
            int spacing = stored.Length == header.PixelBytes ? 0 : header.PixelBytes;
            foreach (int i in difference.Of(count))
            {
                ReadOnlySpan<byte> pixel = stored.Slice(i * spacing, header.PixelBytes);
                (byte red, byte green, byte blue) = Color(header.Kind == TgaKind.Mapped ? MapEntry(MapIndex(pixel)) : pixel);
                difference.Add(red, green, blue);
            }
        }

        void TakeMapped(ReadOnlySpan<byte> stored, Span<byte> reds, string name)
        {
            for (int i = 0; i < reds.Length; i++)
            {
                int index = MapIndex(stored.Slice(i * header.PixelBytes, header.PixelBytes));
                if ((uint)index >= (uint)header.MapLength)
                {
                    throw ImageChecks.Corrupt(name, $"it names color {index + header.MapFirst}, and its map has "
                        + $"{header.MapFirst} to {header.MapFirst + header.MapLength - 1}");
                }
                reds[i] = Color(MapEntry(index)).Red;
            }
        }

        int MapIndex(ReadOnlySpan<byte> pixel) =>
            (pixel.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(pixel) : pixel[0]) - header.MapFirst;

        ReadOnlySpan<byte> MapEntry(int index) => _map.Slice(index * header.MapEntryBytes, header.MapEntryBytes);

        /// <summary>Blue, green, red and perhaps alpha, or five bits of each: 31 becomes 255, rounded down, as in Pillow.</summary>
        static (byte Red, byte Green, byte Blue) Color(ReadOnlySpan<byte> stored)
        {
            if (stored.Length > 2)
                return (stored[2], stored[1], stored[0]);
            int bits = BinaryPrimitives.ReadUInt16LittleEndian(stored);
            return (Scaled(bits >> 10), Scaled(bits >> 5), Scaled(bits));

            static byte Scaled(int bits) => (byte)((bits & 31) * 255 / 31);
        }
    }
}
