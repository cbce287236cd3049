using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>The samples of a TIFF's rows: channel 0 is written into the image.</summary>
/// <param name="picture">What the rows are made of.</param>
/// <param name="isSwapped">Whether samples of 16 bits have the other byte order than this machine.</param>
/// <param name="colors">Red, green and blue of each color, one channel after the other; empty without a palette.</param>
readonly struct TiffSamples(TiffPicture picture, bool isSwapped, byte[] colors)
{
    bool IsInverted => picture.Color == TiffColor.WhiteIsZero;

    /// <summary>The palette's colors, in 8 bits.</summary>
    /// <exception cref="SeverityException">It is missing, or has another size than it must have.</exception>
    public static byte[] Colors(TiffBytes bytes, TiffDirectory page, TiffPicture picture)
    {
        if (picture.Color != TiffColor.Palette)
            return [];
        int count = 3 << picture.Bits;
        if (page.Find(TiffTag.ColorMap) is not { } field || field.Count != count)
            throw ImageChecks.Corrupt(bytes.Name, $"its palette is missing, or has not the {count} values that {picture.Bits} bits need");
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
            values[i] = (int)TiffDirectory.Number(bytes, TiffTag.ColorMap, field, i);
        // Values have 16 bits. Some writers put 8 there, as libtiff's tools have it too.
        int shift = values.Any(v => v > byte.MaxValue) ? 8 : 0;
        return [.. values.Select(v => (byte)(v >> shift))];
    }

    /// <summary>Makes samples of a row out of what is stored: in this machine's byte order, and no differences.</summary>
    public void Restore(Span<byte> row)
    {
        if (picture.Bits == 16)
        {
            Span<ushort> wide = MemoryMarshal.Cast<byte, ushort>(row);
            if (isSwapped)
                BinaryPrimitives.ReverseEndianness(wide, wide);
            for (int i = picture.SamplesInPlane; picture.HasDifferences && i < wide.Length; i++)
                wide[i] += wide[i - picture.SamplesInPlane];
            return;
        }
        for (int i = picture.SamplesInPlane; picture.HasDifferences && i < row.Length; i++)
            row[i] += row[i - picture.SamplesInPlane];
    }

    /// <summary>Writes channel 0 of a restored row.</summary>
    /// <param name="row">The row, of the first plane.</param>
    /// <param name="output">The pixels, as many as there are wanted.</param>
    public void Write(ReadOnlySpan<byte> row, Span<byte> output)
    {
        int step = picture.SamplesInPlane;
        if (picture.OutputBits == 16)
        {
            Span<ushort> wide = MemoryMarshal.Cast<byte, ushort>(output);
            ReadOnlySpan<ushort> samples = MemoryMarshal.Cast<byte, ushort>(row);
            int turn = IsInverted ? picture.MaxValue : 0;
            for (int x = 0; x < wide.Length; x++)
                wide[x] = (ushort)((picture.Bits == 16 ? samples[x * step] : Packed(row, x)) ^ turn);
            return;
        }
        bool isPalette = picture.Color == TiffColor.Palette;
        // Of fewer than 8 bits, full white becomes 255. The largest value has ones in all its bits: turning them over subtracts from it.
        int scale = isPalette || picture.Bits == 8 ? 1 : 255 / ((1 << picture.Bits) - 1), turned = IsInverted ? byte.MaxValue : 0;
        for (int x = 0; x < output.Length; x++)
        {
            int sample = picture.Bits == 8 ? row[x * step] : Packed(row, x);
            output[x] = (byte)(isPalette ? colors[sample] : sample * scale ^ turned);
        }
    }

    /// <summary>Adds a row that has been written to what is known of how far its channels are apart.</summary>
    /// <param name="rows">The restored row, of each plane.</param>
    /// <param name="rowBytes">From one plane's to the next.</param>
    /// <param name="count">How many pixels there are.</param>
    /// <param name="difference">What they are added to.</param>
    public void Compare(ReadOnlySpan<byte> rows, int rowBytes, int count, ChannelDifference difference)
    {
        if (picture.Color == TiffColor.Palette)
        {
            int size = colors.Length / 3;
            foreach (int x in difference.Of(count))
            {
                int index = picture.Bits == 8 ? rows[x * picture.SamplesInPlane] : Packed(rows, x);
                difference.Add(colors[index], colors[size + index], colors[2 * size + index]);
            }
        }
        else if (picture.Color == TiffColor.Rgb)
        {
            int sampleBytes = picture.Bits / 8, pixel = picture.SamplesInPlane * sampleBytes;
            int next = picture.HasPlanes ? rowBytes : sampleBytes;
            foreach (int x in difference.Of(count))
            {
                int at = x * pixel;
                difference.Add(Sample(rows, at), Sample(rows, at + next), Sample(rows, at + 2 * next));
            }
        }
    }

    int Sample(ReadOnlySpan<byte> rows, int at) => picture.Bits == 16 ? MemoryMarshal.Read<ushort>(rows[at..]) : rows[at];

    /// <summary>Samples of other than 8 and 16 bits follow each other bit by bit, the highest first.</summary>
    int Packed(ReadOnlySpan<byte> row, int x)
    {
        int at = x * picture.Bits, end = (at & 7) + picture.Bits, value = row[at >> 3];
        int taken = 8;
        for (int next = (at >> 3) + 1; taken < end; next++, taken += 8)
            value = value << 8 | row[next];
        return value >> (taken - end) & (1 << picture.Bits) - 1;
    }
}
