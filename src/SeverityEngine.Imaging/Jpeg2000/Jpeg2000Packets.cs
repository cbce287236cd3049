using System.Numerics;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>Reads a tile's packets (ITU-T T.800, B.9 to B.12): which data belong to which code block.</summary>
sealed unsafe class Jpeg2000Packets
{
    /// <summary>No length of a chunk has so many bits.</summary>
    const int MostLengthBits = 31;

    /// <summary>
    /// The most chunks of a tile: empty ones cost memory too. A chest X-ray with all passes apart has some 100,000 in blocks of 64 x 64,
    /// and not so many in those of 8 x 8.
    /// </summary>
    const int MostChunks = (8 << 20) - 1;

    readonly Jpeg2000Tile _tile;
    readonly int _index;
    readonly string _name;
    readonly byte* _data, _headersEnd;
    readonly int _length;
    readonly bool _isPacked;
    byte* _header;
    int _at, _packet;
    long _visits;

    Jpeg2000Packets(Jpeg2000Tile tile, int index, byte* data, int length, byte* headers, int headersLength, string name)
    {
        (_tile, _index, _name) = (tile, index, name);
        _data = data;
        _length = length;
        _isPacked = headers != null;
        _header = _isPacked ? headers : data;
        _headersEnd = _header + (_isPacked ? headersLength : length);
        // A block that a packet has nothing of costs time but no bit. This many come nowhere near what encoders make.
        _visits = (4L << 20) + 256L * (length + headersLength)
            + 2 * tile.Components.Length * (long)tile.Area.Width * tile.Area.Height;
    }

    /// <summary>Reads all of them.</summary>
    /// <param name="tile">What they are of, and what takes in what they bring.</param>
    /// <param name="index">The tile's number.</param>
    /// <param name="data">The tile's data.</param>
    /// <param name="length">Their length.</param>
    /// <param name="headers">The packets' headers where they stand apart, else null.</param>
    /// <param name="headersLength">Their length.</param>
    /// <param name="name">The file, for messages.</param>
    /// <returns>How many bytes follow the last packet.</returns>
    public static int Read(Jpeg2000Tile tile, int index, byte* data, int length, byte* headers, int headersLength, string name)
    {
        Jpeg2000Packets packets = new(tile, index, data, length, headers, headersLength, name);
        foreach (Jpeg2000Progression progression in tile.Settings.Progressions)
            packets.Read(progression);
        foreach (Jpeg2000TileComponent component in tile.Components)
        {
            foreach (Jpeg2000Resolution resolution in component.Resolutions)
            {
                foreach (ref Jpeg2000Precinct precinct in resolution.Precincts.AsSpan())
                {
                    if (precinct.Layers < tile.Settings.Layers)
                        throw ImageChecks.Corrupt(name, $"the progressions of tile {index} leave packets out");
                }
            }
        }
        if (packets._isPacked && packets._header != packets._headersEnd)
            throw ImageChecks.Corrupt(name, $"bytes follow the packets' headers of tile {index}");
        return length - packets._at;
    }

    void Read(Jpeg2000Progression progression)
    {
        int layers = Math.Min(progression.LayersEnd, _tile.Settings.Layers);
        List<Place> places = PlacesOf(progression, layers);
        switch (progression.Order)
        {
            case Jpeg2000Order.Lrcp:
                places.Sort((a, b) => (a.Resolution, a.Component, a.Precinct).CompareTo((b.Resolution, b.Component, b.Precinct)));
                ReadLayers(places, layers);
                break;
            case Jpeg2000Order.Rlcp:
                places.Sort((a, b) => (a.Resolution, a.Component, a.Precinct).CompareTo((b.Resolution, b.Component, b.Precinct)));
                for (int start = 0, end; start < places.Count; start = end)
                {
                    for (end = start + 1; end < places.Count && places[end].Resolution == places[start].Resolution; end++)
                    {
                    }
                    ReadLayers(places[start..end], layers);
                }
                break;
            case Jpeg2000Order.Rpcl:
                places.Sort((a, b) =>
                    (a.Resolution, a.Y, a.X, a.Component, a.Precinct).CompareTo((b.Resolution, b.Y, b.X, b.Component, b.Precinct)));
                ReadPlaces(places, layers);
                break;
            case Jpeg2000Order.Pcrl:
                places.Sort((a, b) =>
                    (a.Y, a.X, a.Component, a.Resolution, a.Precinct).CompareTo((b.Y, b.X, b.Component, b.Resolution, b.Precinct)));
                ReadPlaces(places, layers);
                break;
            default:
                places.Sort((a, b) =>
                    (a.Component, a.Y, a.X, a.Resolution, a.Precinct).CompareTo((b.Component, b.Y, b.X, b.Resolution, b.Precinct)));
                ReadPlaces(places, layers);
                break;
        }
    }

