using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>The strips or tiles that a page is cut into: those of one plane row by row, then the next plane's.</summary>
readonly ref struct TiffGrid
{
    /// <summary>What small pictures may have to fill their tiles up.</summary>
    const long MostPadding = 1 << 24;

    readonly TiffBytes _bytes;
    readonly TiffField _offsets, _counts;

    TiffGrid(TiffBytes bytes, TiffPicture picture, bool areTiles, int width, int height, TiffField offsets, TiffField counts)
    {
        _bytes = bytes;
        (AreTiles, Width, Height, _offsets, _counts) = (areTiles, width, height, offsets, counts);
        Across = (int)(((long)picture.Width + width - 1) / width);
        Down = (int)(((long)picture.Height + height - 1) / height);
    }

    /// <summary>Whether they are tiles, which are filled up where they reach beyond the picture; the last strip is shorter.</summary>
    public bool AreTiles { get; }

    /// <summary>Pixels in a row of one.</summary>
    public int Width { get; }

    /// <summary>Rows of one.</summary>
    public int Height { get; }

    /// <summary>How many stand side by side.</summary>
    public int Across { get; }

    /// <summary>How many stand one below the other.</summary>
    public int Down { get; }

    /// <summary>Finds the strips or tiles, and proves that the file holds as many bytes as they need at least.</summary>
    /// <exception cref="SeverityException">They are missing or damaged.</exception>
    public static TiffGrid Read(TiffBytes bytes, TiffDirectory page, TiffPicture picture, ImageLimits limits)
    {
        bool areTiles = page.Find(TiffTag.TileOffsets) is not null;
        if (areTiles && page.Find(TiffTag.StripOffsets) is not null)
            throw ImageChecks.Corrupt(bytes.Name, "it has both strips and tiles");
        long width = picture.Width, height = picture.Height;
        if (areTiles)
        {
            (width, height) = (page.Number(bytes, TiffTag.TileWidth), page.Number(bytes, TiffTag.TileLength));
            ImageChecks.Dimensions(width, height, bytes.Name, limits);
            if (width % 16 != 0 || height % 16 != 0)
                throw ImageChecks.Corrupt(bytes.Name, $"its tiles have {width} x {height} pixels, no multiples of 16");
        }
        else if (page.Number(bytes, TiffTag.RowsPerStrip, uint.MaxValue) is var rows)
        {
            height = rows > 0 ? Math.Min(height, rows) : throw ImageChecks.Corrupt(bytes.Name, "its strips have 0 rows");
        }
        TiffGrid grid = new(bytes, picture, areTiles, (int)width, (int)height,
            Field(bytes, page, areTiles ? TiffTag.TileOffsets : TiffTag.StripOffsets),
            Field(bytes, page, areTiles ? TiffTag.TileByteCounts : TiffTag.StripByteCounts));
        grid.RequireBytes(picture);
        return grid;
    }

    /// <summary>Where one stands in the file.</summary>
    public (int Offset, int Length) Find(int plane, int down, int across)
    {
        int index = (plane * Down + down) * Across + across;
        return ((int)TiffDirectory.Number(_bytes, TiffTag.StripOffsets, _offsets, index),
            (int)TiffDirectory.Number(_bytes, TiffTag.StripByteCounts, _counts, index));
    }

    /// <summary>Rows of one that are stored.</summary>
    public int RowsOf(int down, TiffPicture picture) => AreTiles ? Height : Math.Min(Height, picture.Height - down * Height);

    static TiffField Field(TiffBytes bytes, TiffDirectory page, TiffTag tag) =>
        page.Find(tag) ?? throw ImageChecks.Corrupt(bytes.Name, $"its field {tag} is missing");

    void RequireBytes(TiffPicture picture)
    {
        string name = _bytes.Name, what = AreTiles ? "tile" : "strip";
        long pieces = (long)Across * Down * picture.Planes, sum = 0;
        if (_offsets.Count != pieces || _counts.Count != pieces)
            throw ImageChecks.Corrupt(name, $"it lists {_offsets.Count} {what}s and {_counts.Count} lengths, and {pieces} are needed");
        long padded = (long)Across * Width * Down * Height;
        if (AreTiles && padded > MostPadding && padded > 4L * picture.Width * picture.Height)
            throw ImageChecks.Unsupported(name, $"a TIFF with tiles far larger than its picture ({Width} x {Height}), which is not read");
        for (int i = 0; i < pieces; i++)
        {
            long offset = TiffDirectory.Number(_bytes, TiffTag.StripOffsets, _offsets, i);
            long length = TiffDirectory.Number(_bytes, TiffTag.StripByteCounts, _counts, i);
            if (offset == 0 || length == 0)
                throw ImageChecks.Truncated(name, $"its {what} {i} of {pieces} is missing");
            if (offset > _bytes.File.Length || length > _bytes.File.Length - offset)
                throw ImageChecks.Truncated(name, $"its {what} {i} has {length} bytes at byte {offset} of {_bytes.File.Length}");
            sum += length;
        }
        // Pieces that lie on each other would make a large picture out of few bytes.
        if (sum > _bytes.File.Length)
            throw ImageChecks.Corrupt(name, $"its {what}s have {sum} bytes, and the file has {_bytes.File.Length}");
        long rowBytes = ((long)Width * picture.SamplesInPlane * picture.Bits + 7) / 8;
        long rows = AreTiles ? pieces * Height : (long)picture.Height * picture.Planes;
        ImageChecks.Holds(sum, rows * rowBytes / Expansion(picture.Compression), name);
    }

    /// <summary>The most bytes that one byte gives.</summary>
    static int Expansion(TiffCompression compression) => compression switch
    {
        TiffCompression.None => 1,
        // Two bytes repeat one 128 times.
        TiffCompression.PackBits => 64,
        // A code of 12 bits stands for a string of 4096 bytes at most.
        TiffCompression.Lzw => 4096 * 8 / 12,
        // A block of 8 x 8 pixels has a bit at least; three components make one pixel.
        TiffCompression.Jpeg => 8 * 8 * 8 * 3,
        // Deflate's best: 258 bytes for two bits.
        _ => 1032,
    };
}
