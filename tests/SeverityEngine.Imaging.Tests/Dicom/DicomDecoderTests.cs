using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Dicom;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>DICOM files that are made here.</summary>
public class DicomDecoderTests
{
    const string Implicit = "1.2.840.10008.1.2", Explicit = Implicit + ".1", Deflated = Explicit + ".99", BigEndian = Implicit + ".2";
    const int Width = 7, Height = 5;

    static readonly ushort[] s_pixels = [.. Enumerable.Range(0, Width * Height).Select(i => (ushort)(i * 117))];

    static byte[] Sound(string syntax, string photometric = "MONOCHROME2") =>
        new DicomWriter(syntax == Implicit, syntax == BigEndian).Picture(Width, Height, 12, photometric).Pixels(s_pixels).File(syntax);

    static ushort[] Decode(byte[] file)
    {
        using XRayImage image = XRayImage.Decode(file, "x.dcm");
        Assert.Equal((Width, Height, 16, 4095, "DICOM"), (image.Width, image.Height, image.BitsPerSample, image.MaxValue, image.Format));
        return MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray();
    }

    [Theory]
    [InlineData(Implicit)]
    [InlineData(Explicit)]
    [InlineData(Deflated)]
    [InlineData(BigEndian)]
    public void Every_form_of_a_data_set_gives_the_same_pixels(string syntax)
    {
        Assert.Equal(s_pixels, Decode(Sound(syntax)));
        Assert.Equal([.. s_pixels.Select(p => (ushort)(4095 - p))], Decode(Sound(syntax, "MONOCHROME1")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_data_set_may_stand_bare_or_behind_the_mark_alone(bool isImplicit)
    {
        byte[] bare = new DicomWriter(isImplicit).Picture(Width, Height).Pixels(s_pixels).DataSet();
        Assert.Equal(s_pixels, Decode(bare));
        Assert.Equal(s_pixels, Decode([.. "DICM"u8, .. bare]));
    }

    [Fact]
    public void A_transfer_syntax_that_is_wrong_or_missing_is_told_from_the_data_and_warned_of()
    {
        byte[] implicitData = new DicomWriter(isImplicit: true).Picture(Width, Height).Pixels(s_pixels).DataSet();
        byte[] file = Sound(Explicit);
        int dataAt = file.Length - new DicomWriter().Picture(Width, Height).Pixels(s_pixels).DataSet().Length;
        using XRayImage image = XRayImage.Decode([.. file.AsSpan(0, dataAt), .. implicitData], "x.dcm");
        Assert.Contains(image.Warnings, w => w.Contains("transfer syntax", StringComparison.Ordinal));
        Assert.Equal(s_pixels, MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray());
    }

    /// <summary>PS3.5, 8.1.1: a word's low byte, which is the second of big-endian ones, is the first of two samples.</summary>
    [Theory]
    [InlineData("MONOCHROME2", 1, 0)]
    [InlineData("RGB", 3, 0)]
    [InlineData("RGB", 3, 1)]
    [InlineData("YBR_FULL", 3, 0)]
    [InlineData("YBR_FULL_422", 3, 0)]
    public void Bytes_in_words_of_a_big_endian_file_change_places(string photometric, int samples, int planes)
    {
        byte[] bytes = [.. Enumerable.Range(0, 3 * Width * Height + 1).Select(i => (byte)(i * 5))];
        byte[] swapped = [.. bytes.Chunk(2).SelectMany(word => word.Reverse())];
        Assert.Equal(Decoded(isBigEndian: false, "OB", bytes), Decoded(isBigEndian: true, "OW", swapped));
        Assert.Equal(Decoded(isBigEndian: false, "OB", bytes), Decoded(isBigEndian: true, "OB", bytes));

        byte[] Decoded(bool isBigEndian, string vr, byte[] value)
        {
            int length = samples == 1 ? Width * Height + 1 : photometric == "YBR_FULL_422" ? Height * (Width + 1) * 2 : value.Length;
            byte[] file = new DicomWriter(isBigEndian: isBigEndian).Picture(Width, Height, 8, photometric, 8, samples)
                .Short(0x0028_0006, planes).Bytes(0x7FE0_0010, vr, value[..length]).File(isBigEndian ? BigEndian : Explicit);
            using XRayImage image = XRayImage.Decode(file, "x.dcm");
            return image.Pixels.Data.ToArray();
        }
    }

    [Fact]
    public void Nothing_that_names_a_patient_is_said()
    {
        const string Planted = "PLANTED^NAME";
        uint[] tags = [0x0008_0005, 0x0008_0016, 0x0008_0060, 0x0008_0068, 0x0008_0090, 0x0010_0010, 0x0010_0020, 0x0018_0015, 0x0018_5101,
            0x0020_0020, 0x0028_0004, 0x0028_0008, 0x0028_0030, 0x0028_0301, 0x0028_2110, 0x2050_0020, 0x0002_0010];
        foreach (uint tag in tags)
        {
            byte[] file = tag >> 16 == 2
                ? new DicomWriter().Picture(Width, Height).Pixels(s_pixels).File(Planted)
                : new DicomWriter().Text(tag, "LO", Planted).Picture(Width, Height).Text(tag, "LO", Planted).Pixels(s_pixels)
                    .File(Explicit);
            string said;
            try
            {
                using XRayImage image = XRayImage.Decode(file, "x.dcm");
                said = string.Join('\n', image.Warnings);
            }
            catch (SeverityException e)
            {
                said = e.ToString();
            }
            Assert.DoesNotContain("PLANTED", said, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Words_become_pixels_alike_by_vectors_and_one_by_one()
    {
        Random random = new(1);
        ushort[] words = [.. Enumerable.Range(0, 100).Select(_ => (ushort)random.Next(65536))];
        foreach (int shift in (int[])[0, 4])
        {
            foreach (int bits in (int[])[1, 8, 12])
            {
                foreach (int flags in Enumerable.Range(0, 8))
                {
                    DicomSamples samples = new(shift, bits, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0);
                    for (int length = 0; length <= words.Length; length++)
                    {
                        ushort[] vector = new ushort[length], scalar = new ushort[length];
                        (int, int) used = samples.Map(words.AsSpan(0, length), vector);
                        Assert.Equal(samples.MapScalar(words.AsSpan(0, length), scalar), used);
                        Assert.Equal(scalar, vector);
                    }
                }
            }
        }
    }
}
