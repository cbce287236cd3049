using System.Runtime.InteropServices;
using SeverityEngine.Evaluation.Report;
using SeverityEngine.Imaging.Png;
using SeverityEngine.Saliency;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests.Report;

public sealed class SmallPictureTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>tests/fixtures/report/make_small.py: Pillow's box filter, then least to largest.</summary>
    [Theory]
    [InlineData("severe.png")]
    [InlineData("moderate.jpg")]
    public void An_X_ray_becomes_what_Pillow_makes_of_it(string sample)
    {
        string root = TestData.RepositoryRoot;
        using XRayImage image = XRayImage.Load(Path.Combine(root, "tests", "samples", sample));
        SmallPicture small = SmallPicture.OfXRay(image.Pixels);
        string name = $"{Path.GetFileNameWithoutExtension(sample)}-96.png";
        using XRayImage expected = XRayImage.Load(Path.Combine(root, "tests", "fixtures", "report", name));
        Assert.Equal((expected.Width, expected.Height), (small.Width, small.Height));
        Assert.Equal(SmallPicture.MostPixels, Math.Max(small.Width, small.Height));
        using XRayImage shown = XRayImage.Decode(small.Jpeg);
        double difference = 0;
        for (int i = 0; i < expected.Pixels.Data.Length; i++)
            difference += Math.Abs(expected.Pixels.Data[i] - shown.Pixels.Data[i]);
        // Of 255: what the JPEG loses, and where areas' borders fall within pixels.
        Assert.InRange(difference / expected.Pixels.Data.Length, 0, 4);
    }

    [Fact]
    public void Twelve_bits_in_sixteen_are_spread_and_one_value_stays()
    {
        ushort[] dark = [.. Enumerable.Range(0, 96 * 96).Select(i => (ushort)(i % 96 < 48 ? 0 : 4095))];
        SmallPicture spread = SmallPicture.OfXRay(new XRayPixels(MemoryMarshal.AsBytes<ushort>(dark), 96, 96, PixelFormat.Gray16));
        using XRayImage shown = XRayImage.Decode(spread.Jpeg);
        Assert.InRange(shown.Pixels.Data[10], 0, 10);
        Assert.InRange(shown.Pixels.Data[85], 245, 255);
        byte[] gray = [.. Enumerable.Repeat((byte)200, 50 * 20)];
        SmallPicture one = SmallPicture.OfXRay(new XRayPixels(gray, 50, 20));
        // What is small is not made larger.
        Assert.Equal((50, 20), (one.Width, one.Height));
        using XRayImage flat = XRayImage.Decode(one.Jpeg);
        Assert.InRange(flat.Pixels.Data[500], 195, 205);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_a_panel_the_map_alone_is_shown(bool isOutside)
    {
        SaliencyMap map = ReportFiles.Map(5, isOutside);
        ModelInfo model = new("m", "1", 224, new ScoreRange(0, 8), new ScoreRange(0, 6), [], [], [], 0, new Dictionary<string, string>());
        map.Save(_folder["map.png"], 2);
        map.SavePanel(_folder["map.panel.png"], model, "the name of the image", 2);
        byte[] picture = File.ReadAllBytes(_folder["map.png"]), panel = File.ReadAllBytes(_folder["map.panel.png"]);
        (int width, int height) = PngColorPicture.SizeOf(panel, "panel", ImageLimits.Default)!.Value;
        PanelLayout layout = PanelLayout.Of(width, height, SaliencyPanel.LinesBelow(isOutside))!.Value;
        SmallPicture fromPicture = SmallPicture.OfMap(picture, "map", ImageLimits.Default, new PictureArea(0, 0, 224, 224));
        SmallPicture fromPanel = SmallPicture.OfMap(
            panel, "panel", ImageLimits.Default, new PictureArea(layout.MapX, layout.Top, layout.Width, layout.Height));
        Assert.Equal(fromPicture.Jpeg, fromPanel.Jpeg);
    }

    [Fact]
    public void A_panels_size_tells_where_its_map_is()
    {
        for (int width = 170; width <= 2048; width += 13)
        {
            foreach (int height in (int[])[3 * new PanelLayout(width, 1).Line, 350, 1000, 2048])
            {
                PanelLayout layout = new(width, height);
                Assert.Equal(layout, PanelLayout.Of(layout.CanvasWidth, layout.CanvasHeight(5), 5));
            }
        }
        // The text alone makes narrow panels wide, and nothing tells where their maps are.
        Assert.Null(PanelLayout.Of(new PanelLayout(100, 100).CanvasWidth, new PanelLayout(100, 100).CanvasHeight(5), 5));
        Assert.Null(PanelLayout.Of(10, 10, 5));
    }

    [Fact]
    public void A_map_that_is_cut_short_or_altered_is_an_error()
    {
        ReportFiles.Map(1).Save(_folder["map.png"]);
        byte[] whole = File.ReadAllBytes(_folder["map.png"]);
        for (int length = 0; length < whole.Length; length += 997)
        {
            byte[] cut = whole[..length];
            if (length < 8)
                Assert.Null(PngColorPicture.SizeOf(cut, "cut", ImageLimits.Default));
            else
                Assert.Throws<SeverityException>(() => PngColorPicture.SizeOf(cut, "cut", ImageLimits.Default));
        }
        byte[] gray = File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "tests", "samples", "severe.png"));
        Assert.Null(PngColorPicture.SizeOf(gray, "gray", ImageLimits.Default));
        Assert.Throws<SeverityException>(() => PngColorPicture.SizeOf(whole, "large", ImageLimits.Default with { MaxSide = 223 }));
    }
}
