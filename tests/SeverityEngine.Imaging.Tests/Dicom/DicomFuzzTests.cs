using System.Buffers.Binary;
using System.Text;
using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>Damaged files of every syntax and codec end in a picture or in a <see cref="SeverityException"/>.</summary>
public class DicomFuzzTests
{
    /// <summary>Small, so that a damaged header that asks for a large picture costs no time.</summary>
    static readonly ImageLimits s_limits = new() { MaxPixels = 1 << 16, MaxSide = 4096, MaxFileBytes = 1 << 20 };

    static readonly string[] s_representations = ["OB", "OW", "SQ", "UN", "UT", "US", "UL", "SS", "CS", "UI", "IS", "DS", "??", "\0\0"];

    static readonly uint[] s_tags =
    [
        0x0008_0060, 0x0028_0002, 0x0028_0004, 0x0028_0006, 0x0028_0008, 0x0028_0010, 0x0028_0011, 0x0028_0100, 0x0028_0101, 0x0028_0102,
        0x0028_0103, 0x0028_0120, 0x0028_1050, 0x0028_1051, 0x0028_3000, 0x0028_3002, 0x0028_3006, 0x0028_3010,
        0x0054_0220, 0x0088_0200, 0x7FE0_0010, 0xFFFE_E000, 0xFFFE_E00D, 0xFFFE_E0DD,
    ];

    static readonly string[] s_colors =
        ["MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT", "PALETTE COLOR"];

