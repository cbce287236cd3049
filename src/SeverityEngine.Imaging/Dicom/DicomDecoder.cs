using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>DICOM: the picture of one frame, channel 0, in 8 or 16 bits, as docs/dicom.md says.</summary>
static class DicomDecoder
{
    /// <exception cref="SeverityException">A form that is not read, or an image that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        using DicomFile opened = DicomFile.Open(file, name, limits);
        ReadOnlySpan<byte> data = opened.Data(file);
        DicomHeader header = DicomHeader.Read(data, opened.At, opened.Syntax, name);
        DicomChecks.Require(header, name, limits.AnyModality);
        ImageChecks.Dimensions(header.Width, header.Height, name, limits);

        DicomElement pixels = header.Pixels!.Value;
        ReadOnlySpan<byte> value = data[pixels.At..];
        bool isCompressed = pixels.Length == DicomElement.Undefined || opened.Syntax.IsEncapsulated && DicomPixelData.HasItems(value);
        if (pixels.Length != DicomElement.Undefined)
            value = value[..(int)Math.Min(pixels.Length, (uint)value.Length)];
        int bits = header.BitsStored ?? 8 * header.SampleBytes;
        DicomSamples samples = new(
            isCompressed ? 0 : Math.Max((header.HighBit ?? bits - 1) + 1 - bits, 0), bits, header.IsSigned,
            IsClamped: isCompressed && !header.IsSigned, IsInverted: header.Photometric == "MONOCHROME1");
        byte[] output = [];
        try
        {
            (int Least, int Most) used;
            if (isCompressed)
            {
                using DicomPixelData stream = DicomPixelData.Read(
                    value, pixels.Length != DicomElement.Undefined, name, limits, opened.Warnings);
                used = DicomCodecs.Decode(stream.Stream, opened.Uid, header, samples, name, limits, opened.Warnings, ref output);
            }
            else
            {
                used = Native(value, pixels, opened, header, samples, name, limits, ref output);
            }
            if (header.Samples == 3)
                opened.Warnings.Add($"{name}: a color picture, a secondary capture; red alone is used");
            DicomChecks.Warn(header, samples, used, name, opened.Warnings);
            return new XRayImage(output, header.Width, header.Height, 8 * header.SampleBytes, samples.Largest, "DICOM", opened.Warnings)
            {
                StatesBits = true,
            };
        }
        catch
        {
            if (output.Length > 0)
                FilePool.Return(output);
            throw;
        }
    }

    /// <summary>Memory for the pixels.</summary>
    public static byte[] Rent(DicomHeader header, ImageLimits limits)
    {
        long bytes = (long)header.Width * header.Height * header.SampleBytes;
        limits.Gate?.TakePicture(bytes);
        return FilePool.Rent(checked((int)bytes));
    }

    /// <summary>Pixels that are not compressed.</summary>
    static (int Least, int Most) Native(ReadOnlySpan<byte> value, DicomElement element, DicomFile file, DicomHeader header,
        DicomSamples samples, string name, ImageLimits limits, ref byte[] output)
    {
        int count = header.Height * header.Width, bytes = header.SampleBytes;
        long needed = header.Samples != 3 ? (long)count * bytes
            : header.Photometric == "YBR_FULL_422" ? (long)header.Height * ((header.Width + 1) / 2) * 4 : 3L * count;
        if (value.Length < needed)
            throw ImageChecks.Truncated(name, $"its pixel data have {value.Length} bytes, and {needed} are needed");
        // A byte more makes their length even.
        if (value.Length > needed + 1)
            file.Warnings.Add($"{name}: more pixel data than the picture has pixels");
        value = value[..(int)needed];
        output = Rent(header, limits);
        Span<byte> to = output.AsSpan(0, count * bytes);
        // In words of big-endian files, the second byte is the first pixel.
        bool areSwapped = file.Syntax.IsBigEndian && (bytes == 2 || element.Vr == ('O' << 8 | 'W'));
        if (header.Samples == 3)
        {
            DicomColor.TakeRed(value, header, to);
            return samples.Map(to, to);
        }
        if (bytes == 1)
        {
            if (!areSwapped)
                return samples.Map(value, to);
            for (int i = 0; i < to.Length; i++)
                to[i] = value[Math.Min(i ^ 1, value.Length - 1)];
            return samples.Map(to, to);
        }
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(value);
        Span<ushort> mapped = MemoryMarshal.Cast<byte, ushort>(to);
        if (areSwapped != !BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, mapped);
            return samples.Map(mapped, mapped);
        }
        return samples.Map(words, mapped);
    }
}
