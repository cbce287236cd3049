using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Gif;

/// <summary>
/// GIF (87a and 89a), its first frame. Only channel 0 is kept, a byte a pixel; transparency is ignored, as alpha always is.
/// </summary>
/// <remarks>
/// All of it is decoded here. StbImageSharp fills the pixels that are missing, makes transparent ones black, refuses a table that stays
/// full until a clear code, and takes nine bytes a pixel. Here every pixel is counted and must be followed by the end code, and the file
/// is walked to its trailer: what giflib refuses is refused.
/// </remarks>
static class GifDecoder
{
    const int HeaderBytes = 13, DescriptorBytes = 9;
    const byte Extension = 0x21, Image = 0x2C, Trailer = 0x3B, GraphicControl = 0xF9;

    /// <exception cref="SeverityException">A form that is not read, or an image that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        ImageChecks.Holds(file.Length, HeaderBytes + 1, name);
        int width = BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), height = BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        ImageChecks.Dimensions(width, height, name, limits);
        GifBlocks blocks = new(file, HeaderBytes, name);
        ReadOnlySpan<byte> globalColors = Colors(ref blocks, file[10]);
        GifLzw lzw = new();
        List<string> warnings = [];
        int transparent = -1, frames = 0;
        byte[]? pixels = null;
        ChannelDifference difference = new();
        try
        {
            for (byte block = blocks.Next(); block != Trailer; block = blocks.Next())
            {
                if (block == Extension)
                {
                    byte label = blocks.Next();
                    int found = blocks.SkipExtension(label == GraphicControl);
                    if (label == GraphicControl)
                        transparent = found;
                    continue;
                }
                if (block != Image)
                    throw ImageChecks.Corrupt(name, $"a GIF block begins with 0x{block:X2}, which names none");
                GifFrame frame = GifFrame.Read(blocks.Take(DescriptorBytes), name);
                ReadOnlySpan<byte> localColors = Colors(ref blocks, frame.Flags);
                frames++;
                if (pixels is not null)
                {
                    // Later frames are counted, so that damage in them is noticed, and not kept.
                    lzw.Decode(ref blocks, [], frame.Pixels);
                    continue;
                }
                ReadOnlySpan<byte> colors = localColors.IsEmpty ? globalColors : localColors;
                if (colors.IsEmpty)
                    throw ImageChecks.Unsupported(name, "a GIF without colors, which is not read");
                CheckSize(frame, width, height, blocks.Left, name);
                limits.Gate?.TakePicture((long)width * height);
                pixels = FilePool.Rent(width * height);
                DecodeFirst(ref blocks, lzw, frame, colors, transparent, pixels.AsSpan(0, width * height), width, difference, warnings);
            }
            if (pixels is null)
                throw ImageChecks.Truncated(name, "it ends before its first picture");
            if (frames > 1)
                warnings.Add($"{name}: it has {frames} frames, of which the first is used");
            return new XRayImage(pixels, width, height, 8, byte.MaxValue, "GIF", warnings) { ChannelsDiffer = difference.IsLarge };
        }
        catch
        {
            if (pixels is not null)
                FilePool.Return(pixels);
            throw;
        }
    }

    /// <summary>The table of colors that flags announce, three bytes each; empty where they announce none.</summary>
    static ReadOnlySpan<byte> Colors(scoped ref GifBlocks blocks, byte flags) =>
        (flags & 0x80) == 0 ? [] : blocks.Take(3 * (2 << (flags & 7)));

    static void CheckSize(GifFrame frame, int width, int height, int present, string name)
    {
        // Pillow makes the screen larger, browsers cut the frame: which picture is meant can't be known.
        if (frame.Left + frame.Width > width || frame.Top + frame.Height > height)
        {
            throw ImageChecks.Unsupported(name, $"a GIF whose first frame, {frame.Width} x {frame.Height} pixels at "
                + $"{frame.Left}, {frame.Top}, reaches beyond its screen of {width} x {height}, which is not read");
        }
        ImageChecks.Holds(present, Least(frame.Pixels), name);
        // A small frame on a large screen would ask for much memory with few bytes, and be no X-ray.
        if (present < Least((long)width * height))
        {
            throw ImageChecks.Unsupported(name, $"a GIF whose first frame, {frame.Width} x {frame.Height} pixels, leaves its screen of "
                + $"{width} x {height} almost empty, which is not read");
        }

        // LZW's best: a 12-bit code for 4096 pixels.
        static long Least(long pixels) => pixels * 12 / (8 * 4096);
    }

    static void DecodeFirst(ref GifBlocks blocks, GifLzw lzw, GifFrame frame, ReadOnlySpan<byte> colors, int transparent,
        Span<byte> screen, int screenWidth, ChannelDifference difference, List<string> warnings)
    {
        string name = blocks.Name;
        int count = colors.Length / 3;
        // The frame's indices come first in the screen's memory, in the order of the file.
        Span<byte> indices = screen[..(int)frame.Pixels];
        if (lzw.Decode(ref blocks, indices, frame.Pixels))
            warnings.Add($"{name}: more image data than the picture has pixels");
        if (!TakeReds(indices, colors, difference))
            throw ImageChecks.Corrupt(name, $"it names a color beyond its table of {count}");
        if (frame.Interlaced)
            frame.PutRowsInOrder(indices);
        if (indices.Length == screen.Length)
            return;
        // What the frame leaves free has the transparent color, else color 0, as in Pillow.
        int background = Math.Max(0, transparent);
        if (background >= count)
            throw ImageChecks.Corrupt(name, $"its background is a color beyond its table of {count}");
        ReadOnlySpan<byte> color = colors.Slice(3 * background, 3);
        difference.AddAlike(screen.Length - indices.Length, color[0], color[1], color[2]);
        frame.PutOnScreen(screen, screenWidth, color[0]);
        warnings.Add($"{name}: its first frame, {frame.Width} x {frame.Height} pixels, covers only a part of its screen");
    }

    /// <summary>Replaces indices by red of their colors.</summary>
    /// <returns>False for an index beyond the table.</returns>
    static bool TakeReds(Span<byte> indices, ReadOnlySpan<byte> colors, ChannelDifference difference)
    {
        foreach (int i in difference.Of(indices.Length))
        {
            int at = 3 * indices[i];
            if (at < colors.Length)
                difference.Add(colors[at], colors[at + 1], colors[at + 2]);
        }
        Span<byte> reds = stackalloc byte[256];
        int count = colors.Length / 3;
        for (int i = 0; i < count; i++)
            reds[i] = colors[3 * i];
        foreach (ref byte index in indices)
        {
            if (index >= count)
                return false;
            index = reds[index];
        }
        return true;
    }
}
