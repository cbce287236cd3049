using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>
/// JPEG 2000 (ITU-T T.800, ISO/IEC 15444-1) of one to four components of 1 to 16 bits: all of part 1 but subsampled components. The
/// reversible wavelet gives the very samples; of the irreversible one decoders differ by a level.
/// </summary>
/// <remarks>Nothing is made up: every packet must be there, and coded data must come out as encoders leave them.</remarks>
sealed unsafe class Jpeg2000Decoder : IDisposable
{
    readonly byte* _data;
    readonly int _length;
    readonly string _name;
    readonly ImageLimits _limits;
    readonly Jpeg2000Size _size;
    readonly Jpeg2000Settings _settings;
    readonly Jpeg2000PackedHeaders _packedHeaders;
    readonly int _tilePartsAt;
    readonly DecoderMemory _memory = new();
    readonly Jpeg2000Rows _rows = Jpeg2000Rows.For(Cpu.Kernels);
    readonly Jpeg2000CodeBlocks _blocks;

    /// <summary>Reads the headers before the first tile.</summary>
    Jpeg2000Decoder(byte* data, int length, string name, ImageLimits limits)
    {
        _data = data;
        _length = length;
        _name = name;
        _limits = limits;
        Jpeg2000Segments segments = new(data, 0, length, name);
        _size = ReadSize(segments, name);
        ImageChecks.Dimensions(_size.Header.Width, _size.Header.Height, name, limits);
        _settings = new Jpeg2000Settings(_size.Header.Components, name);
        _packedHeaders = new Jpeg2000PackedHeaders(name);
        while (true)
        {
            _tilePartsAt = segments.At;
            int marker = segments.Next();
            if (marker == Jpeg2000Segments.TilePart)
                break;
            if (!Jpeg2000Segments.IsInHeaders(marker) || marker == Jpeg2000Segments.TilePackedHeaders)
                throw ImageChecks.Corrupt(name, $"the marker {marker:X4} at byte {_tilePartsAt} of its code stream is out of place");
            if (marker == Jpeg2000Segments.PackedHeaders)
                _packedHeaders.Add(segments.Content);
            else
                _settings.Read(marker, segments.Content);
        }
        _settings.Check();
        _blocks = new Jpeg2000CodeBlocks(_memory, name);
    }

    /// <summary>Reads the size and the form of the samples alone.</summary>
    /// <param name="data">A code stream; boxes of JP2 may stand before it.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException">No JPEG 2000 picture, or one that is not read.</exception>
    public static CodecHeader ReadHeader(ReadOnlySpan<byte> data, string name)
    {
        data = CodeStream(data, name);
        fixed (byte* start = data)
            return ReadSize(new Jpeg2000Segments(start, 0, data.Length, name), name).Header;
    }

    /// <summary>Decodes a picture.</summary>
    /// <param name="data">A code stream; boxes of JP2 may stand before it, and anything after it.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">The limits of its size.</param>
    /// <exception cref="SeverityException">A picture that is not read, or is too large, truncated or corrupt.</exception>
    public static CodecFrame Decode(ReadOnlySpan<byte> data, string name, ImageLimits limits)
    {
        data = CodeStream(data, name);
        fixed (byte* start = data)
        {
            using Jpeg2000Decoder decoder = new(start, data.Length, name, limits);
            return decoder.Decode();
        }
    }

    public void Dispose() => _memory.Dispose();

    static ReadOnlySpan<byte> CodeStream(ReadOnlySpan<byte> data, string name)
    {
        ReadOnlySpan<byte> start = [0xFF, 0x4F, 0xFF, 0x51];
        int at = data.IndexOf(start);
        if (at >= 0)
            return data[at..];
        if (data.Length < start.Length)
            throw ImageChecks.Truncated(name, $"its JPEG 2000 code stream has {data.Length} bytes");
        throw ImageChecks.Corrupt(name, "it has no JPEG 2000 code stream");
    }

    static Jpeg2000Size ReadSize(Jpeg2000Segments segments, string name)
    {
        segments.Next(); // SOC and SIZ, as CodeStream found them
        segments.Next();
        return Jpeg2000Size.Read(segments.Content, name);
    }

