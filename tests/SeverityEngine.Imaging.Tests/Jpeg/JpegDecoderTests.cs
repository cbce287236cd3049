using StbImageSharp;

namespace SeverityEngine.Imaging.Tests.Jpeg;

/// <summary>Against channel 0 as Pillow decodes it with libjpeg-turbo: equal to the bit.</summary>
public class JpegDecoderTests
{
    public static TheoryData<string> Samples => [.. JpegSamples.Names.Where(n => n != "cmyk")];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Channel_0_is_exactly_what_libjpeg_turbo_gives(string name)
    {
        using XRayImage image = XRayImage.Decode(JpegSamples.Read(name));
        Assert.Equal("JPEG", image.Format);
        Assert.Empty(image.Warnings);
        JpegSamples.AssertExpected(name, image);
    }

    [Fact]
    public void There_are_samples_of_every_kind()
    {
        foreach (string kind in (ReadOnlySpan<string>)
            ["gray-", "color-444", "color-422", "color-420", "color-440", "color-411", "progressive", "restarts", "scans-", "rgb", "exif"])
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

    [Fact]
    public void A_jpeg_of_four_components_is_what_pillow_reads_within_4_levels()
    {
        using XRayImage image = XRayImage.Decode(JpegSamples.Read("cmyk"));
        using XRayImage expected = JpegSamples.Expected("cmyk");
        Assert.Equal((expected.Width, expected.Height), (image.Width, image.Height));
        for (int i = 0; i < image.Pixels.Data.Length; i++)
            Assert.InRange(image.Pixels.Data[i] - expected.Pixels.Data[i], -4, 4);
    }

    [Theory]
    [InlineData("color-420-70x45")]
    [InlineData("color-420-progressive")]
    [InlineData("scans-three-scans-2x2")]
    public void A_whole_picture_without_an_end_marker_is_read_with_a_warning(string name)
    {
        using XRayImage image = XRayImage.Decode(JpegSamples.Read(name).AsSpan()[..^2]);
        Assert.Contains("end marker is missing", Assert.Single(image.Warnings));
        JpegSamples.AssertExpected(name, image);
    }

    [Theory]
    [InlineData("color-420-70x45", 0xDB)]
    [InlineData("color-420-70x45", 0xC4)]
    [InlineData("color-420-progressive", 0xDA)]
    [InlineData("color-420-70x45", 0xD9)]
    public void Bytes_that_belong_to_nothing_are_passed_over_with_a_warning(string name, int before)
    {
        byte[] file = JpegSamples.Read(name);
        using XRayImage image = XRayImage.Decode(JpegSamples.Insert(file, JpegSamples.Find(file, before), 1, 2, 3));
        Assert.Contains("3 bytes before the marker", Assert.Single(image.Warnings));
        JpegSamples.AssertExpected(name, image);
    }

    [Fact]
    public void Fill_bytes_and_bytes_behind_the_end_are_no_fault()
    {
        byte[] file = JpegSamples.Read("color-420-70x45");
        foreach (int marker in (ReadOnlySpan<int>)[0xDB, 0xC4, 0xDA, 0xD9])
            file = JpegSamples.Insert(file, JpegSamples.Find(file, marker), 0xFF, 0xFF, 0xFF);
        using XRayImage image = XRayImage.Decode([.. file, 1, 2, 3]);
        Assert.Empty(image.Warnings);
        JpegSamples.AssertExpected("color-420-70x45", image);
    }

    [Fact]
    public void Fill_bytes_before_a_restart_marker_are_no_fault()
    {
        byte[] file = JpegSamples.Read("color-420-restarts");
        using XRayImage image = XRayImage.Decode(JpegSamples.Insert(file, JpegSamples.Find(file, 0xD0), 0xFF, 0xFF));
        Assert.Empty(image.Warnings);
        JpegSamples.AssertExpected("color-420-restarts", image);
    }

    [Fact]
    public void Damage_behind_a_whole_picture_is_a_warning()
    {
        byte[] file = JpegSamples.Read("color-420-70x45");
        using XRayImage image = XRayImage.Decode([.. file[..^2], 0xFF, 0xE1, 0xFF, 0xFF, 1]);
        Assert.Contains("what follows", Assert.Single(image.Warnings));
        JpegSamples.AssertExpected("color-420-70x45", image);
    }
}
