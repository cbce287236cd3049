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
sealed unsafe class JpegLosslessDecoder : LosslessDecoder, IDisposable
{
    readonly DecoderMemory _memory = new();
    readonly JpegTables _tables;
    int _restartInterval;
    JpegPadding _padding = JpegPadding.None;

    JpegLosslessDecoder(byte* data, int length, string name)
        : base(data, length, new JpegSegments(data, length, name), JpegSegments.LosslessFrame, "JPEG", "a lossless one", name)
        => _tables = new JpegTables(_memory, name, isLossless: true);

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
            return decoder.ReadHeader();
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

    // No code is shorter than a bit.
    protected override long LeastBytes(CodecHeader header) => (long)header.Width * header.Height * header.Components / 8;

    protected override byte* DecodeScan(LosslessScan scan, CodecFrame frame, byte* at, byte* end)
    {
        JpegLosslessScanDecoder decoder = new(scan, _tables, _restartInterval, frame, Name);
        at = decoder.Decode(at, end);
        _padding |= decoder.Padding;
        if (_padding == (JpegPadding.Ones | JpegPadding.Zeros))
            throw ImageChecks.Corrupt(Name, "coded data are left over: the bits that fill them up are ones and zeros");
        if (scan.PointTransform > 0)
        {
            foreach (int component in scan.Components)
                TensorPrimitives.ShiftLeft(frame.Plane(component), scan.PointTransform, frame.Plane(component));
        }
        return at;
    }

    protected override void End(CodecFrame frame)
    {
        if (_padding == JpegPadding.Zeros)
            frame.Warnings.Add($"{Name}: zeros fill up its coded data, and ones should");
    }

    protected override void ReadSegment(int marker, ReadOnlySpan<byte> content)
    {
        switch (marker)
        {
            case JpegSegments.HuffmanTables:
                _tables.ReadHuffman(content);
                break;
            case JpegSegments.RestartInterval:
                _restartInterval = JpegSegments.ReadRestartInterval(content, Name);
                break;
            case JpegSegments.ArithmeticConditioning:
                throw ImageChecks.Unsupported(Name, "a lossless JPEG with arithmetic coding, which is not read");
        }
    }
}
