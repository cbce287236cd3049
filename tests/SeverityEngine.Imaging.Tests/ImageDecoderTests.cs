using System.Diagnostics;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

public class ImageDecoderTests
{
    [Theory]
    [InlineData("grey.png")]
    [InlineData("rgb.png")]
    [InlineData("rgba.png")]
    [InlineData("grey-alpha.png")]
    [InlineData("palette.png")]
    [InlineData("bilevel.png")]
    [InlineData("grey.bmp")]
    [InlineData("rgb.bmp")]
    [InlineData("grey.gif")]
    [InlineData("rgb.tga")]
    public void Channel_0_of_lossless_formats_is_exactly_what_pillow_reads(string format)
    {
        using XRayImage image = XRayImage.Load(TestData.Get("golden", "format-" + format));
        AssertEqual(Npy<byte>.Load(TestData.Get("golden", $"format-{format}.channel0.npy")), image);
    }

    [Theory]
    [InlineData("grey.jpg")]
    [InlineData("colour-444.jpg")]
    [InlineData("colour-422.jpg")]
    [InlineData("colour-420.jpg")]
    [InlineData("progressive.jpg")]
    public void Channel_0_of_jpeg_variants_is_exactly_what_pillow_reads(string format)
    {
        using XRayImage image = XRayImage.Load(TestData.Get("golden", "format-" + format));
        AssertEqual(Npy<byte>.Load(TestData.Get("golden", $"format-{format}.channel0.npy")), image);
    }

    [Fact]
    public void Channel_0_of_real_x_rays_is_exactly_what_pillow_reads()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(TestData.Get("golden", "golden.json")));
        string[] names = [.. golden.RootElement.GetProperty("real_images").EnumerateArray().Select(n => n.GetString()!)];
        Assert.Equal(5, names.Length);
        Assert.All(names, name =>
        {
            using XRayImage image = XRayImage.Load(TestData.Get("data", "cxr", name));
            AssertEqual(Npy<byte>.Load(TestData.Get("golden", name + ".channel0.npy")), image);
        });
    }

    [Fact]
    public void A_16_bit_png_keeps_its_16_bits()
    {
        using XRayImage image = XRayImage.Load(TestData.Get("golden", "sixteen-bit-700x500.png"));
        Assert.Equal((500, 700, 16, 65_535), (image.Width, image.Height, image.BitsPerSample, image.MaxValue));
        // Random values: nearly every low byte is used, which an 8-bit route would have lost.
        Assert.True(
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray().Distinct().Count() > 60_000);
    }

    [Theory]
    [InlineData("bmp-truncated.bmp", SeverityError.ImageTruncated)]
    [InlineData("dicom-preamble-only.dcm", SeverityError.ImageTruncated)]
    [InlineData("dicom-random.dcm", SeverityError.ImageTruncated)]
    [InlineData("empty.jpg", SeverityError.FileEmpty)]
    [InlineData("gif-header-only.gif", SeverityError.ImageTruncated)]
    [InlineData("html.png", SeverityError.ImageFormatUnsupported)]
    [InlineData("jpeg-header-only.jpg", SeverityError.ImageTruncated)]
    [InlineData("jpeg-huge-dimensions.jpg", SeverityError.ImageTooLarge)]
    [InlineData("jpeg-truncated-half.jpg", SeverityError.ImageTruncated)]
    [InlineData("one-byte.png", SeverityError.ImageFormatUnknown)]
    [InlineData("pdf-renamed.png", SeverityError.ImageFormatUnsupported)]
    [InlineData("png-bomb-25000x25000.png", SeverityError.ImageTooLarge)]
    [InlineData("png-corrupt-data.png", SeverityError.ImageCorrupt)]
    [InlineData("png-huge-dimensions.png", SeverityError.ImageTooLarge)]
    [InlineData("png-truncated-half.png", SeverityError.ImageTruncated)]
    [InlineData("png-zero-width.png", SeverityError.ImageCorrupt)]
    [InlineData("random-bytes.jpg", SeverityError.ImageTruncated)]
    [InlineData("random-bytes.png", SeverityError.ImageCorrupt)]
    [InlineData("text.jpg", SeverityError.ImageFormatUnknown)]
    [InlineData("webp-unsupported.webp", SeverityError.ImageFormatUnsupported)]
    public void Bad_input_ends_in_an_error_that_names_the_file_and_the_fault(string file, SeverityError expected)
    {
        string path = TestData.Get("bad-input", file);
        Stopwatch watch = Stopwatch.StartNew();
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Load(path).Dispose());
        Assert.Equal(expected, error.Code);
        Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
    }

    [Fact]
    public void Every_file_of_bad_input_has_its_test()
    {
        string[] tested = [.. typeof(ImageDecoderTests).GetMethod(nameof(Bad_input_ends_in_an_error_that_names_the_file_and_the_fault))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(a => (string)a.Data[0]!)];
        Assert.Equal(Directory.GetFiles(TestData.Get("bad-input")).Select(Path.GetFileName).Order(), tested.Order());
    }

    [Fact]
    public void All_real_x_rays_decode()
    {
        string[] files = [.. Directory.GetFiles(TestData.Get("data", "cxr")).Where(f => !f.EndsWith(".csv", StringComparison.Ordinal))];
        Assert.Equal(94, files.Length);
        Assert.All(files, file =>
        {
            using XRayImage image = XRayImage.Load(file);
            Assert.True(image.Pixels.Data.ContainsAnyExcept(image.Pixels.Data[0]), "one flat gray");
        });
    }

    [Fact]
    public void Limits_are_those_that_are_set()
    {
        string path = TestData.Get("golden", "double-448x448.png");
        AssertRefused(SeverityError.ImageTooLarge, new ImageLimits { MaxSide = 447 });
        AssertRefused(SeverityError.ImageTooLarge, new ImageLimits { MaxPixels = 448 * 448 - 1 });
        AssertRefused(SeverityError.FileTooLarge, new ImageLimits { MaxFileBytes = new FileInfo(path).Length - 1 });
        XRayImage.Load(path, new ImageLimits { MaxSide = 448, MaxPixels = 448 * 448, MaxFileBytes = new FileInfo(path).Length }).Dispose();

        void AssertRefused(SeverityError code, ImageLimits limits) =>
            Assert.Equal(code, Assert.Throws<SeverityException>(() => XRayImage.Load(path, limits).Dispose()).Code);
    }

    static void AssertEqual(Npy<byte> expected, XRayImage image)
    {
        Assert.Equal(expected.Shape, (int[])[image.Height, image.Width]);
        Assert.Equal(8, image.BitsPerSample);
        Assert.Equal(expected.Values, image.Pixels.Data);
    }
}
