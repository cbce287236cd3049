using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;

namespace SeverityEngine.Imaging.JpegLs;

/// <summary>
/// JPEG-LS (ITU-T T.87, ISO/IEC 14495-1), lossless and near-lossless, in 2 to 16 bits: one component or three, one after the other or
/// interleaved by lines or by samples. Not read: restart intervals, mapping tables, point transforms, which DICOM has no use for.
/// </summary>
/// <remarks>Nothing is made up: every sample must be there, and coded data must come out even.</remarks>
sealed unsafe class JpegLsDecoder : LosslessDecoder
{
    const int ParametersBytes = 11;

    byte[] _parameters = [];

    JpegLsDecoder(byte* data, int length, string name)
        : base(data, length, new JpegSegments(data, length, name, isLs: true), JpegSegments.LsFrame, "JPEG-LS stream", "a JPEG-LS image",
            name)
    {
    }

    /// <summary>Reads the size and the form of the samples alone.</summary>
    /// <param name="data">A JPEG-LS stream.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException">No JPEG-LS picture, or one that is not read.</exception>
    public static CodecHeader ReadHeader(ReadOnlySpan<byte> data, string name)
    {
        LosslessFrame.CheckStart(data, name);
        fixed (byte* start = data)
            return new JpegLsDecoder(start, data.Length, name).ReadHeader();
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

    // A row of equal pixels takes a bit.
    protected override long LeastBytes(CodecHeader header) => header.Height / 8;

    protected override byte* DecodeScan(LosslessScan scan, CodecFrame frame, byte* at, byte* end)
    {
        if (scan.PointTransform != 0)
            throw ImageChecks.Unsupported(Name, "a JPEG-LS image with a point transform, which is not read");
        if (scan.Tables.AsSpan().ContainsAnyExcept((byte)0))
            throw ImageChecks.Unsupported(Name, "a JPEG-LS image with mapping tables, which is not read");
        // Of one component the interleaving means nothing.
        if (scan.Components.Length > 1 && scan.Second is not (JpegLsScanDecoder.ByLines or JpegLsScanDecoder.BySamples))
            throw ImageChecks.Corrupt(Name, $"its scan of {scan.Components.Length} components has the interleaving {scan.Second}");
        JpegLsParameters parameters = JpegLsParameters.Read(_parameters, scan.First, frame.Header.Precision, Name);
        using JpegLsScanDecoder decoder = new(scan, parameters, frame, Name);
        return decoder.Decode(at, end);
    }

    protected override void ReadSegment(int marker, ReadOnlySpan<byte> content)
    {
        switch (marker)
        {
            case JpegSegments.LsParameters:
                ReadParameters(content);
                break;
            case JpegSegments.RestartInterval when content.ContainsAnyExcept((byte)0):
                throw ImageChecks.Unsupported(Name, "a JPEG-LS image with restart intervals, which is not read");
            case JpegSegments.ColorTransform when content.StartsWith("mrfx"u8) && content[^1] != 0:
                throw ImageChecks.Unsupported(Name, "a JPEG-LS image with a color transform of HP, which is not read");
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
                throw ImageChecks.Unsupported(Name, "a JPEG-LS image of more than 65,535 pixels a side, which is not read");
            default:
                throw ImageChecks.Corrupt(Name, $"its segment of parameters has {content.Length} bytes");
        }
    }
}
