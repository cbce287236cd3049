using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Pnm;

/// <summary>
/// PGM and PPM, plain (P2, P3) and raw (P5, P6), of 8 and 16 bits. Only channel 0 is kept, as it is stored: full white is the header's
/// largest value. Of a file of several pictures the first is read.
/// </summary>
static class PnmDecoder
{
    /// <exception cref="SeverityException">An image that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        PnmHeader header = PnmHeader.Read(file, name, limits);
        // A plain sample is a digit and a space at least.
        ImageChecks.Holds(file.Length - header.DataAt, header.Samples * (header.IsPlain ? 2 : header.SampleBytes), name);
        int count = header.Width * header.Height;
        limits.Gate?.TakePicture((long)count * header.SampleBytes);
        byte[] pixels = FilePool.Rent(count * header.SampleBytes);
        try
        {
            List<string> warnings = [];
            ChannelDifference difference = new(header.MaxValue);
            PnmPixels output = new(pixels.AsSpan(0, count * header.SampleBytes), header, difference, name);
            if (header.IsPlain)
                DecodePlain(file, header, output, name);
            else
                DecodeRaw(file, header, output, warnings, name);
            return new XRayImage(pixels, header.Width, header.Height, 8 * header.SampleBytes, header.MaxValue, header.Format, warnings)
            {
                ChannelsDiffer = difference.IsLarge,
            };
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    static void DecodePlain(ReadOnlySpan<byte> file, PnmHeader header, PnmPixels output, string name)
    {
        PnmText text = new(file, header.DataAt, name);
        for (int i = 0; i < output.Count; i++)
        {
            if (header.Channels == 1)
                output.PutGray(i, text.Next());
            else
                output.PutColor(i, text.Next(), text.Next(), text.Next());
        }
        if (!text.IsAtEnd())
            throw ImageChecks.Corrupt(name, $"more follows its {header.Samples} samples");
    }

    static void DecodeRaw(ReadOnlySpan<byte> file, PnmHeader header, PnmPixels output, List<string> warnings, string name)
    {
        ReadOnlySpan<byte> data = file.Slice(header.DataAt, (int)(header.Samples * header.SampleBytes));
        CheckRest(file[(header.DataAt + data.Length)..], file, header, warnings, name);
        for (int i = 0; i < output.Count; i++)
        {
            if (header.Channels == 1)
                output.PutGray(i, Sample(data, i));
            else
                output.PutColor(i, Sample(data, 3 * i), Sample(data, 3 * i + 1), Sample(data, 3 * i + 2));
        }

        int Sample(ReadOnlySpan<byte> samples, int index) =>
            header.SampleBytes == 1 ? samples[index] : BinaryPrimitives.ReadUInt16BigEndian(samples[(2 * index)..]);
    }

    /// <summary>
    /// Looks at what follows the picture. One character stands between header and samples: a writer that puts more there moves every
    /// pixel, and the bytes that are too many tell it.
    /// </summary>
    static void CheckRest(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> file, PnmHeader header, List<string> warnings, string name)
    {
        if (rest.IsEmpty)
            return;
        if (PnmHeader.Begins(rest, "1234567"u8))
        {
            warnings.Add($"{name}: further pictures follow its first, which is used");
            return;
        }
        bool isMoved = rest.Length == 1 && file[header.DataAt - 1] == '\r' && file[header.DataAt] == '\n';
        if (isMoved || rest.ContainsAnyExcept(" \t\r\n"u8))
            throw ImageChecks.Corrupt(name, $"{rest.Length} bytes too many stand before or after its {header.Samples} samples");
        warnings.Add($"{name}: {rest.Length} bytes follow the picture");
    }

    /// <summary>Where samples go.</summary>
    readonly ref struct PnmPixels(Span<byte> pixels, PnmHeader header, ChannelDifference difference, string name)
    {
        readonly Span<byte> _pixels = pixels;

        public int Count => _pixels.Length / header.SampleBytes;

        public void PutGray(int index, int sample)
        {
            int value = Checked(sample);
            if (header.SampleBytes == 1)
                _pixels[index] = (byte)value;
            else
                MemoryMarshal.Cast<byte, ushort>(_pixels)[index] = (ushort)value;
        }

        public void PutColor(int index, int red, int green, int blue)
        {
            PutGray(index, red);
            Checked(green);
            Checked(blue);
            foreach (int _ in difference.Of(1))
                difference.Add(red, green, blue);
        }

        int Checked(int sample) => sample <= header.MaxValue ? sample
            : throw ImageChecks.Corrupt(name, $"it has a sample of {sample}, and its header says that {header.MaxValue} is full white");
    }
}
