using System.Buffers.Binary;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>
/// JPEG (ITU-T T.81) with Huffman coding in 8 bits, sequential and progressive. Channel 0 is to the bit what libjpeg-turbo gives; what it
/// does not depend on is only checked. Nothing is made up: what libjpeg warns of is refused, and coded data must come out even.
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
    readonly DecoderMemory _memory = new();
    readonly JpegSegments _segments;
    readonly int _precision;
    readonly JpegTables _tables;
    JpegFrame? _frame;
    int _restartInterval, _scans;
    bool _isJfif, _isTurned;
    int _adobeTransform = -1;

    JpegDecoder(byte* file, int length, string name, int precision = 8)
    {
        _precision = precision;
        _file = file;
        _length = length;
        _name = name;
        _segments = new JpegSegments(file, length, name);
        _tables = new JpegTables(_memory, name);
    }

    /// <summary>
    /// Samples of 8 bits, within 128 levels of the middle, make coefficients within 1024; twice that much leaves room for encoders that
    /// overshoot.
    /// </summary>
    int MostCoefficient => 2 << (_precision + 2);

    /// <exception cref="SeverityException">A JPEG that is not read, or is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits) =>
        Decode(file, name, limits, JpegColor.YCbCr);

    /// <summary>Decodes a picture that stands in another file.</summary>
    /// <param name="stream">The JPEG.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">The limits of its size.</param>
    /// <param name="unmarked">What three components are where nothing in the JPEG tells.</param>
    /// <param name="isCertain">Whether a JPEG that tells something else is refused.</param>
    /// <exception cref="SeverityException">A JPEG that is not read, or is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(
        ReadOnlySpan<byte> stream, string name, ImageLimits limits, JpegColor unmarked, bool isCertain = false)
    {
        fixed (byte* start = stream)
        {
            using JpegDecoder decoder = new(start, stream.Length, name);
            return decoder.Decode(unmarked, isCertain, limits);
        }
    }

    /// <summary>Reads the size and the form of the samples alone.</summary>
    /// <param name="stream">The JPEG.</param>
    /// <param name="precision">How many bits a sample may have, 8 or 12.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">The limits of its size.</param>
    /// <exception cref="SeverityException">A JPEG that is not read, or is too large, truncated or corrupt.</exception>
    public static CodecHeader ReadHeader(ReadOnlySpan<byte> stream, int precision, string name, ImageLimits limits)
    {
        fixed (byte* start = stream)
        {
            using JpegDecoder decoder = new(start, stream.Length, name, precision);
            return decoder.ReadFrame(limits).Header;
        }
    }

    /// <summary>Decodes a gray picture of 12 bits (extended sequential), as DICOM's files hold them.</summary>
    /// <exception cref="SeverityException">A JPEG that is not read, or is too large, truncated or corrupt.</exception>
    public static CodecFrame DecodeTwelveBits(ReadOnlySpan<byte> stream, string name, ImageLimits limits)
    {
        fixed (byte* start = stream)
        {
            using JpegDecoder decoder = new(start, stream.Length, name, precision: 12);
            JpegFrame frame = decoder.ReadFrame(limits);
            if (frame.Components.Length > 1)
                throw ImageChecks.Unsupported(name, "a JPEG of 12 bits a sample in color, which is not read");
            JpegComponent component = frame.Components[0];
            component.Needed = true;
            decoder._tables.SupplyHuffman();
            limits.Gate?.TakePicture(component.CoefficientBytes + 2L * frame.Width * frame.Height);
            decoder.DecodeScans(frame, null, limits);
            CodecFrame decoded = new(frame.Header);
            JpegTwelveBits.Transform(component, decoded.Plane(0), frame.Width, frame.Height);
            decoded.Warnings.AddRange(decoder._warnings);
            return decoded;
        }
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Reads up to the first scan.</summary>
    JpegFrame ReadFrame(ImageLimits limits)
    {
        int marker = ReadTables(limits);
        if (marker < 0)
            throw ImageChecks.Truncated(_name, "it ends before its picture");
        if (marker == JpegSegments.EndOfImage)
            throw ImageChecks.Corrupt(_name, "it has no picture before its end marker");
        if (_frame is not { } frame)
            throw ImageChecks.Corrupt(_name, "its scan comes before its frame header");
        ImageChecks.Holds(_length - _segments.At, frame.LeastBytes, _name);
        return frame;
    }

    XRayImage Decode(JpegColor unmarked, bool isCertain, ImageLimits limits)
    {
        JpegFrame frame = ReadFrame(limits);
        JpegColor color = JpegColors.Of(frame, _isJfif, _adobeTransform, unmarked, _name);
        if (isCertain && color != unmarked && color != JpegColor.Gray)
            throw ImageChecks.Unsupported(_name, $"a JPEG that is marked as {color} in a file that says {unmarked}, which is not read");
        foreach (byte index in color.Needed())
            frame.Components[index].Needed = true;
        if (!frame.IsProgressive)
            _tables.SupplyHuffman();
        limits.Gate?.TakePicture((long)frame.Width * frame.Height + CoefficientBytes(frame));
        byte[] pixels = FilePool.Rent(frame.Width * frame.Height);
        try
        {
            fixed (byte* start = pixels)
            {
                JpegOutput output = new(frame, color, start, _memory);
                DecodeScans(frame, output, limits);
                return new XRayImage(pixels, frame.Width, frame.Height, 8, byte.MaxValue, "JPEG", _warnings)
                {
                    ChannelsDiffer = ChannelsDiffer(frame, color, output),
                };
            }
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    /// <summary>
    /// Whether a component of chroma is 4 levels from the middle on the average, which is 7 or more between red and another channel (JFIF
    /// 1.02); without chroma, what <see cref="ChannelDifference"/> says.
    /// </summary>
    static bool ChannelsDiffer(JpegFrame frame, JpegColor color, JpegOutput output)
    {
        const int ChromaLevels = 4;
        if (!color.HasChroma())
            return output.Difference.IsLarge;
        return frame.Components[1..3].Any(c =>
            c.SumOfDc * c.Quantization[0] >= 8L * ChromaLevels * c.BlocksWide * c.BlocksHigh);
    }

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
                    _restartInterval = JpegSegments.ReadRestartInterval(content, _name);
                    break;
                case JpegSegments.Jfif:
                    if (content.Length < 14 || !content.StartsWith("JFIF\0"u8))
                        break;
                    if (content[5] != 1)
                        throw ImageChecks.Corrupt(_name, $"its JFIF segment claims version {content[5]}.{content[6]}");
                    _isJfif = true;
                    break;
                case JpegSegments.Exif:
                    if (Exif.Orientation(content) is var orientation && orientation != Exif.Upright && !_isTurned)
                    {
                        _isTurned = true;
                        _warnings.Add(ImageDoubts.Turned(orientation, _name));
                    }
                    break;
                case JpegSegments.Adobe:
                    if (content.Length >= 12 && content.StartsWith("Adobe"u8))
                        _adobeTransform = content[11];
                    break;
                case JpegSegments.NumberOfLines:
                    if (_scans != 1 || content.Length != 2 || BinaryPrimitives.ReadUInt16BigEndian(content) != _frame!.Height)
                        throw ImageChecks.Corrupt(_name, "it gives its height a second time, out of place or differently");
                    break;
                case JpegSegments.ArithmeticConditioning:
                    throw ImageChecks.Unsupported(_name, "a JPEG with arithmetic coding, which is not read");
                default:
                    if (!JpegSegments.IsFrame(marker))
                        break;
                    if (_frame is not null)
                        throw ImageChecks.Corrupt(_name, "it has two frame headers");
                    _frame = JpegFrame.Read(marker, content, _precision, _name, limits);
                    break;
            }
        }
    }

    void DecodeScans(JpegFrame frame, JpegOutput? output, ImageLimits limits)
    {
        // The first scan's header has been read.
        int marker = JpegSegments.StartOfScan;
        bool isWritten = false;
        JpegPadding padding = JpegPadding.None;
        while (marker == JpegSegments.StartOfScan)
        {
            if (isWritten)
                throw ImageChecks.Corrupt(_name, "another scan follows the one with the whole picture");
            if (++_scans > MaxScans)
                throw ImageChecks.Corrupt(_name, $"it has more than {MaxScans} scans");
            JpegScan scan = JpegScan.Read(_segments.Content, frame, _tables, _name);
            isWritten = output is not null && !frame.IsProgressive && scan.Components.Length == frame.Components.Length;
            Prepare(scan, frame, !isWritten);
            JpegScanDecoder decoder = new(frame, scan, _restartInterval, isWritten ? output : null, _name);
            _segments.At = (int)(decoder.Decode(_file + _segments.At, _file + _length) - _file);
            padding |= decoder.Padding;
            if (padding == (JpegPadding.Ones | JpegPadding.Zeros))
                throw ImageChecks.Corrupt(_name, "the bits that fill up its coded data are ones and zeros");
            if (decoder.EndsWithRestart)
                _warnings.Add($"{_name}: a restart marker follows the last block of a scan");
            marker = ReadTables(limits);
        }
        foreach (JpegComponent component in frame.Components)
        {
            if (component.MissingBits.AsSpan().ContainsAnyExcept((sbyte)0))
                throw ImageChecks.Truncated(_name, "scans of it are missing");
        }
        if (!isWritten)
            output?.WriteAll();
        if (output is { IsBeyondRange: true })
            throw ImageChecks.Corrupt(_name, "it has coefficients far beyond those that samples make");
        if (padding == JpegPadding.Zeros)
            _warnings.Add($"{_name}: zeros fill up its coded data, and ones should");
        if (marker < 0)
            _warnings.Add($"{_name}: the picture is whole, but its end marker is missing");
        else if (_segments.Left > 0)
            _warnings.Add($"{_name}: {_segments.Left} bytes follow the image's end");
    }

    /// <summary>The memory of the coefficients that are kept from scan to scan: none where one scan has all components.</summary>
    long CoefficientBytes(JpegFrame frame)
    {
        ReadOnlySpan<byte> firstScan = _segments.Content;
        if (!frame.IsProgressive && firstScan is [byte count, ..] && count == frame.Components.Length)
            return 0;
        return frame.Components.Where(c => Keeps(c, frame)).Sum(c => c.CoefficientBytes);
    }

    // What a refinement's bits mean depends on the coefficients before, so that progressive scans are kept, needed or not.
    static bool Keeps(JpegComponent component, JpegFrame frame) => component.Needed || frame.IsProgressive;

    /// <summary>Takes a component's quantization table as it stands at its first scan, and memory for its coefficients.</summary>
    void Prepare(JpegScan scan, JpegFrame frame, bool storesCoefficients)
    {
        foreach (JpegComponent component in scan.Components)
        {
            if (component.Quantization is not null)
                continue;
            component.Quantization = (ushort*)_memory.Take(64 * sizeof(ushort));
            component.Limits = (short*)_memory.Take(64 * sizeof(short));
            ReadOnlySpan<ushort> quantizer = _tables.Quantizer(component.Quantizer);
            for (int i = 0; i < 64; i++)
            {
                component.Quantization[i] = quantizer[i];
                component.Limits[i] = (short)Math.Min(1 + MostCoefficient / quantizer[i], short.MaxValue);
            }
            if (storesCoefficients && Keeps(component, frame))
                component.Coefficients = (short*)_memory.Take(component.CoefficientBytes);
        }
    }
}
