using System.Buffers;
using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Gif;

/// <summary>A frame's place on the screen (GIF89a, 20), and how its rows get there.</summary>
readonly record struct GifFrame(int Left, int Top, int Width, int Height, byte Flags)
{
    public long Pixels => (long)Width * Height;

    public bool Interlaced => (Flags & 0x40) != 0;

    public static GifFrame Read(ReadOnlySpan<byte> descriptor, string name)
    {
        GifFrame frame = new(
            BinaryPrimitives.ReadUInt16LittleEndian(descriptor), BinaryPrimitives.ReadUInt16LittleEndian(descriptor[2..]),
            BinaryPrimitives.ReadUInt16LittleEndian(descriptor[4..]), BinaryPrimitives.ReadUInt16LittleEndian(descriptor[6..]),
            descriptor[8]);
        if (frame.Width == 0 || frame.Height == 0)
            throw ImageChecks.Corrupt(name, $"a frame has {frame.Width} x {frame.Height} pixels");
        return frame;
    }

    /// <summary>
    /// Undoes the four passes of an interlaced frame, in place: each cycle of rows that take each other's place is followed.
    /// </summary>
    public void PutRowsInOrder(Span<byte> pixels)
    {
        int[] source = ArrayPool<int>.Shared.Rent(Height);
        byte[] saved = ArrayPool<byte>.Shared.Rent(Width);
        int stored = 0;
        foreach ((int first, int step) in (ReadOnlySpan<(int, int)>)[(0, 8), (4, 8), (2, 4), (1, 2)])
        {
            for (int y = first; y < Height; y += step)
                source[y] = stored++;
        }
        for (int y = 0; y < Height; y++)
        {
            if (source[y] == y)
                continue;
            Row(pixels, y).CopyTo(saved);
            int to = y;
            while (source[to] != y)
            {
                int from = source[to];
                Row(pixels, from).CopyTo(Row(pixels, to));
                source[to] = to;
                to = from;
            }
            saved.AsSpan(0, Width).CopyTo(Row(pixels, to));
            source[to] = to;
        }
        ArrayPool<byte>.Shared.Return(saved);
        ArrayPool<int>.Shared.Return(source);
    }

    /// <summary>
    /// Moves the rows from the start of the screen's memory to their places, the last row first: none lands on one that is still to move.
    /// </summary>
    public void PutOnScreen(Span<byte> screen, int screenWidth, byte background)
    {
        int free = screen.Length;
        for (int y = Height - 1; y >= 0; y--)
        {
            int at = (Top + y) * screenWidth + Left;
            Row(screen, y).CopyTo(screen[at..]);
            screen[(at + Width)..free].Fill(background);
            free = at;
        }
        screen[..free].Fill(background);
    }

    Span<byte> Row(Span<byte> pixels, int y) => pixels.Slice(y * Width, Width);
}
