using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>A tile: where its components' bands, precincts and code blocks lie (ITU-T T.800, annex B).</summary>
sealed class Jpeg2000Tile
{
    /// <summary>Each costs memory, whatever it holds; of an X-ray there are some thousands at the most.</summary>
    const int MostPrecincts = 1 << 20;

    /// <summary>Lays out a tile.</summary>
    /// <param name="index">Its number, for messages.</param>
    /// <param name="area">What it covers.</param>
    /// <param name="settings">How it is coded.</param>
    /// <param name="precision">Bits a sample.</param>
    /// <param name="headerBytes">How many bytes the packets' headers can have: each has one at least.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException">
    /// More packets than the data can hold, more precincts than are read, or a quantization that cannot be.
    /// </exception>
    public Jpeg2000Tile(int index, Jpeg2000Area area, Jpeg2000Settings settings, int precision, int headerBytes, string name)
    {
        Settings = settings;
        Area = area;
        Components = new Jpeg2000TileComponent[settings.Components.Length];
        long precincts = 0;
        for (int i = 0; i < Components.Length; i++)
        {
            Components[i] = new Jpeg2000TileComponent(area, settings.Components[i], precision, name);
            precincts += Components[i].Resolutions.Sum(r => (long)r.PrecinctsWide * r.PrecinctsHigh);
        }
        long packets = precincts * settings.Layers;
        if (packets > headerBytes)
            throw ImageChecks.Truncated(name, $"tile {index} has {packets} packets by its header, and {headerBytes} bytes of data");
        if (precincts > MostPrecincts)
            throw ImageChecks.Unsupported(name, $"a JPEG 2000 picture of {precincts} precincts in a tile, which is not read");
        foreach (Jpeg2000TileComponent component in Components)
        {
            foreach (Jpeg2000Resolution resolution in component.Resolutions)
                resolution.Precincts = new Jpeg2000Precinct[resolution.PrecinctsWide * resolution.PrecinctsHigh];
        }
    }

    public Jpeg2000Area Area { get; }

    public Jpeg2000Settings Settings { get; }

    public Jpeg2000TileComponent[] Components { get; }

    /// <summary>What packets brought of code blocks.</summary>
    public Jpeg2000ChunkList Chunks { get; } = new();
}

/// <summary>One component of a tile.</summary>
sealed class Jpeg2000TileComponent
{
    public Jpeg2000TileComponent(Jpeg2000Area area, Jpeg2000ComponentSettings settings, int precision, string name)
    {
        (Coding, RegionShift) = (settings.Coding!, settings.RegionShift);
        if (!settings.Quantization!.HasBands(Coding.Levels))
            throw ImageChecks.Corrupt(name, $"its header has too few quantization steps for {Coding.Levels} levels of the wavelet");
        Resolutions = new Jpeg2000Resolution[Coding.Levels + 1];
        long offset = 0;
        for (int r = 0; r < Resolutions.Length; r++)
        {
            Resolutions[r] = new Jpeg2000Resolution(area, r, Coding, settings.Quantization, precision);
            foreach (Jpeg2000Band band in Resolutions[r].Bands)
            {
                band.Offset = offset;
                if (!band.Area.IsEmpty)
                    offset += (long)band.Area.Width * band.Area.Height;
            }
        }
    }

    public Jpeg2000Coding Coding { get; }

    public int RegionShift { get; }

    /// <summary>From the lowest to the tile itself.</summary>
    public Jpeg2000Resolution[] Resolutions { get; }
}

/// <summary>A resolution of a tile's component, with the bands that it adds.</summary>
sealed class Jpeg2000Resolution
{
    readonly Jpeg2000Area _tile;