    CodecFrame Decode()
    {
        List<Jpeg2000TilePart> parts = new Jpeg2000TileParts(_data, _length, _name).Find(_tilePartsAt, (int)_size.Tiles);
        byte[][] packed = _packedHeaders.IsEmpty ? [] : _packedHeaders.Split(parts.Count);
        CodecFrame? frame = null;
        try
        {
            foreach (IGrouping<int, int> tile in Enumerable.Range(0, parts.Count).GroupBy(i => parts[i].Tile))
            {
                byte[]? headers = packed.Length == 0 ? null : [.. tile.SelectMany(i => packed[i])];
                DecodeTile(tile.Key, [.. tile.Select(i => parts[i])], headers, ref frame);
            }
            return frame!; // there is a tile at least
        }
        catch
        {
            frame?.Dispose();
            throw;
        }
    }

    /// <param name="index">The tile's number.</param>
    /// <param name="parts">Its parts.</param>
    /// <param name="headers">Its packets' headers, where the picture's header has them.</param>
    /// <param name="frame">What is decoded to; it is made when the first tile's packets have been found whole.</param>
    void DecodeTile(int index, Jpeg2000TilePart[] parts, byte[]? headers, ref CodecFrame? frame)
    {
        Jpeg2000Settings settings = _settings.ForTile();
        headers = ReadTileHeaders(parts, settings) ?? headers;
        settings.Check();
        using DecoderMemory memory = new();
        byte* data = Join(parts, memory, out int length);
        fixed (byte* packed = headers)
        {
            Jpeg2000Tile tile = new(index, _size.Tile(index), settings, _size.Header.Precision, headers?.Length ?? length, _name);
            if (frame is null)
                _limits.Gate?.TakePicture(_size.Header.SampleBytes + Jpeg2000Output.BytesPerSample(settings) * _size.LargestTile);
            // An array without elements has no address; a packet's header has a byte at least.
            int left = Jpeg2000Packets.Read(tile, index, data, length, packed, headers?.Length ?? 0, _name);
            if (new ReadOnlySpan<byte>(data + length - left, left).ContainsAnyExcept((byte)0))
                throw ImageChecks.Corrupt(_name, $"{left} bytes follow the last packet of tile {index}");
            frame ??= new CodecFrame(_size.Header);
            if (left > 0)
                frame.Warnings.Add($"{_name}: {left} zeros follow the last packet of tile {index}");
            new Jpeg2000Output(tile, _size, frame, _rows).Write(_blocks, data, memory);
        }
    }

    /// <summary>Reads the headers of a tile's parts.</summary>
    /// <returns>The headers of its packets, if they are among them.</returns>
    byte[]? ReadTileHeaders(Jpeg2000TilePart[] parts, Jpeg2000Settings settings)
    {
        Jpeg2000PackedHeaders packed = new(_name);
        foreach (Jpeg2000TilePart part in parts)
        {
            Jpeg2000Segments segments = new(_data, part.Header, part.Data, _name);
            for (int marker = segments.Next(); marker != Jpeg2000Segments.StartOfData; marker = segments.Next())
            {
                if (!Jpeg2000Segments.IsInHeaders(marker) || marker == Jpeg2000Segments.PackedHeaders)
                    throw ImageChecks.Corrupt(_name, $"the marker {marker:X4} stands in a tile's header");
                if (marker == Jpeg2000Segments.TilePackedHeaders)
                    packed.Add(segments.Content);
                else
                    settings.Read(marker, segments.Content);
            }
        }
        if (packed.IsEmpty)
            return null;
        if (!_packedHeaders.IsEmpty)
            throw ImageChecks.Corrupt(_name, "a tile has its packets' headers in two places");
        return packed.Join();
    }

    /// <summary>A tile's data in one piece.</summary>
    byte* Join(Jpeg2000TilePart[] parts, DecoderMemory memory, out int length)
    {
        length = parts.Sum(p => p.DataLength);
        if (parts.Length == 1)
            return _data + parts[0].Data;
        byte* joined = (byte*)memory.Take(Math.Max(1, length));
        byte* at = joined;
        foreach (Jpeg2000TilePart part in parts)
        {
            new ReadOnlySpan<byte>(_data + part.Data, part.DataLength).CopyTo(new Span<byte>(at, part.DataLength));
            at += part.DataLength;
        }
        return joined;
    }
}
