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
        int marker = JpegFrame.FrameMarker(stream, out int precision);
        if (marker is 0xC0 or 0xC1 or 0xC2 && precision != 12)
            return DecodeJpeg(stream, header, samples, name, limits, warnings, ref output);
        using CodecFrame frame = marker switch
        {
            0xC0 or 0xC1 or 0xC2 => JpegDecoder.DecodeTwelveBits(stream, name, limits),
            JpegSegments.LosslessFrame => JpegLosslessDecoder.Decode(stream, name, limits),
            JpegSegments.LsFrame => JpegLsDecoder.Decode(stream, name, limits),
            _ when DicomSyntax.IsRle(uid) => RleDecoder.Decode(stream, RleHeader(header), name, limits),
            _ when stream.IndexOf(CodeStream) is >= 0 and < MostBoxBytes => Jpeg2000Decoder.Decode(stream, name, limits),
            _ => throw ImageChecks.Corrupt(name, "its compressed picture is in none of the forms that DICOM has"),
        };
        CodecHeader coded = frame.Header;
        RequireSize(coded.Width, coded.Height, header, name);
        int count = coded.Width * coded.Height, components = header.Samples;
        if (coded.Components != components)
        {
            throw ImageChecks.Corrupt(name, $"its compressed picture has {coded.Components} samples a pixel, and its header says "
                + $"{components}");
        }
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
            // The header decides; the bits are taken as they are.
            int bits = (1 << coded.Precision) - 1;
            foreach (ref ushort sample in plane)
                sample &= (ushort)bits;
        }
        output = DicomDecoder.Rent(header, limits);
        if (header.SampleBytes == 2)
            return samples.Map(plane, MemoryMarshal.Cast<byte, ushort>(output.AsSpan(0, 2 * count)));
        (int Least, int Most) used = samples.Map(plane, plane);
        for (int i = 0; i < count; i++)
            output[i] = (byte)plane[i];
        return used;
    }

    /// <summary>Run-length coded pixels have no header of their own.</summary>
    static CodecHeader RleHeader(DicomHeader header) => new(header.Width, header.Height, header.Samples,
        header.BitsAllocated!.Value, IsSigned: false);

    /// <summary>Baseline, extended and progressive JPEG.</summary>
    static (int Least, int Most) DecodeJpeg(ReadOnlySpan<byte> stream, DicomHeader header, DicomSamples samples, string name,
        ImageLimits limits, List<string> warnings, ref byte[] output)
    {
        // Zeros fill fragments up; JPEG's end mark has none.
        using XRayImage image = JpegDecoder.Decode(stream.TrimEnd((byte)0), name, limits);
        RequireSize(image.Width, image.Height, header, name);
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

    static void RequireSize(int width, int height, DicomHeader header, string name)
    {
        if (width != header.Columns || height != header.Rows)
        {
            throw ImageChecks.Corrupt(name, $"its compressed picture has {width} x {height} pixels, and its header says "
                + $"{header.Columns} x {header.Rows}");
        }
    }
}
