using System.Buffers.Binary;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>Where the picture and its tiles lie on the reference grid (ITU-T T.800, A.5.1 and B.3), and the samples' form.</summary>
sealed class Jpeg2000Size
{
    const int MostComponents = 4, MostPrecision = 16, MostTiles = 65_535;

    /// <summary>Bits of Rsiz for what is in other parts of the standard.</summary>
    const int Extensions = 0x8000, HighThroughput = 0x4000;

    readonly long _tileX, _tileY, _tileWidth, _tileHeight, _x1, _y1;

    Jpeg2000Size(ReadOnlySpan<byte> content, string name)
    {
        int capabilities = BinaryPrimitives.ReadUInt16BigEndian(content);
        if ((capabilities & HighThroughput) != 0)
            throw HighThroughputIsNotRead(name);
        if ((capabilities & Extensions) != 0)
            throw ImageChecks.Unsupported(name, "a JPEG 2000 picture with extensions of part 2, which is not read");
        (_x1, _y1, X0, Y0) = (Value(content, 2), Value(content, 6), Value(content, 10), Value(content, 14));
        (_tileWidth, _tileHeight, _tileX, _tileY) = (Value(content, 18), Value(content, 22), Value(content, 26), Value(content, 30));
        int components = BinaryPrimitives.ReadUInt16BigEndian(content[34..]);
        if (_x1 <= X0 || _y1 <= Y0 || components == 0)
            throw ImageChecks.Corrupt(name, $"its header says {_x1 - X0} x {_y1 - Y0} pixels of {components} components");
        if (content.Length != 36 + 3 * components)
            throw ImageChecks.Corrupt(name, $"its header has {content.Length + 2} bytes for {components} components");
        if (components > MostComponents)
            throw ImageChecks.Unsupported(name, $"a JPEG 2000 picture of {components} components, which is not read");
        for (int i = 0; i < components; i++)
        {
            ReadOnlySpan<byte> component = content.Slice(36 + 3 * i, 3);
            if (component[0] != content[36])
                throw ImageChecks.Unsupported(name, "a JPEG 2000 picture whose components differ in precision or sign, which is not read");
            if (component[1] == 0 || component[2] == 0)
                throw ImageChecks.Corrupt(name, $"its component {i} has a sampling of {component[1]} x {component[2]}");
            if (component[1] != 1 || component[2] != 1)
            {
                throw ImageChecks.Unsupported(name,
                    $"a JPEG 2000 picture with subsampled components ({component[1]} x {component[2]}), which is not read");
            }
        }
        int precision = (content[36] & 0x7F) + 1;
        if (precision > MostPrecision)
            throw ImageChecks.Unsupported(name, $"a JPEG 2000 picture of {precision} bits a sample, which is not read");
        if (_tileWidth == 0 || _tileHeight == 0 || _tileX > X0 || _tileY > Y0 || _tileX + _tileWidth <= X0 || _tileY + _tileHeight <= Y0)
            throw ImageChecks.Corrupt(name, "its first tile is not where the picture begins");
        TilesWide = DivideUp(_x1 - _tileX, _tileWidth);
        Tiles = TilesWide * DivideUp(_y1 - _tileY, _tileHeight);
        if (Tiles > MostTiles)
            throw ImageChecks.Corrupt(name, $"its header says {Tiles} tiles, and there may be {MostTiles}");
        // Sides beyond any limit stay so.
        Header = new CodecHeader((int)Math.Min(int.MaxValue, _x1 - X0), (int)Math.Min(int.MaxValue, _y1 - Y0), components, precision,
            (content[36] & 0x80) != 0);
    }

    public CodecHeader Header { get; }

    /// <summary>The picture's upper left corner on the grid.</summary>
    public long X0 { get; }

    public long Y0 { get; }

    public long Tiles { get; }

    /// <summary>The most samples that a component of a tile has.</summary>
    public long LargestTile => Math.Min(_tileWidth, _x1 - X0) * Math.Min(_tileHeight, _y1 - Y0);

    long TilesWide { get; }

    /// <param name="content">The content of the segment SIZ.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException">A form that is not read, or fields that cannot be.</exception>
    public static Jpeg2000Size Read(ReadOnlySpan<byte> content, string name) =>
        content.Length >= 39
            ? new Jpeg2000Size(content, name)
            : throw ImageChecks.Corrupt(name, $"its header has {content.Length + 2} bytes");

    public static SeverityException HighThroughputIsNotRead(string name) =>
        ImageChecks.Unsupported(name, "a High-Throughput JPEG 2000 (HTJ2K) picture, which is not read");

    /// <summary>What of the grid a tile covers.</summary>
    public Jpeg2000Area Tile(int index)
    {
        long column = index % TilesWide, row = index / TilesWide;
        return new Jpeg2000Area(
            Math.Max(_tileX + column * _tileWidth, X0), Math.Max(_tileY + row * _tileHeight, Y0),
            Math.Min(_tileX + (column + 1) * _tileWidth, _x1), Math.Min(_tileY + (row + 1) * _tileHeight, _y1));
    }

    public static long DivideUp(long value, long by) => (value + by - 1) / by;

    static long Value(ReadOnlySpan<byte> content, int at) => BinaryPrimitives.ReadUInt32BigEndian(content[at..]);
}

/// <summary>A rectangle; its lower right corner is outside.</summary>
readonly record struct Jpeg2000Area(long X0, long Y0, long X1, long Y1)
{
    public int Width => (int)(X1 - X0);

    public int Height => (int)(Y1 - Y0);

    public bool IsEmpty => X1 <= X0 || Y1 <= Y0;

    /// <summary>The same with every coordinate divided and rounded up, less an offset before (T.800, B.5).</summary>
    public Jpeg2000Area Reduce(int levels, long offsetX = 0, long offsetY = 0) =>
        new(Reduce(X0 - offsetX, levels), Reduce(Y0 - offsetY, levels), Reduce(X1 - offsetX, levels), Reduce(Y1 - offsetY, levels));

    public Jpeg2000Area Clip(Jpeg2000Area to) =>
        new(Math.Max(X0, to.X0), Math.Max(Y0, to.Y0), Math.Min(X1, to.X1), Math.Min(Y1, to.Y1));

    static long Reduce(long value, int levels) => (value + (1L << levels) - 1) >> levels;
}
