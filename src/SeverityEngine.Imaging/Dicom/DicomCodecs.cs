using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>Compressed pixel data. What the stream is decides how it is decoded: transfer syntaxes name a wrong one at times.</summary>
static class DicomCodecs
{
    /// <summary>Decodes a picture and maps its samples.</summary>
    /// <returns>The smallest and the largest pixel, before turning over.</returns>
    /// <exception cref="SeverityException">A picture that is not read, of another size than the header says, truncated or corrupt.</exception>
    public static (int Least, int Most) Decode(ReadOnlySpan<byte> stream, string uid, DicomHeader header, DicomSamples samples, string name,
        ImageLimits limits, List<string> warnings, ref byte[] output)
    {
        int width = header.Columns!.Value, height = header.Rows!.Value;
        if (JpegFrame.FrameMarker(stream) is 0xC0 or 0xC1 or 0xC2)
        {
            using XRayImage image = JpegDecoder.Decode(stream, name, limits);
            RequireSize(image.Width, image.Height, header, name);
            warnings.AddRange(image.Warnings);
            output = FilePool.Rent(width * height * (header.BitsAllocated!.Value / 8));
            ReadOnlySpan<byte> decoded = image.Pixels.Data;
            if (header.BitsAllocated == 8)
                return samples.Map(decoded, output.AsSpan(0, width * height));
            Span<ushort> wide = MemoryMarshal.Cast<byte, ushort>(output.AsSpan(0, 2 * width * height));
            for (int i = 0; i < wide.Length; i++)
                wide[i] = decoded[i];
            return samples.Map(wide, wide);
        }
        throw ImageChecks.Unsupported(name, "a DICOM file of a form of compression that is not read");
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
