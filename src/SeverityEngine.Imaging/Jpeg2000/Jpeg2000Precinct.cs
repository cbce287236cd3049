namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>A precinct: the code blocks of one place in a resolution's bands, which come together in packets.</summary>
struct Jpeg2000Precinct
{
    /// <summary>How many of its packets have been read: a packet is a layer.</summary>
    public int Layers;

    /// <summary>Its part of each band, once a packet had something in it.</summary>
    public Jpeg2000PrecinctBand[]? Bands;
}

/// <summary>A precinct's part of a band.</summary>
sealed class Jpeg2000PrecinctBand
{
    readonly int _widthLog, _heightLog;

    public Jpeg2000PrecinctBand(Jpeg2000Area area, int widthLog, int heightLog)
    {
        (Area, _widthLog, _heightLog) = (area, widthLog, heightLog);
        if (!area.IsEmpty)
        {
            BlocksWide = (int)(((area.X1 - 1) >> widthLog) - (area.X0 >> widthLog)) + 1;
            BlocksHigh = (int)(((area.Y1 - 1) >> heightLog) - (area.Y0 >> heightLog)) + 1;
        }
        Blocks = new Jpeg2000CodeBlock[BlocksWide * BlocksHigh];
        Inclusion = new Jpeg2000TagTree(BlocksWide, BlocksHigh);
        ZeroPlanes = new Jpeg2000TagTree(BlocksWide, BlocksHigh);
    }

    public Jpeg2000Area Area { get; }

    public int BlocksWide { get; }

    public int BlocksHigh { get; }

    /// <summary>Row by row.</summary>
    public Jpeg2000CodeBlock[] Blocks { get; }

    /// <summary>The first layer of each block.</summary>
    public Jpeg2000TagTree Inclusion { get; }

    /// <summary>How many of the band's bit planes each block leaves out.</summary>
    public Jpeg2000TagTree ZeroPlanes { get; }

    /// <summary>What a block covers.</summary>
    public Jpeg2000Area BlockArea(int column, int row)
    {
        long x = (Area.X0 >> _widthLog) + column, y = (Area.Y0 >> _heightLog) + row;
        return new Jpeg2000Area(x << _widthLog, y << _heightLog, (x + 1) << _widthLog, (y + 1) << _heightLog).Clip(Area);
    }
}

/// <summary>What packets said of a code block.</summary>
struct Jpeg2000CodeBlock
{
    /// <summary>The bits that lengths have at least (Lblock, B.10.7.1); 0 before the block's first packet.</summary>
    public int LengthBits;

    public int ZeroPlanes;

    /// <summary>How many coding passes have come.</summary>
    public int Passes;

    /// <summary>Its first and last chunk.</summary>
    public int FirstChunk, LastChunk;
}

/// <summary>What one packet has of one segment of a code block's data.</summary>
struct Jpeg2000Chunk
{
    /// <summary>Where it lies in the tile's data.</summary>
    public int Start;

    public int Length;

    public int Passes;

    /// <summary>Whether it begins a segment; else it goes on with the one before.</summary>
    public bool BeginsSegment;

    /// <summary>The block's next chunk; 0 for none.</summary>
    public int Next;
}

/// <summary>A tile's chunks, each with a number from 1.</summary>
sealed class Jpeg2000ChunkList
{
    Jpeg2000Chunk[] _chunks = new Jpeg2000Chunk[64];

    /// <summary>The last one's number.</summary>
    public int Last { get; private set; }

    public ref Jpeg2000Chunk this[int number] => ref _chunks[number];

    /// <summary>Adds a chunk behind a block's others.</summary>
    public void Add(ref Jpeg2000CodeBlock block, Jpeg2000Chunk chunk)
    {
        if (++Last == _chunks.Length)
            Array.Resize(ref _chunks, 2 * _chunks.Length);
        _chunks[Last] = chunk;
        if (block.FirstChunk == 0)
            block.FirstChunk = Last;
        else
            _chunks[block.LastChunk].Next = Last;
        block.LastChunk = Last;
    }
}

/// <summary>
/// A tag tree (ITU-T T.800, B.10.2): values of a grid, each told by steps above the least one of the four, sixteen, ... around it.
/// </summary>
sealed class Jpeg2000TagTree
{
    const uint Known = 1;

    // Level by level, the grid itself first: twice a value's least, and whether it is that.
    readonly uint[] _nodes;
    readonly int[] _starts, _widths;

    public Jpeg2000TagTree(int width, int height)
    {
        List<int> starts = [], widths = [];
        int nodes = 0;
        for (; width > 0 && height > 0; width = (width + 1) >> 1, height = (height + 1) >> 1)
        {
            starts.Add(nodes);
            widths.Add(width);
            nodes += width * height;
            if (width == 1 && height == 1)
                break;
        }
        (_nodes, _starts, _widths) = (new uint[nodes], [.. starts], [.. widths]);
    }

    /// <summary>Reads on until it is known whether a value is below a limit.</summary>
    public bool IsBelow(ref Jpeg2000PacketBits bits, int x, int y, int limit)
    {
        uint least = 0;
        uint node = 0;
        for (int level = _starts.Length - 1; level >= 0; level--)
        {
            ref uint stored = ref _nodes[_starts[level] + (y >> level) * _widths[level] + (x >> level)];
            node = stored;
            if (node >> 1 < least)
                node = least << 1;
            while ((node & Known) == 0 && node >> 1 < limit)
                node = bits.Next() != 0 ? node | Known : node + 2;
            stored = node;
            least = node >> 1;
        }
        return (node & Known) != 0 && node >> 1 < limit;
    }
}
