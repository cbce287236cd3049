using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;

namespace SeverityEngine.Imaging.Codecs;

/// <summary>What decoders of JPEG Lossless and of JPEG-LS have in common: headers of one form, and scans that make up a picture.</summary>
abstract unsafe class LosslessDecoder
{
    readonly byte* _data;
    readonly int _length, _frameMarker;
    readonly string _stream, _kind;
    LosslessFrame? _frame;

    /// <param name="data">The stream, which stays in place while it is decoded.</param>
    /// <param name="segments">Its segments.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="frameMarker">The marker of the frames that are decoded.</param>
    /// <param name="stream">What messages call the stream.</param>
    /// <param name="kind">What messages call such a picture.</param>
    /// <param name="name">The file, for messages.</param>
    protected LosslessDecoder(byte* data, int length, JpegSegments segments, int frameMarker, string stream, string kind, string name)
    {
        _data = data;
        _length = length;
        Segments = segments;
        _frameMarker = frameMarker;
        _stream = stream;
        _kind = kind;
        Name = name;
    }

    protected string Name { get; }

    protected JpegSegments Segments { get; }

    /// <summary>The fewest bytes that a picture's coded data can have.</summary>
    protected abstract long LeastBytes(CodecHeader header);

    /// <summary>Takes a segment that is neither a frame nor a scan header.</summary>
    protected abstract void ReadSegment(int marker, ReadOnlySpan<byte> content);

    /// <summary>Decodes a scan.</summary>
    /// <param name="scan">Its header.</param>
    /// <param name="frame">Takes its samples.</param>
    /// <param name="at">Where its coded data begin.</param>
    /// <param name="end">The stream's end.</param>
    /// <returns>Where the next marker stands.</returns>
    protected abstract byte* DecodeScan(LosslessScan scan, CodecFrame frame, byte* at, byte* end);

    /// <summary>Called when all scans are decoded.</summary>
    protected virtual void End(CodecFrame frame)
    {
    }

    protected CodecHeader ReadHeader()
    {
        if (ReadTables() != _frameMarker)
            throw ImageChecks.Corrupt(Name, $"its {_stream} has no frame header before its scan or its end");
        return _frame!.Header;
    }

    protected CodecFrame Decode(ImageLimits limits)
    {
        CodecHeader header = ReadHeader();
        ImageChecks.Dimensions(header.Width, header.Height, Name, limits);
        ImageChecks.Holds(Segments.Left, LeastBytes(header), Name);
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
            LosslessScan scan = LosslessScan.Read(Segments.Content, _frame!, ref decoded, Name);
            Segments.At = (int)(DecodeScan(scan, frame, _data + Segments.At, _data + _length) - _data);
        }
        if (decoded != all)
            throw ImageChecks.Truncated(Name, "scans of it are missing");
        End(frame);
    }

    /// <summary>Reads what stands before a frame's or a scan's header, that included.</summary>
    /// <returns>The marker that it ends at: of the frame, of a scan or of the end.</returns>
    int ReadTables()
    {
        while (true)
        {
            int marker = Segments.Next();
            ReadOnlySpan<byte> content = Segments.Content;
            switch (marker)
            {
                case -1:
                    throw ImageChecks.Truncated(Name, $"its {_stream} ends before its end marker");
                case JpegSegments.EndOfImage or JpegSegments.StartOfScan:
                    return marker;
                case JpegSegments.NumberOfLines:
                    throw ImageChecks.Corrupt(Name, "it gives its height a second time");
                case var frame when frame == _frameMarker:
                    if (_frame is not null)
                        throw ImageChecks.Corrupt(Name, "it has two frame headers");
                    _frame = LosslessFrame.Read(content, Name);
                    return marker;
                case var other when JpegSegments.IsFrame(other):
                    throw ImageChecks.Unsupported(Name, $"a JPEG of the kind {marker:X2}, not {_kind}, which is not read");
                default:
                    ReadSegment(marker, content);
                    break;
            }
        }
    }
}
