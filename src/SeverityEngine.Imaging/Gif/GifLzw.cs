using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Gif;

/// <summary>
/// A frame's indices from their LZW code (GIF89a, appendix F). A code stands for a string that was written before, so the table holds where
/// that was and how long it is, and no copy.
/// </summary>
sealed class GifLzw
{
    const int MostBits = 12, MostCodes = 1 << MostBits;

    readonly int[] _start = new int[MostCodes];
    readonly int[] _length = new int[MostCodes];

    /// <summary>Decodes a frame: as many pixels as it has, the end code, and the end of its blocks.</summary>
    /// <param name="blocks">At the size of the shortest code.</param>
    /// <param name="indices">What is filled; empty to count the pixels only.</param>
    /// <param name="pixels">How many there must be.</param>
    /// <returns>Whether data follow the end code.</returns>
    public bool Decode(ref GifBlocks blocks, Span<byte> indices, long pixels)
    {
        int size = blocks.Next();
        if (size is < 2 or > 8)
            throw ImageChecks.Corrupt(blocks.Name, $"its codes begin with {size} bits, and 2 to 8 are possible");
        int clear = 1 << size, end = clear + 1;
        int next = end + 1, width = size + 1, last = -1;
        long done = 0;
        blocks.BeginCodes();
        while (true)
        {
            int code = blocks.NextCode(width);
            if (code < 0)
            {
                throw ImageChecks.Truncated(blocks.Name, done < pixels
                    ? $"its compressed data end at pixel {done} of {pixels}" : "its compressed data have no end code");
            }
            if (code == end)
                break;
            if (code == clear)
            {
                (next, width, last) = (end + 1, size + 1, -1);
                continue;
            }
            // A code that is being made is the last string and its own first pixel again; the first code after a clear makes none.
            bool isNew = code == next && last >= 0;
            if (code >= next && !isNew)
                throw ImageChecks.Corrupt(blocks.Name, $"its compressed data name string {code} of {next}");
            int length = code < clear ? 1 : isNew ? LengthOf(last, clear) + 1 : _length[code];
            if (length > pixels - done)
                throw ImageChecks.Corrupt(blocks.Name, $"its compressed data give more than its {pixels} pixels");
            if (last >= 0 && next < MostCodes)
            {
                // The last string and the pixel after it: they stand one after the other.
                int lastLength = LengthOf(last, clear);
                _length[next] = lastLength + 1;
                _start[next] = (int)done - lastLength;
                if (++next == 1 << width && width < MostBits)
                    width++;
            }
            if (!indices.IsEmpty)
                Write(indices, (int)done, code, clear, length);
            done += length;
            last = code;
        }
        if (done < pixels)
            throw ImageChecks.Truncated(blocks.Name, $"its compressed data end at pixel {done} of {pixels}");
        return blocks.EndCodes() > 0;
    }

    int LengthOf(int code, int clear) => code < clear ? 1 : _length[code];

    void Write(Span<byte> indices, int at, int code, int clear, int length)
    {
        if (code < clear)
        {
            indices[at] = (byte)code;
            return;
        }
        // Only a string that is being made reaches what is written now, with its last pixel, which equals its first.
        int start = _start[code], ready = Math.Min(length, at - start);
        indices.Slice(start, ready).CopyTo(indices[at..]);
        if (ready < length)
            indices[at + length - 1] = indices[at];
    }
}
