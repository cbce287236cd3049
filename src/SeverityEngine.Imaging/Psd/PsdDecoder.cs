using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Stb;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Psd;

/// <summary>Photoshop's PSD: the first channel of its merged picture, in 8 or 16 bits.</summary>
/// <remarks>
/// StbImageSharp decodes RGB of three channels of 8 bits that are not compressed: the file's length proves that every sample is there. The
/// other forms are decoded here. StbImageSharp takes eight bytes a pixel for 16 bits; it takes a fourth channel, which may be a saved
/// selection, for transparency and removes it from the colors; it does not compare runs with the length that the file gives for each row;
/// and it reads neither gray nor indexed colors.
/// </remarks>
static class PsdDecoder
{
    const int Raw = 0, Runs = 1, Zip = 2, ZipWithPrediction = 3;

    /// <exception cref="SeverityException">A form that is not read, or an image that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        PsdHeader header = PsdHeader.Read(file, name, limits);
        ImageChecks.Holds(file.Length - header.DataAt, 2, name);
        int compression = BinaryPrimitives.ReadUInt16BigEndian(file[header.DataAt..]);
        ReadOnlySpan<byte> data = file[(header.DataAt + 2)..];
        if (compression is Zip or ZipWithPrediction)
            throw ImageChecks.Unsupported(name, "a PSD whose merged picture is compressed by zip, which is not read");
        if (compression > ZipWithPrediction)
            throw ImageChecks.Corrupt(name, $"its merged picture has compression {compression}, and there are 0 to 3");

        long rows = (long)header.Height * header.Channels, samples = rows * header.RowBytes;
        long length = compression == Raw ? samples : RunBytes(data, rows, header.RowBytes, name);
        ImageChecks.Holds(data.Length, length, name);
        if (compression == Raw && header is { Mode: PsdMode.Rgb, Channels: 3, Bits: 8 } && data.Length == length)
            return StbDecoder.DecodePsd(file, header.Width, header.Height, name, limits);

