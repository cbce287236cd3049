using System.Runtime.InteropServices;
using StbImageSharp;

namespace SeverityEngine.Tests.Saliency;

public class SaliencyPictureTests
{
    /// <summary>Steps of 255: rounding of the blend, and a value that lies on the border of two of the 256 colors.</summary>
    const int Tolerance = 2;

    static readonly SaliencyMap s_map = Map(24);

    static SaliencyMap Map(int size) =>
        new(default, SaliencyOptions.Default, size, SaliencyFormula.Field(size, 8, 6), SaliencyFormula.Field(size, 3, 2));

    static ushort[] Ramp() => [.. Enumerable.Range(0, 121 * 90).Select(i => (ushort)(500 + (30 * (i % 121)) + (17 * (i / 121))))];

    [Fact]
    public void A_map_over_the_networks_input_is_matplotlibs_picture()
    {
        byte[] rgb = new byte[3 * 96 * 96];
        Map(96).Draw(rgb);
        AssertClose("network-96.png", rgb);
    }

    [Fact]
    public void A_map_over_a_whole_image_is_matplotlibs_picture_and_leaves_the_rest_gray()
    {
        byte[] rgb = new byte[3 * 121 * 90];
        s_map.Draw(new XRayPixels(MemoryMarshal.AsBytes<ushort>(Ramp()), 121, 90, PixelFormat.Gray16), rgb);
        AssertClose("original-121x90.png", rgb);
        Assert.All(Enumerable.Range(0, 121 * 90).Where(i => i % 121 is < 15 or >= 105),
            i => Assert.True(rgb[3 * i] == rgb[(3 * i) + 1] && rgb[3 * i] == rgb[(3 * i) + 2]));
    }

    [Fact]
    public void A_tall_image_in_color_with_gaps_between_rows_has_gray_above_and_below()
    {
        const int width = 31, height = 50, stride = 100;
        byte[] pixels = new byte[height * stride];
        new Random(1).NextBytes(pixels);
        byte[] rgb = new byte[3 * width * height], gray = new byte[3 * width * height], expected = new byte[3 * width * height];
        s_map.Draw(new XRayPixels(pixels, width, height, PixelFormat.Rgb24, stride), rgb);
        byte[] red = [.. Enumerable.Range(0, width * height).Select(i => pixels[(i / width * stride) + (3 * (i % width))])];
        s_map.Draw(new XRayPixels(red, width, height), expected);
        Assert.Equal(expected, rgb);
        for (int i = 0; i < width * height; i++)
            Assert.Equal(i / width is < 10 or >= 41, rgb[3 * i] == rgb[(3 * i) + 1] && rgb[3 * i] == rgb[(3 * i) + 2]);
    }

    [Fact]
    public void Flat_maps_and_images_take_the_first_color_and_black()
    {
        byte[] rgb = new byte[3 * 4 * 4];
        new SaliencyMap(default, SaliencyOptions.Default, 4, new float[16], new float[16]).Draw(rgb);
        Assert.All(rgb.Chunk(3), p => Assert.Equal([34, 1, 42], p)); // half of viridis' first, 68 1 84
    }

    [Theory]
    [InlineData("map.png")]
    [InlineData("map.jpg")]
    public void Pictures_are_saved_by_their_ending(string name)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, name);
        Map(96).Save(path);
        using XRayImage saved = XRayImage.Load(path);
        Assert.Equal((96, 96), (saved.Width, saved.Height));
        s_map.Save(path, new XRayPixels(MemoryMarshal.AsBytes<ushort>(Ramp()), 121, 90, PixelFormat.Gray16));
        using XRayImage whole = XRayImage.Load(path);
        Assert.Equal((121, 90), (whole.Width, whole.Height));
        Assert.Equal(name.EndsWith("png", StringComparison.Ordinal) ? "PNG" : "JPEG", whole.Format);
        Assert.Equal(
            SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => s_map.Save(Path.Combine(folder.Path, "map.gif"))).Code);
    }

    [Fact]
    public void Room_of_another_size_is_refused()
    {
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => s_map.Draw(new byte[5].AsSpan())).Code);
        Assert.Equal(
            SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => s_map.Draw(default(XRayPixels), new byte[3])).Code);
    }

    [Fact]
    public void The_peak_and_the_shares_of_both_halves_are_found()
    {
        float[] values = new float[25];
        (values[3], values[10], values[12], values[24]) = (5, 2, 1, -4);
        SaliencyMap map = new(default, SaliencyOptions.Default, 5, values, values);
        Assert.Equal(new SaliencyPeak(3, 0, 5), map.Peak);
        // The middle column counts half for each side, what is negative for none.
        Assert.Equal(2.5 / 8, map.LeftHalfShare, 1e-12);
        Assert.Equal(5.5 / 8, map.RightHalfShare, 1e-12);
        SaliencyMap none = new(default, SaliencyOptions.Default, 2, new float[4], new float[4]);
        Assert.Equal((0, 0), (none.LeftHalfShare, none.RightHalfShare));
    }

    static void AssertClose(string golden, byte[] rgb)
    {
        byte[] expected = ImageResult.FromMemory(File.ReadAllBytes(SaliencyFormula.Golden(golden)), ColorComponents.RedGreenBlue).Data;
        Assert.Equal(expected.Length, rgb.Length);
        Assert.All(expected.Zip(rgb), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, Tolerance));
        // A color of the next step at a few borders; all the rest but rounding.
        Assert.True(expected.Zip(rgb).Count(p => Math.Abs(p.First - p.Second) > 1) < expected.Length / 100);
    }
}
