using System.Buffers.Binary;
using System.Numerics.Tensors;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;

namespace SeverityEngine.Imaging.JpegLossless;

/// <summary>
/// The lossless process of JPEG with Huffman coding (ITU-T T.81, annex H) in 2 to 16 bits: every selection value and point transform,
/// restart intervals, one component or three, interleaved or one after the other.
/// </summary>
/// <remarks>Nothing is made up: every sample must be there and within its bits, and coded data must come out even.</remarks>
sealed unsafe class JpegLosslessDecoder : IDisposable
{
    readonly byte* _data;
    readonly int _length;
    readonly string _name;
    readonly DecoderMemory _memory = new();
    readonly JpegSegments _segments;
    readonly JpegTables _tables;
    LosslessFrame? _frame;
    int _restartInterval;

    JpegLosslessDecoder(byte* data, int length, string name)
    {
        _data = data;
        _length = length;
        _name = name;
        _segments = new JpegSegments(data, length, name);
        _tables = new JpegTables(_memory, name, isLossless: true);
    }

    /// <summary>Reads the size and the form of the samples alone.</summary>
    /// <param name="data">A JPEG.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException">No lossless JPEG, or one that is not read.</exception>
    public static CodecHeader ReadHeader(ReadOnlySpan<byte> data, string name)
    {
        LosslessFrame.CheckStart(data, name);
        fixed (byte* start = data)
        {
            using JpegLosslessDecoder decoder = new(start, data.Length, name);
            return decoder.ReadFrame().Header;
        }
    }

    /// <summary>Decodes a picture.</summary>
    /// <param name="data">A JPEG, and anything after it.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">The limits of its size.</param>
    /// <exception cref="SeverityException">A picture that is not read, or is too large, truncated or corrupt.</exception>
    public static CodecFrame Decode(ReadOnlySpan<byte> data, string name, ImageLimits limits)
    {
        LosslessFrame.CheckStart(data, name);
        fixed (byte* start = data)
        {
            using JpegLosslessDecoder decoder = new(start, data.Length, name);
            return decoder.Decode(limits);
        }
    }

    public void Dispose() => _memory.Dispose();

    CodecFrame Decode(ImageLimits limits)
    {
        CodecHeader header = ReadFrame().Header;
        ImageChecks.Dimensions(header.Width, header.Height, _name, limits);
        // No code is shorter than a bit.
        ImageChecks.Holds(_segments.Left, (long)header.Width * header.Height * header.Components / 8, _name);
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
        JpegPadding padding = JpegPadding.None;
        while (ReadTables() == JpegSegments.StartOfScan)
        {
            LosslessScan scan = LosslessScan.Read(_segments.Content, _frame!, ref decoded, _name);
            JpegLosslessScanDecoder decoder = new(scan, _tables, _restartInterval, frame, _name);
            _segments.At = (int)(decoder.Decode(_data + _segments.At, _data + _length) - _data);
            padding |= decoder.Padding;
            if (padding == (JpegPadding.Ones | JpegPadding.Zeros))
                throw ImageChecks.Corrupt(_name, "coded data are left over: the bits that fill them up are ones and zeros");
            if (scan.PointTransform == 0)
                continue;
            foreach (int component in scan.Components)
                TensorPrimitives.ShiftLeft(frame.Plane(component), scan.PointTransform, frame.Plane(component));
        }
        if (decoded != all)
            throw ImageChecks.Truncated(_name, "scans of it are missing");
        if (padding == JpegPadding.Zeros)
            frame.Warnings.Add($"{_name}: zeros fill up its coded data, and ones should");
    }

    LosslessFrame ReadFrame()
    {
        if (ReadTables() != JpegSegments.LosslessFrame)
            throw ImageChecks.Corrupt(_name, "its JPEG has no frame header before its scan or its end");
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
                    throw ImageChecks.Truncated(_name, "its JPEG ends before its end marker");
                case JpegSegments.EndOfImage or JpegSegments.StartOfScan:
                    return marker;
                case JpegSegments.HuffmanTables:
                    _tables.ReadHuffman(content);
                    break;
                case JpegSegments.RestartInterval:
                    if (content.Length != 2)
                        throw ImageChecks.Corrupt(_name, $"its restart interval has {content.Length} bytes");
                    _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(content);
                    break;
                case JpegSegments.NumberOfLines:
                    throw ImageChecks.Corrupt(_name, "it gives its height a second time");
                case JpegSegments.ArithmeticConditioning:
                    throw ImageChecks.Unsupported(_name, "a lossless JPEG with arithmetic coding, which is not read");
                case JpegSegments.LosslessFrame:
                    if (_frame is not null)
                        throw ImageChecks.Corrupt(_name, "it has two frame headers");
                    _frame = LosslessFrame.Read(content, _name);
                    return marker;
                default:
                    if (JpegSegments.IsFrame(marker))
                        throw ImageChecks.Unsupported(_name, $"a JPEG of the kind {marker:X2}, not a lossless one, which is not read");
                    break;
            }
        }
    }
}
