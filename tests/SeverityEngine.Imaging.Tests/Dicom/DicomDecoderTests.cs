using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Dicom;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>DICOM files that are made here, sound and hostile.</summary>
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

    static SeverityException Refuse(byte[] file) => Assert.Throws<SeverityException>(() => XRayImage.Decode(file, "x.dcm").Dispose());

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

    [Theory]
    [InlineData(Implicit)]
    [InlineData(Explicit)]
    [InlineData(Deflated)]
    [InlineData(BigEndian)]
    public void Every_prefix_is_refused(string syntax)
    {
        byte[] file = Sound(syntax);
        for (int length = 1; length < file.Length; length++)
        {
            // The last bytes of a deflated data set may only say that it ends.
            if (syntax == Deflated && length >= file.Length - 4)
                continue;
            SeverityException e = Refuse(file[..length]);
            Assert.True(e.Code is SeverityError.ImageTruncated or SeverityError.ImageCorrupt or SeverityError.ImageFormatUnknown,
                $"{length} of {file.Length} bytes: {e.Message}");
        }
    }

    [Fact]
    public void Sequences_that_nest_without_end_are_refused_at_once()
    {
        DicomWriter bomb = new DicomWriter().Text(0x0008_0060, "CS", "DX");
        for (int i = 0; i < 60_000; i++)
            bomb.Bytes(0x0040_0275, "SQ", [], uint.MaxValue).Bytes(0xFFFE_E000, "", [], uint.MaxValue);
        Assert.Equal(SeverityError.ImageCorrupt, Refuse(bomb.File(Explicit)).Code);
    }

    [Fact]
    public void A_small_file_that_claims_a_large_picture_is_refused_without_its_memory()
    {
        byte[] file = new DicomWriter().Picture(30_000, 3_000).Pixels(s_pixels).File(Explicit);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Equal(SeverityError.ImageTruncated, Refuse(file).Code);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 1 << 20);
        Assert.Equal(SeverityError.ImageTooLarge, Refuse(new DicomWriter().Picture(60_000, 60_000).Pixels(s_pixels).File(Explicit)).Code);
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
    public void Damaged_files_end_in_a_picture_or_an_error_and_soon()
    {
        byte[][] files = [Sound(Implicit), Sound(Explicit), Sound(Deflated), Sound(BigEndian)];
        FuzzRun.Each(10_000, TimeSpan.FromSeconds(10), SeverityError.FileEmpty, i =>
        {
            Random random = new(i);
            byte[] file = [.. files[i % files.Length]];
            for (int changes = random.Next(1, 5); changes > 0; changes--)
                file[random.Next(128, file.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                file = file[..random.Next(129, file.Length)];
            XRayImage.Decode(file, "x.dcm").Dispose();
        });
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