    public Jpeg2000Resolution(
        Jpeg2000Area tile, int index, Jpeg2000Coding coding, Jpeg2000Quantization quantization, int precision)
    {
        _tile = tile;
        Reduction = coding.Levels - index;
        Area = tile.Reduce(Reduction);
        (PrecinctWidthLog, PrecinctHeightLog) = (coding.PrecinctWidthLog(index), coding.PrecinctHeightLog(index));
        if (!Area.IsEmpty)
        {
            PrecinctsWide = (int)(Count(Area.X1, PrecinctWidthLog) - (Area.X0 >> PrecinctWidthLog));
            PrecinctsHigh = (int)(Count(Area.Y1, PrecinctHeightLog) - (Area.Y0 >> PrecinctHeightLog));
        }
        // In bands other than the lowest, a precinct has half of its width and height.
        int halved = index == 0 ? 0 : 1;
        BlockWidthLog = Math.Min(coding.BlockWidthLog, PrecinctWidthLog - halved);
        BlockHeightLog = Math.Min(coding.BlockHeightLog, PrecinctHeightLog - halved);
        Bands = index == 0
            ? [new Jpeg2000Band(Jpeg2000BandKind.Ll, tile.Reduce(coding.Levels), 0, quantization, precision)]
            : [Band(Jpeg2000BandKind.Hl), Band(Jpeg2000BandKind.Lh), Band(Jpeg2000BandKind.Hh)];

        Jpeg2000Band Band(Jpeg2000BandKind kind)
        {
            int level = Reduction + 1;
            long half = 1L << (level - 1);
            Jpeg2000Area area = tile.Reduce(
                level, kind is Jpeg2000BandKind.Lh ? 0 : half, kind is Jpeg2000BandKind.Hl ? 0 : half);
            return new Jpeg2000Band(kind, area, 3 * (index - 1) + (int)kind, quantization, precision);
        }
    }

    /// <summary>How often the tile is halved to this.</summary>
    public int Reduction { get; }

    public Jpeg2000Area Area { get; }

    public Jpeg2000Band[] Bands { get; }

    public int PrecinctWidthLog { get; }

    public int PrecinctHeightLog { get; }

    public int PrecinctsWide { get; }

    public int PrecinctsHigh { get; }

    public int BlockWidthLog { get; }

    public int BlockHeightLog { get; }

    /// <summary>Row by row.</summary>
    public Jpeg2000Precinct[] Precincts { get; set; } = [];

    /// <summary>Where on the reference grid a column or row of precincts begins, as progressions by position see it (B.12.1.3).</summary>
    public long PositionX(int column) => Position(column, Area.X0, PrecinctWidthLog, _tile.X0);

    public long PositionY(int row) => Position(row, Area.Y0, PrecinctHeightLog, _tile.Y0);

    /// <summary>Makes the code blocks of a precinct, when something comes for it.</summary>
    public Jpeg2000PrecinctBand[] CreateBands(int precinct)
    {
        long column = (Area.X0 >> PrecinctWidthLog) + precinct % PrecinctsWide;
        long row = (Area.Y0 >> PrecinctHeightLog) + precinct / PrecinctsWide;
        Jpeg2000PrecinctBand[] bands = new Jpeg2000PrecinctBand[Bands.Length];
        for (int i = 0; i < bands.Length; i++)
        {
            int halved = Bands[i].Kind == Jpeg2000BandKind.Ll ? 0 : 1;
            int widthLog = PrecinctWidthLog - halved, heightLog = PrecinctHeightLog - halved;
            Jpeg2000Area area = new(column << widthLog, row << heightLog, (column + 1) << widthLog, (row + 1) << heightLog);
            bands[i] = new Jpeg2000PrecinctBand(area.Clip(Bands[i].Area), BlockWidthLog, BlockHeightLog);
        }
        return bands;
    }

    // A first precinct that begins before the tile is met where the tile begins.
    long Position(int index, long start, int log, long tileStart) =>
        Math.Max(tileStart, ((start >> log) + index) << (log + Reduction));

    static long Count(long end, int log) => (end + (1L << log) - 1) >> log;
}

/// <summary>Which wavelet coefficients a band has: low or high in the horizontal direction, then in the vertical one.</summary>
enum Jpeg2000BandKind
{
    Ll,
    Hl,
    Lh,
    Hh,
}

/// <summary>A band of a resolution.</summary>
sealed class Jpeg2000Band
{
    public Jpeg2000Band(Jpeg2000BandKind kind, Jpeg2000Area area, int index, Jpeg2000Quantization quantization, int precision)
    {
        (Kind, Area) = (kind, area);
        int exponent = quantization.Exponent(index);
        Planes = quantization.GuardBits + exponent - 1;
        // Equation E-3; a high-pass filter doubles what a sample can reach (table E.1).
        int gain = kind switch { Jpeg2000BandKind.Ll => 0, Jpeg2000BandKind.Hh => 2, _ => 1 };
        Step = MathF.ScaleB(1 + quantization.Mantissa(index) / 2048f, precision + gain - exponent);
    }

    public Jpeg2000BandKind Kind { get; }

    public Jpeg2000Area Area { get; }

    /// <summary>The most bit planes of a coefficient, regions of interest aside (equation E-2).</summary>
    public int Planes { get; }

    /// <summary>The quantization's step; 9/7 only.</summary>
    public float Step { get; }

    /// <summary>Where its coefficients begin among the component's.</summary>
    public long Offset { get; set; }
}
