using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;

namespace SeverityEngine.Imaging.JpegLs;

/// <summary>
/// JPEG-LS (ITU-T T.87, ISO/IEC 14495-1), lossless and near-lossless, in 2 to 16 bits: one component or three, one after the other or
/// interleaved by lines or by samples. Not read: restart intervals, mapping tables, point transforms, which DICOM has no use for.
/// </summary>
/// <remarks>Nothing is made up: every sample must be there, and coded data must come out even.</remarks>
sealed unsafe class JpegLsDecoder
{
    const int ParametersBytes = 11;

    readonly byte* _data;
    readonly int _length;
    readonly string _name;
    readonly JpegSegments _segments;
    LosslessFrame? _frame;
    byte[] _parameters = [];

    JpegLsDecoder(byte* data, int length, string name)
    {
        _data = data;
        _length = length;
        _name = name;
        _segments = new JpegSegments(data, length, name, isLs: true);
    }

    /// <summary>Reads the size and the form of the samples alone.</summary>
    /// <param name="data">A JPEG-LS stream.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException">No JPEG-LS picture, or one that is not read.</exception>
    public static CodecHeader ReadHeader(ReadOnlySpan<byte> data, string name)
    {
        LosslessFrame.CheckStart(data, name);
        fixed (byte* start = data)
            return new JpegLsDecoder(start, data.Length, name).ReadFrame().Header;
    }

    /// <summary>Decodes a picture.</summary>
    /// <param name="data">A JPEG-LS stream, and anything after it.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">The limits of its size.</param>
    /// <exception cref="SeverityException">A picture that is not read, or is too large, truncated or corrupt.</exception>
    public static CodecFrame Decode(ReadOnlySpan<byte> data, string name, ImageLimits limits)
    {
        LosslessFrame.CheckStart(data, name);
        fixed (byte* start = data)
            return new JpegLsDecoder(start, data.Length, name).Decode(limits);
    }

    CodecFrame Decode(ImageLimits limits)
    {
        CodecHeader header = ReadFrame().Header;
        ImageChecks.Dimensions(header.Width, header.Height, _name, limits);
        // A row of equal pixels takes a bit.
        ImageChecks.Holds(_segments.Left, header.Height / 8, _name);
        limits.Gate?.TakePicture(header.SampleBytes);
        CodecFrame frame = new(header);
        try
        {
            DecodeScans(frame);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    void DecodeScans(CodecFrame frame)
    {
        int decoded = 0, all = (1 << frame.Header.Components) - 1;
        while (ReadTables() == JpegSegments.StartOfScan)
        {
            LosslessScan scan = LosslessScan.Read(_segments.Content, _frame!, ref decoded, _name);
            if (scan.PointTransform != 0)
                throw ImageChecks.Unsupported(_name, "a JPEG-LS image with a point transform, which is not read");
            if (scan.Tables.AsSpan().ContainsAnyExcept((byte)0))
                throw ImageChecks.Unsupported(_name, "a JPEG-LS image with mapping tables, which is not read");
            // Of one component the interleaving means nothing.
            if (scan.Components.Length > 1 && scan.Second is not (JpegLsScanDecoder.ByLines or JpegLsScanDecoder.BySamples))
                throw ImageChecks.Corrupt(_name, $"its scan of {scan.Components.Length} components has the interleaving {scan.Second}");
            JpegLsParameters parameters = JpegLsParameters.Read(_parameters, scan.First, frame.Header.Precision, _name);
            using JpegLsScanDecoder decoder = new(scan, parameters, frame, _name);
            _segments.At = (int)(decoder.Decode(_data + _segments.At, _data + _length) - _data);
        }
        if (decoded != all)
            throw ImageChecks.Truncated(_name, "scans of it are missing");
    }

    LosslessFrame ReadFrame()
    {
        if (ReadTables() != JpegSegments.LsFrame)
            throw ImageChecks.Corrupt(_name, "its JPEG-LS stream has no frame header before its scan or its end");
        return _frame!;
    }

    /// <summary>Reads what stands before a frame's or a scan's header, that included.</summary>
    /// <returns>The marker that it ends at: of the frame, of a scan or of the end.</returns>
    int ReadTables()
    {
        while (true)
        {
            int marker = _segments.Next();
            ReadOnlySpan<byte> content = _segments.Content;
            switch (marker)
            {
                case -1:
                    throw ImageChecks.Truncated(_name, "its JPEG-LS stream ends before its end marker");
                case JpegSegments.EndOfImage or JpegSegments.StartOfScan:
                    return marker;
                case JpegSegments.LsParameters:
                    ReadParameters(content);
                    break;
                case JpegSegments.RestartInterval:
                    if (content.ContainsAnyExcept((byte)0))
                        throw ImageChecks.Unsupported(_name, "a JPEG-LS image with restart intervals, which is not read");
                    break;
                case JpegSegments.NumberOfLines:
                    throw ImageChecks.Corrupt(_name, "it gives its height a second time");
                case JpegSegments.ColorTransform:
                    if (content.StartsWith("mrfx"u8) && content[^1] != 0)
                        throw ImageChecks.Unsupported(_name, "a JPEG-LS image with a color transform of HP, which is not read");
                    break;
                case JpegSegments.LsFrame:
                    if (_frame is not null)
                        throw ImageChecks.Corrupt(_name, "it has two frame headers");
                    _frame = LosslessFrame.Read(content, _name);
                    return marker;
                default:
                    if (JpegSegments.IsFrame(marker))
                        throw ImageChecks.Unsupported(_name, $"a JPEG of the kind {marker:X2}, not a JPEG-LS image, which is not read");
                    break;
            }
        }
    }

    void ReadParameters(ReadOnlySpan<byte> content)
    {
        const int Coding = 1, MappingTable = 2, MappingTableRest = 3, LargeSize = 4;
        switch (content.IsEmpty ? 0 : content[0])
        {
            case Coding when content.Length == ParametersBytes:
                _parameters = content[1..].ToArray();
                break;
            case MappingTable or MappingTableRest:
                break; // a scan that uses one is refused
            case LargeSize:
                throw ImageChecks.Unsupported(_name, "a JPEG-LS image of more than 65,535 pixels a side, which is not read");
            default:
                throw ImageChecks.Corrupt(_name, $"its segment of parameters has {content.Length} bytes");
        }
    }
}