    [Fact]
    public void Damaged_files_are_read_or_refused_within_their_memory_and_nothing_else()
    {
        DicomForm[] forms = [.. DicomForm.All];
        FuzzRun.AssertReachesFar(
            FuzzRun.Each(10_000, TimeSpan.FromSeconds(10), SeverityError.FileEmpty, i =>
            {
                DicomForm form = forms[i % forms.Length];
                Random random = new(i);
                byte[] file = Damage(form, forms, random);
                DicomOptions options = form.Options with { AnyModality = true, Uids = true };
                if (random.Next(4) == 0)
                    options = options with { Frame = random.Next(4), Voi = (DicomVoi)random.Next(3) };
                long before = GC.GetAllocatedBytesForCurrentThread();
                byte[] pixels;
                try
                {
                    pixels = Decode(file, options);
                }
                finally
                {
                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory(s_limits));
                }
                // Memory that is rented next holds what is put there now; a pixel that nobody writes would show it.
                foreach (byte poison in (byte[])[0xA5, 0x5A])
                {
                    Poison(pixels.Length, poison);
                    Poison(2 * pixels.Length, poison);
                    Assert.True(Decode(file, options).AsSpan().SequenceEqual(pixels), $"{i}: pixels that are not in the file");
                }
            }),
            readPart: 20);
    }

    static byte[] Decode(byte[] file, DicomOptions options)
    {
        using XRayImage image = XRayImage.Decode(
            file, "x.dcm", s_limits with { Gate = new BoundedMemory(MostMemory(s_limits)) }, options);
        Assert.Equal((long)image.Width * image.Height * image.BitsPerSample / 8, image.Pixels.Data.Length);
        return image.Pixels.Data.ToArray();
    }

    /// <summary>As many arrays as a decoder rents at once.</summary>
    static void Poison(int length, byte value)
    {
        byte[][] arrays = [.. Enumerable.Range(0, 4).Select(_ => FilePool.Rent(length))];
        foreach (byte[] array in arrays)
            array.AsSpan().Fill(value);
        foreach (byte[] array in arrays)
            FilePool.Return(array);
    }

    /// <summary>
    /// The most that a picture within the limits takes: what is inflated, and fragments that are joined; samples of three components in 16
    /// bits, a coefficient or two of 32 bits for each, and the pixels, which may become wide ones. JPEG's coefficients have 16 bits, in
    /// units of up to 32 x 32 that a picture's side may go a pixel into.
    /// </summary>
    static long MostMemory(ImageLimits limits)
    {
        long padded = limits.MaxPixels + 2 * 31L * (limits.MaxSide + 31);
        return 2 * limits.MaxFileBytes + Math.Max(3 * (2 + 2 * 4) * limits.MaxPixels, 3 * 2 * padded) + 4 * limits.MaxPixels;
    }

    static byte[] Damage(DicomForm form, DicomForm[] forms, Random random)
    {
        byte[] data = [.. form.DataSet];
        bool isBigEndian = form.Syntax == DicomForm.BigEndian, isImplicit = form.Syntax == DicomForm.Implicit;
        if (random.Next(8) == 0)
            Resize(form, data, random);
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            switch (random.Next(6))
            {
                case 0 or 1:
                    DamageElement(data.AsSpan(form.Starts[random.Next(form.Starts.Length)]), isImplicit, isBigEndian, random);
                    break;
                case 2 or 3:
                    DamageSegment(data, random);
                    break;
                default:
                    data[random.Next(data.Length)] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        if (random.Next(4) == 0)
            data = Move(data, forms[random.Next(forms.Length)].DataSet, random);
        byte[] file = DicomWriter.File(form.Syntax, data);
        // The meta header too, and what is deflated.
        if (random.Next(10) == 0 || form.IsDeflated && random.Next(3) == 0)
            file[random.Next(128, file.Length)] = (byte)random.Next(256);
        return file;
    }

    /// <summary>A piece less, a piece more, or an end.</summary>
    static byte[] Move(byte[] data, byte[] other, Random random)
    {
        int at = random.Next(data.Length), count = Math.Min(random.Next(1, 40), data.Length - at), from = random.Next(other.Length);
        return random.Next(3) switch
        {
            0 => [.. data[..at], .. data[(at + count)..]],
            1 => [.. data[..at], .. other[from..Math.Min(other.Length, from + random.Next(1, 200))], .. data[at..]],
            _ => data[..Math.Max(1, at)],
        };
    }

    /// <summary>Another tag, representation, length or value.</summary>
    static void DamageElement(Span<byte> element, bool isImplicit, bool isBigEndian, Random random)
    {
        bool isLong = isImplicit || element[0] == 0xFE || element[6] == 0 && element[7] == 0 && element[4] is (byte)'O' or (byte)'S';
        int lengthAt = isImplicit || element[0] == 0xFE ? 4 : isLong ? 8 : 6, valueAt = lengthAt + (isLong ? 4 : 2);
        uint small = random.Next(7) switch { 0 => 0, 1 => 1, 2 => 2, 3 => 3, 4 => 7, 5 => (uint)random.Next(100), _ => 65_535 };
        switch (random.Next(5))
        {
            case 0:
                uint tag = s_tags[random.Next(s_tags.Length)];
                Write16(element, (ushort)(tag >> 16), isBigEndian);
                Write16(element[2..], (ushort)tag, isBigEndian);
                break;
            case 1 when !isImplicit:
                string representation = s_representations[random.Next(s_representations.Length)];
                (element[4], element[5]) = ((byte)representation[0], (byte)representation[1]);
                break;
            case 2:
                ulong wide = random.Next(4) switch { 0 => small, 1 => uint.MaxValue, 2 => 0x7FFF_FFFF, _ => uint.MaxValue - small };
                Span<byte> length = element[lengthAt..valueAt];
                for (int i = 0; i < length.Length; i++)
                    length[isBigEndian ? length.Length - 1 - i : i] = (byte)(wide >> (8 * i));
                break;
            case 3 when element.Length > valueAt + 16:
                Encoding.ASCII.GetBytes(s_colors[random.Next(s_colors.Length)], element[valueAt..]);
                break;
            default:
                if (element.Length >= valueAt + 2)
                    Write16(element[valueAt..], (ushort)small, isBigEndian);
                break;
        }
    }

    /// <summary>Another marker, length or field of one of the codec's segments.</summary>
    static void DamageSegment(Span<byte> data, Random random)
    {
        int at = NextMarker(data, random.Next(3) == 0 ? random.Next(data.Length) : 0, random.Next(12));
        if (at < 0)
            return;
        int field = at + (random.Next(6) == 0 ? 1 : random.Next(2, 24));
        if (field < data.Length)
        {
            data[field] = random.Next(6) switch
            {
                0 => 0,
                1 => 1,
                2 => 0xFF,
                3 => 0x7F,
                4 => (byte)(data[field] + 1),
                _ => (byte)random.Next(256),
            };
        }
    }

    /// <summary>Gives a picture another size in the file's header and in its stream's, if it has one: they must be the same.</summary>
    static void Resize(DicomForm form, Span<byte> data, Random random)
    {
        ReadOnlySpan<int> sides = [1, 2, 16, 17, 64, 255, 256, 1000, 4096, 4097, 65_535];
        int width = sides[random.Next(sides.Length)], height = sides[random.Next(sides.Length)];
        bool isBigEndian = form.Syntax == DicomForm.BigEndian;
        foreach (int start in form.Starts)
        {
            Span<byte> element = data[start..];
            uint tag = isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(element)
                : (uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(element[2..]);
            if (tag is 0x0028_0010 or 0x0028_0011)
                Write16(element[8..], (ushort)(tag == 0x0028_0010 ? height : width), isBigEndian);
        }
        for (int at = NextMarker(data, 0, 0); at >= 0; at = NextMarker(data, at + 2, 0))
        {
            if (data.Length - at > 16 && data[at + 1] == 0x51)
            {
                BinaryPrimitives.WriteInt32BigEndian(data[(at + 6)..], width);
                BinaryPrimitives.WriteInt32BigEndian(data[(at + 10)..], height);
                break;
            }
            if (data.Length - at > 9 && data[at + 1] is 0xC0 or 0xC1 or 0xC2 or 0xC3 or 0xF7)
            {
                BinaryPrimitives.WriteUInt16BigEndian(data[(at + 5)..], (ushort)height);
                BinaryPrimitives.WriteUInt16BigEndian(data[(at + 7)..], (ushort)width);
                break;
            }
        }
    }

    /// <summary>Where a marker stands, from a place on, after so many others; -1 for none.</summary>
    static int NextMarker(ReadOnlySpan<byte> data, int from, int passed)
    {
        for (int at = from; at < data.Length - 3; at++)
        {
            if (data[at] == 0xFF && data[at + 1] is >= 0x4F and < 0xFF && passed-- == 0)
                return at;
        }
        return -1;
    }

    static void Write16(Span<byte> to, ushort value, bool isBigEndian)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt16BigEndian(to, value);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(to, value);
    }
}
