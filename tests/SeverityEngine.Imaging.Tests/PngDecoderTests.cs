using System.Runtime.InteropServices;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

public class PngDecoderTests
{
    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "png");

    public static TheoryData<string> Samples =>
        [.. Directory.EnumerateFiles(Folder, "*.png").Select(f => Path.GetFileNameWithoutExtension(f)!).Order()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Channel_0_of_every_color_type_depth_and_interlace_method_is_what_was_put_in(string sample)
    {
        using XRayImage image = XRayImage.Load(Path.Combine(Folder, sample + ".png"));
        string expected = Path.Combine(Folder, sample + ".npy");
        if (sample.Contains("-16-", StringComparison.Ordinal))
            AssertPixels(Npy<ushort>.Load(expected), 16, image);
        else
            AssertPixels(Npy<byte>.Load(expected), 8, image);
        Assert.Empty(DoubtTests.Oddities(image));
    }

    [Fact]
    public void There_is_a_sample_of_each_of_the_15_forms_with_and_without_interlace() =>
        Assert.Equal(30, Samples.Count(s => s.Data.EndsWith("-37x21", StringComparison.Ordinal)));

    static void AssertPixels<T>(Npy<T> expected, int bits, XRayImage image) where T : unmanaged
    {
        Assert.Equal(bits, image.BitsPerSample);
        Assert.Equal(expected.Shape, (int[])[image.Height, image.Width]);
        Assert.Equal(expected.Values, MemoryMarshal.Cast<byte, T>(image.Pixels.Data).ToArray());
    }
}
