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
        if (opened.IsDirectory)
            throw DicomChecks.Directory(name);
        ReadOnlySpan<byte> data = opened.Data(file);
        DicomHeader header = DicomHeader.Read(data, opened.At, opened.Syntax, name);
        DicomOptions options = limits.Dicom;
        DicomChecks.Require(header, name, options);
        ImageChecks.Dimensions(header.Width, header.Height, name, limits);

        DicomElement pixels = header.Pixels!.Value;
        ReadOnlySpan<byte> value = data[pixels.At..];
        bool isCompressed = pixels.Length == DicomElement.Undefined || opened.Syntax.IsEncapsulated && DicomPixelData.HasItems(value);
        if (pixels.Length != DicomElement.Undefined)
            value = value[..(int)Math.Min(pixels.Length, (uint)value.Length)];
        int bits = header.BitsStored ?? 8 * header.SampleBytes, frame = Math.Max(options.Frame, 1);
        bool isShown = DicomDisplay.Applies(header, options.Voi);
        DicomSamples samples = new(
            isCompressed ? 0 : Math.Max((header.HighBit ?? bits - 1) + 1 - bits, 0), bits, header.IsSigned,
            IsClamped: isCompressed && !header.IsSigned, IsInverted: header.IsInverted && !isShown);
        byte[] output = [];
        try
        {
            (int Least, int Most) used;
            if (isCompressed)
            {
                using DicomPixelData stream = DicomPixelData.Read(
                    value, pixels.Length != DicomElement.Undefined, header.Frames ?? 1, frame, name, limits, opened.Warnings);
                used = DicomCodecs.Decode(stream.Stream, opened.Uid, header, samples, name, limits, opened.Warnings, ref output);
            }
            else
            {
                used = Native(value, pixels, frame, opened, header, samples, name, limits, ref output);
            }
            if (header.Samples == 3)
                opened.Warnings.Add($"{name}: a color picture, a secondary capture; red alone is used");
            DicomChecks.Warn(header, samples, used, options.Voi, name, opened.Warnings);
            if (isShown)
                Show(data, header, samples, used, opened.Syntax, name, limits, ref output);
            int sampleBits = isShown ? 16 : 8 * header.SampleBytes, largest = isShown ? DicomDisplay.Largest : samples.Largest;
            return new XRayImage(output, header.Width, header.Height, sampleBits, largest, "DICOM", opened.Warnings)
            {
                StatesBits = true,
                Uids = options.Uids ? header.Uids : null,
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
    public static byte[] Rent(DicomHeader header, ImageLimits limits) => Rent(header, header.SampleBytes, limits);

    static byte[] Rent(DicomHeader header, int sampleBytes, ImageLimits limits)
    {
        long bytes = (long)header.Width * header.Height * sampleBytes;
        limits.Gate?.TakePicture(bytes);
        return FilePool.Rent(checked((int)bytes));
    }

    /// <summary>Has pixels go through the file's display settings; they have 16 bits then.</summary>
    static void Show(ReadOnlySpan<byte> data, DicomHeader header, DicomSamples samples, (int Least, int Most) used, DicomSyntax syntax,
        string name, ImageLimits limits, ref byte[] output)
    {
        byte[] rented = FilePool.Rent(sizeof(ushort) * (samples.Largest + 1));
        try
        {
            Span<ushort> table = MemoryMarshal.Cast<byte, ushort>(rented.AsSpan())[..(samples.Largest + 1)];
            DicomDisplay.Fill(data, header, samples, used, syntax, name, table);
            byte[] pixels = output;
            if (header.SampleBytes == 1)
                output = Rent(header, sizeof(ushort), limits);
            int count = header.Width * header.Height;
            DicomDisplay.Map(pixels, header.SampleBytes, table, MemoryMarshal.Cast<byte, ushort>(output.AsSpan())[..count]);
            if (pixels != output)
                FilePool.Return(pixels);
        }
        finally
        {
            FilePool.Return(rented);
        }
    }

    /// <summary>Pixels that are not compressed. Frames follow each other without gaps.</summary>
    static (int Least, int Most) Native(ReadOnlySpan<byte> value, DicomElement element, int frame, DicomFile file, DicomHeader header,
        DicomSamples samples, string name, ImageLimits limits, ref byte[] output)
    {
        int count = header.Height * header.Width, bytes = header.SampleBytes;
        // In words of big-endian files, the second byte is the first pixel.
        bool areSwapped = file.Syntax.IsBigEndian && (bytes == 2 || element.Vr == ('O' << 8 | 'W'));
        int swap = areSwapped && bytes == 1 ? 1 : 0;
        long needed = header.Samples != 3 ? (long)count * bytes
            : header.Photometric == "YBR_FULL_422" ? (long)header.Height * ((header.Width + 1) / 2) * 4 : 3L * count;
        long end = frame * needed;
        end += end & swap;
        if (value.Length < end)
            throw ImageChecks.Truncated(name, $"its pixel data have {value.Length} bytes, and {end} are needed");
        // A byte more makes their length even.
        if (value.Length > Math.Max(header.Frames ?? 1, 1) * needed + 1)
            file.Warnings.Add($"{name}: more pixel data than the picture has pixels");
        int start = (int)((frame - 1) * needed);
        output = Rent(header, limits);
        Span<byte> to = output.AsSpan(0, count * bytes);
        if (header.Samples == 3)
        {
            DicomColor.TakeRed(value, start, swap, header, to);
            return samples.Map(to, to);
        }
        if (bytes == 1)
        {
            if (swap == 0)
                return samples.Map(value.Slice(start, count), to);
            for (int i = 0; i < to.Length; i++)
                to[i] = value[start + i ^ swap];
            return samples.Map(to, to);
        }
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(value.Slice(start, (int)needed));
        Span<ushort> mapped = MemoryMarshal.Cast<byte, ushort>(to);
        if (areSwapped != !BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, mapped);
            return samples.Map(mapped, mapped);
        }
        return samples.Map(words, mapped);
    }
}
