using System.Runtime.InteropServices;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

public class StbDecoderTests
{
    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "raster");

    public static TheoryData<string> Samples =>
        [.. Directory.EnumerateFiles(Folder)
        .Select(f => Path.GetFileName(f)!).Where(f => !f.EndsWith(".npy", StringComparison.Ordinal)).Order()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Channel_0_of_bmp_gif_tga_and_psd_is_what_pillow_reads(string sample)
    {
        using XRayImage image = XRayImage.Load(Path.Combine(Folder, sample));
        string expected = Path.Combine(Folder, sample + ".npy");
        if (sample.Contains("-16", StringComparison.Ordinal))
            AssertPixels(Npy<ushort>.Load(expected), 16, image);
        else
            AssertPixels(Npy<byte>.Load(expected), 8, image);
    }

    /// <summary>A byte may be all that is missing: what was decoded up to there is no X-ray.</summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void A_file_cut_anywhere_inside_its_pixels_is_refused(string sample)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, sample));
        foreach (double share in (double[])[0.1, 0.3, 0.5, 0.7, 0.9])
        {
            byte[] cut = file[..(int)(share * file.Length)];
            SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(cut, sample).Dispose());
            Assert.True(error.Code is SeverityError.ImageTruncated or SeverityError.ImageCorrupt or SeverityError.ImageFormatUnknown,
                error.Message);
            Assert.StartsWith(sample + ": ", error.Message, StringComparison.Ordinal);
        }
    }

    static void AssertPixels<T>(Npy<T> expected, int bits, XRayImage image) where T : unmanaged
    {
        Assert.Equal(bits, image.BitsPerSample);
        Assert.Equal(expected.Shape, (int[])[image.Height, image.Width]);
        Assert.Equal(expected.Values, MemoryMarshal.Cast<byte, T>(image.Pixels.Data).ToArray());
    }
}
