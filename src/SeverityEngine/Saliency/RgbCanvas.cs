namespace SeverityEngine.Saliency;

/// <summary>A picture of red, green and blue that rectangles, pictures and text are put on.</summary>
sealed class RgbCanvas
{
    public RgbCanvas(int width, int height, byte ground)
    {
        Width = width;
        Height = height;
        Rgb = GC.AllocateUninitializedArray<byte>(checked(3 * width * height));
        Rgb.AsSpan().Fill(ground);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Red, green and blue of each pixel, row after row, top row first.</summary>
    public byte[] Rgb { get; }

    /// <summary>Fills a rectangle that lies on the canvas.</summary>
    public void Fill(int x, int y, int width, int height, ReadOnlySpan<byte> color)
    {
        Span<byte> first = RowOf(x, y, width);
        for (int i = 0; i < width; i++)
            color.CopyTo(first.Slice(3 * i, 3));
        for (int row = 1; row < height; row++)
            first.CopyTo(RowOf(x, y + row, width));
    }

    /// <summary>Puts a picture, whose rows have no gap, on the canvas.</summary>
    public void Put(ReadOnlySpan<byte> rgb, int x, int y, int width, int height)
    {
        for (int row = 0; row < height; row++)
            rgb.Slice(3 * width * row, 3 * width).CopyTo(RowOf(x, y + row, width));
    }

    /// <summary>Writes a line of text; what would go beyond the right border is left out of its middle.</summary>
    /// <param name="text">The text; what is no printable ASCII becomes a question mark.</param>
    /// <param name="x">Its left border.</param>
    /// <param name="y">Its upper border.</param>
    /// <param name="scale">How many pixels wide and high a dot of a letter is.</param>
    /// <param name="color">Its red, green and blue.</param>
    public void Write(string text, int x, int y, int scale, ReadOnlySpan<byte> color)
    {
        // One mark for a character that takes two of .NET's.
        string letters = string.Concat(text.EnumerateRunes().Select(rune => rune.IsAscii ? (char)rune.Value : '?'));
        letters = BitmapFont.Shorten(letters, Math.Max(3, (Width - x) / (BitmapFont.Advance * scale)));
        foreach (char letter in letters)
        {
            ReadOnlySpan<byte> rows = BitmapFont.Of(letter);
            for (int row = 0; row < BitmapFont.Rows; row++)
            {
                for (int column = 0; column < BitmapFont.Columns; column++)
                {
                    if ((rows[row] >> (BitmapFont.Columns - 1 - column) & 1) != 0)
                        Fill(x + (column * scale), y + (row * scale), scale, scale, color);
                }
            }
            x += BitmapFont.Advance * scale;
        }
    }

    Span<byte> RowOf(int x, int y, int width) => Rgb.AsSpan(3 * ((y * Width) + x), 3 * width);
}
