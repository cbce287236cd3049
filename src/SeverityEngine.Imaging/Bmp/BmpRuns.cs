using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Bmp;

/// <summary>
/// A BMP's run-length code, of indices with 8 or 4 bits: pairs of a count and a color, or of 0 and a command. The bottom row comes first.
/// </summary>
static class BmpRuns
{
    const int EndOfLine = 0, EndOfBitmap = 1, Skip = 2;

    /// <summary>
    /// Decodes a whole picture. What a command leaves out in a row, or skips, has color 0; rows that are missing before the mark of the
    /// end, or the mark itself, make the picture truncated, as in Pillow.
    /// </summary>
    public static void Decode(ReadOnlySpan<byte> data, BmpHeader header, BmpPalette palette, Span<byte> output,
        ChannelDifference difference, string name)
    {
        if (palette.Count == 0)
            throw ImageChecks.Corrupt(name, "it has no palette");
        output.Fill(palette.Red(0));
        bool fourBits = header.Bits == 4;
        int at = 0, x = 0, y = 0, given = 0;
        while (true)
        {
            if (data.Length - at < 2)
                throw ImageChecks.Truncated(name, $"its runs end in row {y} of {header.Height}, without the mark of the end");
            int count = data[at], value = data[at + 1];
            at += 2;
            if (count > 0)
            {
                Span<byte> run = Next(output, header, x, y, count, name);
                int even = fourBits ? value >> 4 : value, odd = fourBits ? value & 15 : value;
                byte evenRed = Red(palette, even, name), oddRed = count > 1 ? Red(palette, odd, name) : evenRed;
                run.Fill(evenRed);
                for (int i = 1; i < run.Length && oddRed != evenRed; i += 2)
                    run[i] = oddRed;
                foreach (int i in difference.Of(count))
                    palette.AddTo(difference, i % 2 == 0 ? even : odd);
                x += count;
                given += count;
            }
            else if (value == EndOfLine)
            {
                if (y == header.Height)
                    throw ImageChecks.Corrupt(name, "its runs make more rows than its header says");
                (x, y) = (0, y + 1);
            }
            else if (value == EndOfBitmap)
            {
                if (y < header.Height - 1 || y == header.Height - 1 && x < header.Width)
                    throw ImageChecks.Truncated(name, $"its runs end in row {y} of {header.Height}");
                palette.AddAlike(difference, output.Length - given, 0);
                return;
            }
            else if (value == Skip)
            {
                if (data.Length - at < 2)
                    throw ImageChecks.Truncated(name, $"its runs end in row {y} of {header.Height}");
                (x, y) = (x + data[at], y + data[at + 1]);
                at += 2;
                if (x > header.Width || y > header.Height)
                    throw ImageChecks.Corrupt(name, "its runs skip beyond the picture");
            }
            else
            {
                // As many indices as they are, and a byte more where their bytes are odd in number.
                int bytes = fourBits ? (value + 1) / 2 : value;
                if (data.Length - at < bytes)
                    throw ImageChecks.Truncated(name, $"its runs end in row {y} of {header.Height}");
                Span<byte> to = Next(output, header, x, y, value, name);
                ReadOnlySpan<byte> stretch = data.Slice(at, bytes);
                for (int i = 0; i < to.Length; i++)
                    to[i] = Red(palette, Index(stretch, fourBits, i), name);
                foreach (int i in difference.Of(value))
                    palette.AddTo(difference, Index(stretch, fourBits, i));
                at += bytes + bytes % 2;
                x += value;
                given += value;
            }
        }
    }

    static Span<byte> Next(Span<byte> output, BmpHeader header, int x, int y, int count, string name)
    {
        if (y >= header.Height || count > header.Width - x)
            throw ImageChecks.Corrupt(name, $"its runs give row {y} more than {header.Width} pixels, or more than {header.Height} rows");
        return output.Slice((header.Height - 1 - y) * header.Width + x, count);
    }

    static int Index(ReadOnlySpan<byte> stretch, bool fourBits, int i) =>
        !fourBits ? stretch[i] : i % 2 == 0 ? stretch[i / 2] >> 4 : stretch[i / 2] & 15;

    static byte Red(BmpPalette palette, int index, string name) => index < palette.Count
        ? palette.Red(index) : throw ImageChecks.Corrupt(name, $"its runs name a color beyond its palette of {palette.Count}");
}