    /// <summary>The precincts of a progression that have packets in it.</summary>
    List<Place> PlacesOf(Jpeg2000Progression progression, int layers)
    {
        List<Place> places = [];
        for (int c = progression.FirstComponent; c < Math.Min(progression.ComponentsEnd, _tile.Components.Length); c++)
        {
            Jpeg2000Resolution[] resolutions = _tile.Components[c].Resolutions;
            for (int r = progression.FirstResolution; r < Math.Min(progression.ResolutionsEnd, resolutions.Length); r++)
            {
                for (int p = 0; p < resolutions[r].Precincts.Length; p++)
                {
                    if (resolutions[r].Precincts[p].Layers >= layers)
                        continue;
                    int wide = resolutions[r].PrecinctsWide;
                    places.Add(new Place(resolutions[r].PositionY(p / wide), resolutions[r].PositionX(p % wide), c, r, p));
                }
            }
        }
        return places;
    }

    /// <summary>Layer by layer.</summary>
    void ReadLayers(List<Place> places, int layers)
    {
        for (int layer = 0; layer < layers; layer++)
        {
            foreach (Place place in places)
            {
                if (Precinct(place).Layers == layer)
                    ReadPacket(place);
            }
        }
    }

    /// <summary>Precinct by precinct.</summary>
    void ReadPlaces(List<Place> places, int layers)
    {
        foreach (Place place in places)
        {
            while (Precinct(place).Layers < layers)
                ReadPacket(place);
        }
    }

    ref Jpeg2000Precinct Precinct(Place place) =>
        ref _tile.Components[place.Component].Resolutions[place.Resolution].Precincts[place.Precinct];

    void ReadPacket(Place place)
    {
        Jpeg2000TileComponent component = _tile.Components[place.Component];
        Jpeg2000Resolution resolution = component.Resolutions[place.Resolution];
        ref Jpeg2000Precinct precinct = ref resolution.Precincts[place.Precinct];
        if (_tile.Settings.HasStartMarkers)
            SkipStartMarker();
        if (!_isPacked)
            _header = _data + _at;
        Jpeg2000PacketBits bits = new(_header, _headersEnd, _name);
        int last = _tile.Chunks.Last;
        if (bits.Next() != 0)
        {
            precinct.Bands ??= resolution.CreateBands(place.Precinct);
            for (int i = 0; i < precinct.Bands.Length; i++)
                ReadBand(ref bits, precinct.Bands[i], resolution.Bands[i], component, precinct.Layers);
        }
        _header = bits.End();
        if (_tile.Settings.HasEndMarkers)
        {
            if (_headersEnd - _header < 2)
                throw ImageChecks.Truncated(_name, $"tile {_index} ends before the end of a packet's header");
            if (_header[0] != Jpeg2000Segments.EndOfPacketHeader >> 8 || _header[1] != (Jpeg2000Segments.EndOfPacketHeader & 0xFF))
                throw ImageChecks.Corrupt(_name, $"packet {_packet} of tile {_index} has no marker at its header's end");
            _header += 2;
        }
        if (!_isPacked)
            _at = (int)(_header - _data);
        for (int chunk = last + 1; chunk <= _tile.Chunks.Last; chunk++)
        {
            ref Jpeg2000Chunk added = ref _tile.Chunks[chunk];
            if (added.Length > _length - _at)
            {
                throw ImageChecks.Truncated(
                    _name, $"packet {_packet} of tile {_index} asks for {added.Length} bytes and {_length - _at} are there");
            }
            added.Start = _at;
            _at += added.Length;
        }
        precinct.Layers++;
        _packet++;
    }