        List<string> warnings = [];
        if (data.Length > length)
            warnings.Add($"{name}: {data.Length - length} bytes follow the picture");
        limits.Gate?.TakePicture((long)header.RowBytes * header.Height);
        byte[] pixels = FilePool.Rent(checked(header.RowBytes * header.Height));
        try
        {
            Span<byte> output = pixels.AsSpan(0, header.RowBytes * header.Height);
            ChannelDifference difference = new((1 << header.Bits) - 1);
            if (compression == Raw)
                TakeRows(data, header, output, difference);
            else
                DecodeRuns(data, header, rows, output, difference, name);
            if (header.Mode == PsdMode.Indexed)
                TakeReds(output, file.Slice(header.ColorsAt, PsdHeader.ColorTableBytes), difference);
            if (header.Bits == 16 && BitConverter.IsLittleEndian)
            {
                Span<ushort> wide = MemoryMarshal.Cast<byte, ushort>(output);
                BinaryPrimitives.ReverseEndianness(wide, wide);
            }
            return new XRayImage(pixels, header.Width, header.Height, header.Bits, (1 << header.Bits) - 1, "PSD", warnings)
            {
                HasAlpha = header.HasFurtherChannels,
                ChannelsDiffer = difference.IsLarge,
            };
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    /// <summary>How long the runs are with the lengths of the rows before them; refuses lengths that no row can have.</summary>
    static long RunBytes(ReadOnlySpan<byte> data, long rows, int rowBytes, string name)
    {
        ImageChecks.Holds(data.Length, 2 * rows, name);
        long sum = 2 * rows;
        for (int row = 0; row < rows; row++)
        {
            int length = RowLength(data, row);
            // Two bytes give 128 at most.
            if (length < (rowBytes + 127L) / 128 * 2)
                throw ImageChecks.Corrupt(name, $"its row {row} has {length} bytes of runs, too few for {rowBytes}");
            sum += length;
        }
        return sum;
    }

    /// <summary>The first channel as it is, compared with the second and third of RGB.</summary>
    static void TakeRows(ReadOnlySpan<byte> data, PsdHeader header, Span<byte> output, ChannelDifference difference)
    {
        data[..output.Length].CopyTo(output);
        if (header.Mode != PsdMode.Rgb)
            return;
        ReadOnlySpan<byte> second = data.Slice(output.Length, output.Length), third = data.Slice(2 * output.Length, output.Length);
        Compare(output, second, third, header, difference);
    }

    static void DecodeRuns(
        ReadOnlySpan<byte> data, PsdHeader header, long rows, Span<byte> output, ChannelDifference difference, string name)
    {
        int rowBytes = header.RowBytes;
        // Where the runs of each channel's next row begin: behind all lengths, one channel after the other.
        Span<int> at = stackalloc int[header.Channels];
        for (int row = 0, next = checked((int)(2 * rows)); row < rows; row++)
        {
            if (row % header.Height == 0)
                at[row / header.Height] = next;
            next += RowLength(data, row);
        }
        byte[] others = ArrayPool<byte>.Shared.Rent(2 * rowBytes);
        try
        {
            Span<byte> second = others.AsSpan(0, rowBytes), third = others.AsSpan(rowBytes, rowBytes);
            for (int y = 0; y < header.Height; y++)
            {
                Span<byte> first = output.Slice(y * rowBytes, rowBytes);
                for (int channel = 0; channel < header.Channels; channel++)
                {
                    int length = RowLength(data, channel * header.Height + y);
                    // Other channels than red, green and blue are counted, so that damage in them is noticed, and not kept.
                    Span<byte> to = (channel, header.Mode) switch
                    {
                        (0, _) => first,
                        (1, PsdMode.Rgb) => second,
                        (2, PsdMode.Rgb) => third,
                        _ => [],
                    };
                    if (Unpack(data.Slice(at[channel], length), to, rowBytes) != rowBytes)
                        throw ImageChecks.Corrupt(name, $"its runs of row {y} in channel {channel} do not give its {rowBytes} bytes");
                    at[channel] += length;
                }
                if (header.Mode == PsdMode.Rgb)
                    Compare(first, second, third, header, difference);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(others);
        }
    }

    static int RowLength(ReadOnlySpan<byte> data, int row) => BinaryPrimitives.ReadUInt16BigEndian(data[(2 * row)..]);

    /// <summary>Compares channels, each as the file has it.</summary>
    static void Compare(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, PsdHeader header,
        ChannelDifference difference)
    {
        bool isWide = header.Bits == 16;
        foreach (int i in difference.Of(isWide ? first.Length / 2 : first.Length))
            difference.Add(Sample(first, i), Sample(second, i), Sample(third, i));

        int Sample(ReadOnlySpan<byte> row, int i) => isWide ? BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]) : row[i];
    }

    /// <summary>Replaces indices by red of their colors.</summary>
    /// <param name="indices">The indices.</param>
    /// <param name="colors">256 reds, then greens and blues.</param>
    /// <param name="difference">What the pixels are added to.</param>
    static void TakeReds(Span<byte> indices, ReadOnlySpan<byte> colors, ChannelDifference difference)
    {
        foreach (int i in difference.Of(indices.Length))
            difference.Add(colors[indices[i]], colors[256 + indices[i]], colors[512 + indices[i]]);
        foreach (ref byte index in indices)
            index = colors[index];
    }

    /// <summary>PackBits (TIFF 6.0, section 9): 0 to 127 and one byte more as they are, or a byte repeated 257 minus the count.</summary>
    /// <param name="packed">A row's runs, all of which must be used.</param>
    /// <param name="row">What is filled; empty to count only.</param>
    /// <param name="most">The bytes of a row.</param>
    /// <returns>How many bytes they give; -1 where they give more than a row has, or end within a run.</returns>
    static int Unpack(ReadOnlySpan<byte> packed, Span<byte> row, int most)
    {
        int done = 0;
        for (int at = 0; at < packed.Length;)
        {
            int head = packed[at++];
            if (head == 128)
                continue;
            bool repeats = head > 128;
            int count = repeats ? 257 - head : head + 1, bytes = repeats ? 1 : count;
            if (count > most - done || bytes > packed.Length - at)
                return -1;
            if (!row.IsEmpty && repeats)
                row.Slice(done, count).Fill(packed[at]);
            else if (!row.IsEmpty)
                packed.Slice(at, bytes).CopyTo(row[done..]);
            done += count;
            at += bytes;
        }
        return done;
    }
}
