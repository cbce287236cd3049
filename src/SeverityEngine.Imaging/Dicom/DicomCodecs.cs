using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;
using SeverityEngine.Imaging.Jpeg2000;
using SeverityEngine.Imaging.JpegLossless;
using SeverityEngine.Imaging.JpegLs;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>Compressed pixel data. What the stream is decides how it is decoded: transfer syntaxes name a wrong one at times.</summary>
static class DicomCodecs
{
    /// <summary>Where a code stream of JPEG 2000 begins at the latest: boxes of JP2 may stand before it.</summary>
    const int MostBoxBytes = 64 << 10;

    /// <summary>How a code stream of JPEG 2000 begins.</summary>
    static ReadOnlySpan<byte> CodeStream => [0xFF, 0x4F, 0xFF, 0x51];

    /// <summary>Decodes a picture and maps its samples.</summary>
    /// <returns>The smallest and the largest pixel, before turning over.</returns>
    /// <exception cref="SeverityException">
    /// A picture that is not read, of another size than the header says, truncated or corrupt.
    /// </exception>
    public static (int Least, int Most) Decode(ReadOnlySpan<byte> stream, string uid, DicomHeader header, DicomSamples samples, string name,
        ImageLimits limits, List<string> warnings, ref byte[] output)
    {
        Codec codec = CodecOf(stream, uid, name);
        CodecHeader coded = codec switch
        {
            Codec.Jpeg => JpegDecoder.ReadHeader(stream, 8, name, limits),
            Codec.JpegTwelveBits => JpegDecoder.ReadHeader(stream, 12, name, limits),
            Codec.JpegLossless => JpegLosslessDecoder.ReadHeader(stream, name),
            Codec.JpegLs => JpegLsDecoder.ReadHeader(stream, name),
            Codec.Jpeg2000 => Jpeg2000Decoder.ReadHeader(stream, name),
            // It has no header of its own.
            _ => new CodecHeader(header.Width, header.Height, header.Samples, 8 * header.SampleBytes, IsSigned: false),
        };
        RequireSame(coded, header, name);
        if (codec == Codec.Jpeg)
            return DecodeJpeg(stream, header, samples, name, limits, warnings, ref output);
        using CodecFrame frame = codec switch
        {
            Codec.JpegTwelveBits => JpegDecoder.DecodeTwelveBits(stream, name, limits),
            Codec.JpegLossless => JpegLosslessDecoder.Decode(stream, name, limits),
            Codec.JpegLs => JpegLsDecoder.Decode(stream, name, limits),
            Codec.Jpeg2000 => Jpeg2000Decoder.Decode(stream, name, limits),
            _ => RleDecoder.Decode(stream, coded, name, limits),
        };
        foreach (string warning in frame.Warnings)
            warnings.Add(warning);
        Span<ushort> plane = frame.Plane(0);
        if (header.Photometric is "YBR_FULL" or "YBR_FULL_422")
        {
            Span<ushort> cr = frame.Plane(2);
            for (int i = 0; i < plane.Length; i++)
                plane[i] = DicomColor.Red(plane[i], cr[i]);
        }
        if (coded.IsSigned && !header.IsSigned)
        {
            // The file's header decides; the bits are taken as they are.
            int bits = (1 << coded.Precision) - 1;
            foreach (ref ushort sample in plane)
                sample &= (ushort)bits;
        }
        output = DicomDecoder.Rent(header, limits);
        if (header.SampleBytes == 2)
            return samples.Map(plane, MemoryMarshal.Cast<byte, ushort>(output.AsSpan(0, 2 * plane.Length)));
        (int Least, int Most) used = samples.Map(plane, plane);
        for (int i = 0; i < plane.Length; i++)
            output[i] = (byte)plane[i];
        return used;
    }

    /// <exception cref="SeverityException">None of them.</exception>
    static Codec CodecOf(ReadOnlySpan<byte> stream, string uid, string name) => JpegFrame.FrameMarker(stream, out int precision) switch
    {
        0xC0 or 0xC1 or 0xC2 => precision == 12 ? Codec.JpegTwelveBits : Codec.Jpeg,
        JpegSegments.LosslessFrame => Codec.JpegLossless,
        JpegSegments.LsFrame => Codec.JpegLs,
        _ when DicomSyntax.IsRle(uid) => Codec.Rle,
        _ when stream.IndexOf(CodeStream) is >= 0 and < MostBoxBytes => Codec.Jpeg2000,
        _ => throw ImageChecks.Corrupt(name, "its compressed picture is in none of the forms that DICOM has"),
    };

    /// <summary>Baseline, extended and progressive JPEG.</summary>
    static (int Least, int Most) DecodeJpeg(ReadOnlySpan<byte> stream, DicomHeader header, DicomSamples samples, string name,
        ImageLimits limits, List<string> warnings, ref byte[] output)
    {
        // Where the stream has no word on its colors the header has the last one, as in dcmtk and pydicom.
        JpegColor unmarked = header.Photometric == "RGB" ? JpegColor.Rgb : JpegColor.YCbCr;
        // Zeros fill fragments up; JPEG's end mark has none.
        using XRayImage image = JpegDecoder.Decode(stream.TrimEnd((byte)0), name, limits, unmarked);
        warnings.AddRange(image.Warnings);
        if (image.ChannelsDiffer)
            warnings.Add(ImageDoubts.Colored(name));
        int count = image.Width * image.Height;
        output = DicomDecoder.Rent(header, limits);
        ReadOnlySpan<byte> decoded = image.Pixels.Data;
        if (header.SampleBytes == 1)
            return samples.Map(decoded, output.AsSpan(0, count));
        Span<ushort> wide = MemoryMarshal.Cast<byte, ushort>(output.AsSpan(0, 2 * count));
        for (int i = 0; i < count; i++)
            wide[i] = decoded[i];
        return samples.Map(wide, wide);
    }

    /// <summary>Compares sizes, before memory is taken for either.</summary>
    static void RequireSame(CodecHeader coded, DicomHeader header, string name)
    {
        if (coded.Width != header.Width || coded.Height != header.Height)
        {
            throw ImageChecks.Corrupt(name, $"its compressed picture has {coded.Width} x {coded.Height} pixels, and its header says "
                + $"{header.Width} x {header.Height}");
        }
        if (coded.Components != header.Samples)
        {
            throw ImageChecks.Corrupt(name, $"its compressed picture has {coded.Components} samples a pixel, and its header says "
                + $"{header.Samples}");
        }
    }

    enum Codec
    {
        /// <summary>Of 8 bits: baseline, extended or progressive.</summary>
        Jpeg,
        JpegTwelveBits,
        JpegLossless,
        JpegLs,
        Jpeg2000,
        Rle,
    }
}