    /// <summary>Packets may begin with a marker that counts them (A.8.1).</summary>
    void SkipStartMarker()
    {
        const int Length = 6;
        byte* at = _data + _at;
        if (_length - _at < 2 || at[0] != Jpeg2000Segments.StartOfPacket >> 8 || at[1] != (Jpeg2000Segments.StartOfPacket & 0xFF))
            return;
        if (_length - _at < Length)
            throw ImageChecks.Truncated(_name, $"tile {_index} ends within the marker of packet {_packet}");
        int number = at[4] << 8 | at[5];
        if (at[2] != 0 || at[3] != 4 || number != (_packet & 0xFFFF))
            throw ImageChecks.Corrupt(_name, $"the marker of packet {_packet} of tile {_index} says that it is packet {number}");
        _at += Length;
    }

    void ReadBand(
        ref Jpeg2000PacketBits bits, Jpeg2000PrecinctBand part, Jpeg2000Band band, Jpeg2000TileComponent component, int layer)
    {
        _visits -= part.Blocks.Length;
        if (_visits < 0)
            throw ImageChecks.Corrupt(_name, $"tile {_index} has far more code blocks and layers than data");
        int index = 0;
        for (int y = 0; y < part.BlocksHigh; y++)
        {
            for (int x = 0; x < part.BlocksWide; x++, index++)
            {
                ref Jpeg2000CodeBlock block = ref part.Blocks[index];
                if (block.LengthBits == 0)
                {
                    if (!part.Inclusion.IsBelow(ref bits, x, y, layer + 1))
                        continue;
                    int planes = band.Planes + component.RegionShift, zero = 0;
                    while (!part.ZeroPlanes.IsBelow(ref bits, x, y, zero + 1))
                    {
                        if (++zero > planes)
                            throw ImageChecks.Corrupt(_name, $"a code block of tile {_index} leaves out more bit planes than there are");
                    }
                    (block.ZeroPlanes, block.LengthBits) = (zero, 3);
                }
                else if (bits.Next() == 0)
                {
                    continue;
                }
                ReadBlock(ref bits, ref block, component.Coding.Styles, band.Planes + component.RegionShift - block.ZeroPlanes);
            }
        }
    }

    void ReadBlock(ref Jpeg2000PacketBits bits, ref Jpeg2000CodeBlock block, Jpeg2000Styles styles, int planes)
    {
        int passes = bits.Passes();
        if (block.Passes + passes > 3 * planes - 2)
        {
            throw ImageChecks.Corrupt(
                _name, $"a code block of tile {_index} has {block.Passes + passes} coding passes over {planes} bit planes");
        }
        if (planes > Jpeg2000Block.MostPlanes)
            throw ImageChecks.Unsupported(_name, $"a JPEG 2000 picture with coefficients of {planes} bits, which is not read");
        while (bits.Next() != 0)
        {
            if (++block.LengthBits > MostLengthBits)
                throw ImageChecks.Corrupt(_name, $"a code block of tile {_index} has a length of more than {MostLengthBits} bits");
        }
        while (passes > 0)
        {
            int count = Math.Min(passes, Jpeg2000CodeBlocks.PassesToSegmentEnd(styles, block.Passes, out bool begins));
            int lengthBits = block.LengthBits + BitOperations.Log2((uint)count);
            if (lengthBits > MostLengthBits)
                throw ImageChecks.Corrupt(_name, $"a code block of tile {_index} has a length of {lengthBits} bits");
            int length = (int)bits.Next(lengthBits);
            if (_tile.Chunks.Last == MostChunks)
                throw ImageChecks.Unsupported(_name, $"a JPEG 2000 picture of more than {MostChunks} pieces in a tile, which is not read");
            _tile.Chunks.Add(ref block, new Jpeg2000Chunk { Length = length, Passes = count, BeginsSegment = begins });
            block.Passes += count;
            passes -= count;
        }
    }

    /// <summary>A precinct, and where it lies.</summary>
    readonly record struct Place(long Y, long X, int Component, int Resolution, int Precinct);
}
