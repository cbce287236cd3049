using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Stb;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// JPEG (ITU-T T.81) with Huffman coding in 8 bits, sequential and progressive. Channel 0 is to the bit what libjpeg-turbo gives; what it
/// does not depend on is not decoded. Nothing is made up: data that end early or make no sense are refused.
/// </summary>
sealed unsafe class JpegDecoder : IDisposable
{
    /// <summary>
    /// The most that libjpeg's cjpeg makes; encoders make about ten. Each may go over the whole picture, however short it is in the file.
    /// </summary>
    const int MaxScans = 100;

    readonly byte* _file;
    readonly int _length;
    readonly string _name;
    readonly List<string> _warnings = [];
    readonly JpegMemory _memory = new();
    readonly JpegSegments _segments;
    readonly JpegTables _tables;
    JpegFrame? _frame;
    int _restartInterval, _scans;
    bool _isJfif;
    int _adobeTransform = -1;

    JpegDecoder(byte* file, int length, string name)
    {
        _file = file;
        _length = length;
        _name = name;
        _segments = new JpegSegments(file, length, name, _warnings);
        _tables = new JpegTables(_memory, name);
    }

    /// <exception cref="SeverityException">A JPEG that is not read, or is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        fixed (byte* start = file)
        {
            using JpegDecoder decoder = new(start, file.Length, name);
            return decoder.Decode(file, limits);
        }
    }

    public void Dispose() => _memory.Dispose();

    XRayImage Decode(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        int marker = ReadTables(limits);
        if (marker < 0)
            throw ImageChecks.Truncated(_name, "it ends before its picture");
        if (marker == JpegSegments.EndOfImage)
            throw ImageChecks.Corrupt(_name, "it has no picture before its end marker");
        if (_frame is not { } frame)
            throw ImageChecks.Corrupt(_name, "its scan comes before its frame header");
        ImageChecks.Holds(_length - _segments.At, frame.LeastBytes, _name);
        if (frame.Components.Length == 4)
            return DecodeFourComponents(file, frame);

        frame.Components[0].Needed = true;
        if (frame.Components.Length == 3 && !IsRgb(frame))
            frame.Components[2].Needed = true; // Cr
        byte[] pixels = ArrayPool<byte>.Shared.Rent(frame.Width * frame.Height);
        try
        {
            fixed (byte* start = pixels)
                DecodeScans(frame, new JpegOutput(frame, start, _memory, _name), limits);
            return new XRayImage(pixels, frame.Width, frame.Height, 8, byte.MaxValue, "JPEG", _warnings);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(pixels);
            throw;
        }
    }

    /// <summary>libjpeg's rules: JFIF is YCbCr; else Adobe's segment says; else the components' names do.</summary>
    bool IsRgb(JpegFrame frame) => !_isJfif && (_adobeTransform >= 0
        ? _adobeTransform == 0
        : (frame.Components[0].Id, frame.Components[1].Id, frame.Components[2].Id) == ('R', 'G', 'B'));

    /// <summary>Reads what stands before a scan, its header included.</summary>
    /// <returns>The marker that it ends at: of a scan, of the end, or -1 where the file ends.</returns>
    int ReadTables(ImageLimits limits)
    {
        while (true)
        {
            int marker = _segments.Next();
            ReadOnlySpan<byte> content = _segments.Content;
            switch (marker)
            {
                case -1 or JpegSegments.EndOfImage or JpegSegments.StartOfScan:
                    return marker;
                case JpegSegments.QuantizationTables:
                    _tables.ReadQuantization(content);
                    break;
                case JpegSegments.HuffmanTables:
                    _tables.ReadHuffman(content);
                    break;
                case JpegSegments.RestartInterval:
                    if (content.Length != 2)
                        throw ImageChecks.Corrupt(_name, $"its restart interval has {content.Length} bytes");
                    _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(content);
                    break;
                case JpegSegments.Jfif:
                    _isJfif |= content.Length >= 14 && content.StartsWith("JFIF\0"u8);
                    break;
                case JpegSegments.Adobe:
                    if (content.Length >= 12 && content.StartsWith("Adobe"u8))
                        _adobeTransform = content[11];
                    break;
                case JpegSegments.ArithmeticConditioning:
                    throw ImageChecks.Unsupported(_name, "a JPEG with arithmetic coding, which is not read");
                default:
                    if (!JpegSegments.IsFrame(marker))
                        break;
                    if (_frame is not null)
                        throw ImageChecks.Corrupt(_name, "it has two frame headers");
                    _frame = JpegFrame.Read(marker, content, _name, limits);
                    break;
            }
        }
    }

    void DecodeScans(JpegFrame frame, JpegOutput output, ImageLimits limits)
    {
        // The first scan's header has been read.
        int marker = JpegSegments.StartOfScan;
        while (marker == JpegSegments.StartOfScan)
        {
            if (++_scans > MaxScans)
                throw ImageChecks.Corrupt(_name, $"it has more than {MaxScans} scans");
            JpegScan scan = JpegScan.Read(_segments.Content, frame, _tables, _name);
            bool isWhole = !frame.IsProgressive && scan.Components.Length == frame.Components.Length;
            if (!scan.IsNeeded)
            {
                if (!_segments.SkipScan())
                    throw ImageChecks.Truncated(_name, "it ends in a scan");
            }
            else
            {
                Prepare(scan, !isWhole);
                JpegScanDecoder decoder = new(frame, scan, _restartInterval, isWhole ? output : null, _name);
                _segments.At = (int)(decoder.Decode(_file + _segments.At, _file + _length) - _file);
            }
            if (isWhole)
            {
                ExpectEnd();
                return;
            }
            marker = ReadTables(limits);
        }
        foreach (JpegComponent component in frame.Components)
        {
            if (component.Needed && component.MissingBits.AsSpan().ContainsAnyExcept((sbyte)0))
                throw ImageChecks.Truncated(_name, "scans of it are missing");
        }
        output.WriteAll();
        if (marker < 0)
            _warnings.Add($"{_name}: the picture is whole, but its end marker is missing");
    }

    /// <summary>Takes a component's quantization table as it stands at its first scan, and memory for its coefficients.</summary>
    void Prepare(JpegScan scan, bool storesCoefficients)
    {
        foreach (JpegComponent component in scan.Components)
        {
            if (!component.Needed || component.Quantization is not null)
                continue;
            component.Quantization = (ushort*)_memory.Take(64 * sizeof(ushort));
            _tables.Quantizer(component.Quantizer).CopyTo(new Span<ushort>(component.Quantization, 64));
            if (storesCoefficients)
                component.Coefficients =
                    (short*)_memory.Take((long)component.PaddedBlocksWide * component.PaddedBlocksHigh * 64 * sizeof(short));
        }
    }

    /// <summary>The picture is whole: what follows is no reason to refuse it.</summary>
    void ExpectEnd()
    {
        try
        {
            int marker = _segments.Next();
            while (marker is not (-1 or JpegSegments.EndOfImage or JpegSegments.StartOfScan))
                marker = _segments.Next();
            if (marker != JpegSegments.EndOfImage)
                _warnings.Add($"{_name}: the picture is whole, but {(marker < 0 ? "its end marker is missing" : "another scan follows")}");
        }
        catch (SeverityException e)
        {
            _warnings.Add($"{_name}: the picture is whole, but what follows it is not: {e.Message}");
        }
    }

    /// <summary>
    /// CMYK and its kin, rare among X-rays, are left to StbImageSharp; it trusts what it reads, so all markers are walked first.
    /// </summary>
    XRayImage DecodeFourComponents(ReadOnlySpan<byte> file, JpegFrame frame)
    {
        int marker = JpegSegments.StartOfScan;
        while (marker != JpegSegments.EndOfImage)
        {
            if (JpegSegments.IsFrame(marker))
                throw ImageChecks.Corrupt(_name, "it has two frame headers");
            if (marker == JpegSegments.StartOfScan)
            {
                if (++_scans > MaxScans)
                    throw ImageChecks.Corrupt(_name, $"it has more than {MaxScans} scans");
                _segments.SkipScan();
            }
            marker = _segments.Next();
            if (marker < 0)
                throw ImageChecks.Truncated(_name, "its end marker is missing");
        }
        return StbDecoder.DecodeJpeg(file[.._segments.At], frame, _name);
    }
}

/// <summary>Zeroed native memory for one picture's decoding; all of it is freed with this, its one owner.</summary>
sealed unsafe class JpegMemory : IDisposable
{
    readonly List<nint> _blocks = [];

    /// <summary>Large blocks come from the system as pages that take memory when they are first written.</summary>
    public void* Take(long bytes)
    {
        void* block = NativeMemory.AllocZeroed((nuint)bytes);
        _blocks.Add((nint)block);
        return block;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks)
            NativeMemory.Free((void*)block);
        _blocks.Clear();
    }
}
