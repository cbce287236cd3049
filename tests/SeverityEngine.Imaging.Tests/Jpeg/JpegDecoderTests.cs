using StbImageSharp;

namespace SeverityEngine.Imaging.Tests.Jpeg;

/// <summary>Against channel 0 as Pillow decodes it with libjpeg-turbo: equal to the bit.</summary>
public class JpegDecoderTests
{
    public static TheoryData<string> Samples => [.. JpegSamples.Names];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Channel_0_is_exactly_what_libjpeg_turbo_gives(string name)
    {
        using XRayImage image = XRayImage.Decode(JpegSamples.Read(name));
        Assert.Equal("JPEG", image.Format);
        Assert.Empty(DoubtTests.Oddities(image));
        JpegSamples.AssertExpected(name, image);
    }

    [Fact]
    public void There_are_samples_of_every_kind()
    {
        foreach (string kind in (ReadOnlySpan<string>)
            ["gray-", "color-444", "color-422", "color-420", "color-440", "color-411", "progressive", "restarts", "scans-", "rgb", "exif",
                "cmyk",
            "ycck", "gray-as-"])
        {
            Assert.Contains(JpegSamples.Names, n => n.Contains(kind, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Another_decoder_agrees_within_4_levels_where_it_smooths_alike()
    {
        Assert.All(JpegSamples.Names.Where(n => n.StartsWith("gray-", StringComparison.Ordinal)
            || n.StartsWith("color-444", StringComparison.Ordinal)
            || n.StartsWith("rgb", StringComparison.Ordinal) && !n.EndsWith("halved", StringComparison.Ordinal)), name =>
        {
            byte[] file = JpegSamples.Read(name);
            ImageResult other = ImageResult.FromMemory(file);
            using XRayImage image = XRayImage.Decode(file);
            Assert.Equal((other.Width, other.Height), (image.Width, image.Height));
            for (int i = 0; i < image.Pixels.Data.Length; i++)
                Assert.InRange(image.Pixels.Data[i] - other.Data[i * (int)other.Comp], -4, 4);
        });
    }

    [Theory]
    [InlineData("color-420-70x45")]
    [InlineData("color-420-progressive")]
    [InlineData("scans-three-scans-2x2")]
    [InlineData("cmyk")]
    public void A_whole_picture_without_an_end_marker_is_read_with_a_warning(string name)
    {
        using XRayImage image = XRayImage.Decode(JpegSamples.Read(name).AsSpan()[..^2]);
        Assert.Contains("end marker is missing", Assert.Single(DoubtTests.Oddities(image)));
        JpegSamples.AssertExpected(name, image);
    }

    [Fact]
    public void Bytes_behind_the_end_are_a_warning()
    {
        using XRayImage image = XRayImage.Decode([.. JpegSamples.Read("color-420-70x45"), 1, 2, 3]);
        Assert.Contains("3 bytes follow the image's end", Assert.Single(DoubtTests.Oddities(image)));
        JpegSamples.AssertExpected("color-420-70x45", image);
    }

    [Fact]
    public void Fill_bytes_are_no_fault()
    {
        byte[] file = JpegSamples.Read("color-420-70x45");
        foreach (int marker in (ReadOnlySpan<int>)[0xDB, 0xC4, 0xDA, 0xD9])
            file = JpegSamples.Insert(file, JpegSamples.Find(file, marker), 0xFF, 0xFF, 0xFF);
        using XRayImage image = XRayImage.Decode(file);
        Assert.Empty(DoubtTests.Oddities(image));
        JpegSamples.AssertExpected("color-420-70x45", image);
    }

    [Fact]
    public void Fill_bytes_before_a_restart_marker_are_no_fault()
    {
        byte[] file = JpegSamples.Read("color-420-restarts");
        using XRayImage image = XRayImage.Decode(JpegSamples.Insert(file, JpegSamples.Find(file, 0xD0), 0xFF, 0xFF));
        Assert.Empty(DoubtTests.Oddities(image));
        JpegSamples.AssertExpected("color-420-restarts", image);
    }

    [Fact]
    public void A_restart_marker_that_follows_the_last_interval_is_a_warning()
    {
        // 7 MCUs a row: every 7th, and so the last, ends an interval of its own.
        byte[] file = JpegSamples.Read("color-444-restarts");
        int last = Enumerable.Range(0, file.Length - 1).Last(i => file[i] == 0xFF && file[i + 1] is >= 0xD0 and <= 0xD7);
        int next = 0xD0 + (file[last + 1] + 1 & 7);
        using XRayImage image = XRayImage.Decode(JpegSamples.Insert(file, file.Length - 2, 0xFF, (byte)next));
        Assert.Contains("a restart marker follows", Assert.Single(DoubtTests.Oddities(image)));
        JpegSamples.AssertExpected("color-444-restarts", image);
    }

    [Fact]
    public void Zeros_that_fill_the_last_byte_up_are_a_warning()
    {
        byte[] file = JpegSamples.Read("gray-61x47");
        int filled = 0;
        while ((file[^3] >> filled & 1) != 0)
            filled++;
        // Of the ones that are cleared some may be the last code's, which is then damage.
        byte[] zeros = [.. file];
        int read = 0;
        for (int bits = 1; bits <= filled; bits++)
        {
            zeros[^3] = (byte)(file[^3] & -1 << bits);
            try
            {
                using XRayImage image = XRayImage.Decode(zeros);
                Assert.Contains("zeros fill up", Assert.Single(image.Warnings));
                JpegSamples.AssertExpected("gray-61x47", image);
                read++;
            }
            catch (SeverityException e)
            {
                Assert.Equal(SeverityError.ImageCorrupt, e.Code);
            }
        }
        Assert.Equal(1, read);
    }

    [Theory]
    [InlineData("color-420-70x45", 1, 1, 1)]
    [InlineData("color-444-restarts", 7, 7, 9)]
    [InlineData("scans-two-scans-2x2", 5, 5, 9)]
    public void Components_of_one_name_are_told_apart_by_their_order(string name, byte first, byte second, byte third)
    {
        byte[] file = JpegSamples.Read(name);
        Dictionary<byte, byte> names = new() { [1] = first, [2] = second, [3] = third };
        for (int at = 2; at < file.Length - 1; at++)
        {
            if (file[at] != 0xFF || file[at + 1] is not (0xC0 or 0xDA))
                continue;
            (int id, int step) = file[at + 1] == 0xC0 ? (at + 10, 3) : (at + 5, 2);
            for (int count = file[id - 1]; count > 0; count--, id += step)
                file[id] = names[file[id]];
        }
        using XRayImage image = XRayImage.Decode(file);
        JpegSamples.AssertExpected(name, image);
    }

    [Theory]
    [InlineData("gray-61x47")]
    [InlineData("color-420-70x45")]
    [InlineData("color-444-restarts")]
    public void A_jpeg_without_huffman_tables_has_the_standards(string name)
    {
        byte[] file = JpegSamples.Read(name);
        for (int at; (at = JpegSamples.Find(file, 0xC4)) >= 0;)
            file = JpegSamples.Remove(file, at, 2 + (file[at + 2] << 8 | file[at + 3]));
        using XRayImage image = XRayImage.Decode(file);
        Assert.Empty(DoubtTests.Oddities(image));
        JpegSamples.AssertExpected(name, image);
    }

    [Fact]
    public void Colored_pictures_have_a_warning_and_gray_ones_none()
    {
        foreach (string name in JpegSamples.Names)
        {
            using XRayImage image = XRayImage.Decode(JpegSamples.Read(name));
            bool isGray = name.StartsWith("gray-", StringComparison.Ordinal);
            if (isGray || name is "rgb" or "ycck-progressive" || name.EndsWith("70x45", StringComparison.Ordinal))
                Assert.Equal(!isGray, DoubtTests.SaysColored(image));
        }
    }

    [Theory]
    [InlineData("II*\0\x08\0\0\0\x02\0\x10\x01\x02\0\x01\0\0\0\0\0\0\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0", 6)]
    [InlineData("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0", 3)]
    [InlineData("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0", 1)]
    [InlineData("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0", 1)] // no orientation
    [InlineData("MM\0*\xFF\xFF\xFF\xFF\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", 1)] // a directory that is nowhere
    [InlineData("MM\0*\0\0\0\x08\xFF\xFF\x01\x12\0\x03\0\0\0\x01\0", 1)] // more entries than there are
    [InlineData("II*\0", 1)]
    [InlineData("", 1)]
    public void An_exif_orientation_is_a_warning_and_changes_no_pixel(string tiff, int orientation)
    {
        byte[] segment = [.. "Exif\0\0"u8, .. tiff.Select(c => (byte)c)];
        byte[] file = JpegSamples.Read("gray-61x47");
        using XRayImage image = XRayImage.Decode(JpegSamples.Insert(file, 2, [0xFF, 0xE1, 0, (byte)(segment.Length + 2), .. segment]));
        JpegSamples.AssertExpected("gray-61x47", image);
        if (orientation == 1)
            Assert.Empty(image.Warnings);
        else
            Assert.Contains($"its EXIF orientation, {orientation},", Assert.Single(image.Warnings));
    }
}
