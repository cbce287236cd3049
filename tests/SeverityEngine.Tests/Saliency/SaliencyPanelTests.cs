using SeverityEngine.Saliency;
using StbImageSharp;

namespace SeverityEngine.Tests.Saliency;

public class SaliencyPanelTests
{
    const int Side = 96;

    /// <summary>Where the layout puts things at this size, in dots that are pixels: a gap, and a line of text.</summary>
    const int Gap = 8, Line = 12, Top = Gap + Line, BarX = (3 * Gap) + (2 * Side);

    static readonly ModelInfo s_model = new(
        "some-model", "1.2", Side, new ScoreRange(0, 8), new ScoreRange(0, 6), [], [], [], 0, new Dictionary<string, string>());

    static SaliencyMap Map(float factor = 1, SaliencyOptions? options = null) => new(
        new SeverityScore(2.317, 1.631, 2.317, 1.631, default), options ?? SaliencyOptions.Default, Side,
        [.. SaliencyFormula.Field(Side, 8, 6).Select(v => factor * v)], SaliencyFormula.Field(Side, 3, 2));

    [Fact]
    public void The_X_ray_the_map_and_the_bar_are_what_matplotlib_makes_of_them()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "panel.png");
        Map().SavePanel(path, s_model, "chest.png", 0.8f);
        ImageResult panel = ImageResult.FromMemory(File.ReadAllBytes(path), ColorComponents.RedGreenBlue);
        Assert.Equal((412, 192), (panel.Width, panel.Height));
        byte[] input = [.. SaliencyFormula.Field(Side, 3, 2).SelectMany(v => Enumerable.Repeat(Gray(v), 3))];
        Assert.True(FarthestOf(input, panel, Gap) <= 1);
        Assert.True(FarthestOf(Golden("value-96.png"), panel, (2 * Gap) + Side) <= 2);
        byte[] bar = Golden("bar-96.png");
        for (int y = 0; y < Side; y++)
        {
            for (int x = BarX; x < BarX + 10; x++)
                Assert.Equal(bar.AsSpan(3 * y, 3), panel.Data.AsSpan(3 * (((Top + y) * panel.Width) + x), 3));
        }
        // Between them, and around, is the ground.
        Assert.Equal(24, At(panel, Gap + Side, Top)[0]);
        Assert.Equal(24, At(panel, BarX - 1, Top)[0]);

        static byte Gray(float value)
        {
            float[] all = SaliencyFormula.Field(Side, 3, 2);
            return (byte)Math.Min(255, (int)(256 * (value - all.Min()) / (all.Max() - all.Min())));
        }
    }

    [Fact]
    public void Nothing_is_drawn_where_the_map_is_0_and_the_X_ray_shows_through_everywhere()
    {
        float[] values = new float[Side * Side], input = SaliencyFormula.Field(Side, 3, 2);
        (values[5], values[6], values[7]) = (-1, 1, 0.5f);
        SaliencyMap map = new(default, SaliencyOptions.Default, Side, values, input);
        byte[] rgb = new byte[3 * Side * Side], plain = new byte[3 * Side * Side];
        map.Draw(rgb, 1);
        new SaliencyMap(default, SaliencyOptions.Default, Side, new float[Side * Side], input).Draw(plain, 1);
        Assert.All(Enumerable.Range(0, rgb.Length).Where(i => i / 3 is not (6 or 7)), i => Assert.Equal(plain[i], rgb[i]));
        // 0.7 of viridis' last, 253 231 37, and of its middle, 33 145 140, over gray.
        int gray = plain[18];
        Assert.Equal([(0.3 * gray) + (0.7 * 253), (0.3 * gray) + (0.7 * 231), (0.3 * gray) + (0.7 * 37)],
            rgb[18..21].Select(b => (double)b), (a, b) => Math.Abs(a - b) <= 1.5);
        gray = plain[21];
        Assert.Equal([(0.3 * gray) + (0.7 * 33), (0.3 * gray) + (0.7 * 145), (0.3 * gray) + (0.7 * 140)],
            rgb[21..24].Select(b => (double)b), (a, b) => Math.Abs(a - b) <= 1.5);
    }

    [Fact]
    public void On_one_scale_a_weak_map_is_weak_and_on_its_own_it_is_as_strong_as_any()
    {
        byte[] strong = new byte[3 * Side * Side], weak = new byte[3 * Side * Side], alone = new byte[3 * Side * Side];
        Map().Draw(strong, 0.9f);
        Map(factor: 0.05f).Draw(weak, 0.9f);
        Map(factor: 0.05f).Draw(alone, 0.9f * 0.05f);
        Assert.True(Color(strong) > 10 * Color(weak));
        Assert.InRange(Color(alone), 0.99 * Color(strong), 1.01 * Color(strong));

        // How far the pixels are from gray.
        static double Color(byte[] rgb) => rgb.Chunk(3).Average(p => p.Max() - p.Min());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Colors_end_above_0(float end)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "panel.png");
        Assert.Equal(SeverityError.InvalidArgument,
            Assert.Throws<SeverityException>(() => Map().Draw(new byte[3 * Side * Side].AsSpan(), end)).Code);
        Assert.Equal(
            SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => Map().SavePanel(path, s_model, "x", end)).Code);
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(500, 2)]
    [InlineData(2, 500)]
    [InlineData(640, 480)]
    [InlineData(4097, 3)]
    [InlineData(6001, 4100)]
    public void A_whole_image_of_any_size_is_shown_at_its_size_or_smaller_by_a_whole_factor(int width, int height)
    {
        byte[] pixels = new byte[width * height];
        new Random(3).NextBytes(pixels);
        (pixels[0], pixels[^1]) = (0, 255);
        int factor = (Math.Max(width, height) + 2047) / 2048;
        RgbCanvas panel = SaliencyPanel.Draw(Map(), s_model, "x.png", new XRayPixels(pixels, width, height), null);
        int shown = (width + factor - 1) / factor, dot = Math.Max(1, shown / 224);
        Assert.True(panel.Width >= 2 * shown && panel.Height >= (height + factor - 1) / factor);
        Assert.True((long)panel.Width * panel.Height < 12_000_000);
        if (factor == 1)
        {
            // Full range of 8 bits: the X-ray's own values, to the rounding of 256 steps.
            for (int i = 0; i < pixels.Length; i += 7)
            {
                int at = 3 * ((((Top * dot) + (i / width)) * panel.Width) + (Gap * dot) + (i % width));
                Assert.InRange(panel.Rgb[at] - (pixels.Length > 1 ? pixels[i] : 0), -1, 1);
            }
        }
    }

    [Fact]
    public void A_larger_image_becomes_the_means_of_its_squares()
    {
        const int Width = 4000, Height = 40;
        byte[] pixels = new byte[Width * Height];
        new Random(5).NextBytes(pixels);
        RgbCanvas panel = SaliencyPanel.Draw(Map(), s_model, "x.png", new XRayPixels(pixels, Width, Height), null);
        double[] means = [.. Enumerable.Range(0, Width / 2 * Height / 2).Select(i => Mean(i % (Width / 2), i / (Width / 2)))];
        double least = means.Min(), largest = means.Max();
        const int Dot = Width / 2 / 224;
        Assert.All(means.Select((mean, i) => (mean, i)), p => Assert.InRange(
            panel.Rgb[3 * ((((Top * Dot) + (p.i / (Width / 2))) * panel.Width) + (Gap * Dot) + (p.i % (Width / 2)))]
                - ((p.mean - least) * 255 / (largest - least)), -2, 2));

        double Mean(int x, int y) =>
            (pixels[(2 * y * Width) + (2 * x)] + pixels[(2 * y * Width) + (2 * x) + 1]
                + pixels[((2 * y) + 1) * Width + (2 * x)] + pixels[((2 * y) + 1) * Width + (2 * x) + 1]) / 4.0;
    }

    [Fact]
    public void Each_letter_is_its_own_shape_and_the_rest_are_question_marks()
    {
        string[] shapes = [.. Enumerable.Range(' ', 95).Select(c => Convert.ToHexString(BitmapFont.Of((char)c)))];
        Assert.Equal(95, shapes.Distinct().Count());
        Assert.All(Enumerable.Range('!', 94), c => Assert.Contains(BitmapFont.Of((char)c).ToArray(), row => row != 0));
        Assert.All(Enumerable.Range(' ', 95), c => Assert.DoesNotContain(BitmapFont.Of((char)c).ToArray(), row => row > 31));
        foreach (char other in "\0\n\u001b\u007f\u00fc\u4e00\ud800\uffff")
            Assert.Equal(BitmapFont.Of('?'), BitmapFont.Of(other));
    }

    [Fact]
    public void A_text_that_is_too_long_is_shortened_in_its_middle_and_a_character_of_two_is_one_mark()
    {
        Assert.Equal("chest.png", BitmapFont.Shorten("chest.png", 9));
        Assert.Equal("ch...png", BitmapFont.Shorten("chest.png", 8));
        Assert.Equal("...", BitmapFont.Shorten("chest.png", 3));
        Assert.Equal(Written("?.png"), Written("\U0001F4A9.png"));
        Assert.Equal(Written("?"), Written("\ud800"));
        Assert.Equal(Written(new string('a', 7) + "..." + new string('b', 7)), Written(new string('a', 900) + new string('b', 900)));

        static byte[] Written(string text)
        {
            RgbCanvas canvas = new(105, 12, 0);
            canvas.Write(text, 1, 1, 1, [255, 255, 255]);
            return canvas.Rgb;
        }
    }

    [Fact]
    public void A_panel_says_that_a_picture_is_outside_and_that_a_map_has_nothing_to_show()
    {
        SaliencyMap none = new(default, SaliencyOptions.Default, Side, new float[Side * Side], new float[Side * Side]);
        RgbCanvas panel = SaliencyPanel.Draw(none, s_model, "x.png", default, null);
        Assert.Equal(192, panel.Height);
        DomainResult outside = new(pictureRatio: 3, featureRatio: null, aspectRatio: 1, contrastRatio: 0.2, candidate: null);
        Assert.Equal(DomainVerdict.Outside, outside.Verdict);
        SaliencyMap odd = new(
            new SeverityScore { Domain = outside }, SaliencyOptions.Default, Side, new float[Side * Side], new float[Side * Side]);
        Assert.Equal(192 + Line, SaliencyPanel.Draw(odd, s_model, "x.png", default, null).Height);
    }

    [Fact]
    public void Absolute_scales_end_at_the_95th_percentile_of_94_X_rays()
    {
        string folder = TestData.Get("data", "cxr");
        using SeverityPredictor predictor = SeverityPredictor.Create();
        SaliencyOptions[] all =
        [
            .. from target in Enum.GetValues<SaliencyTarget>()
               from method in Enum.GetValues<SaliencyMethod>()
               select new SaliencyOptions { Target = target, Method = method },
        ];
        List<float>[] peaks = [.. all.Select(_ => new List<float>())];
        foreach (string file in Directory.GetFiles(folder).Where(f => !f.EndsWith(".csv", StringComparison.Ordinal)))
        {
            using XRayImage image = XRayImage.Load(file);
            for (int i = 0; i < all.Length; i++)
                peaks[i].Add(predictor.Explain(image, all[i]).Peak.Value);
        }
        for (int i = 0; i < all.Length; i++)
        {
            peaks[i].Sort();
            Assert.Equal(94, peaks[i].Count);
            // Between two of them, as NumPy's percentile has it.
            double place = 0.95 * 93, below = peaks[i][(int)place], above = peaks[i][(int)place + 1];
            double percentile = below + ((above - below) * (place - (int)place));
            float end = all[i].AbsoluteEnd(predictor.Model)!.Value;
            Assert.InRange(end / percentile, 0.95, 1.05);
            Assert.Null(all[i].AbsoluteEnd(s_model));
        }
    }

    static byte[] Golden(string name) =>
        ImageResult.FromMemory(File.ReadAllBytes(SaliencyFormula.Golden(name)), ColorComponents.RedGreenBlue).Data;

    static Span<byte> At(ImageResult panel, int x, int y) => panel.Data.AsSpan(3 * ((y * panel.Width) + x), 3);

    /// <summary>The largest difference but for a hundredth of the samples: values on the border of two colors.</summary>
    static int FarthestOf(byte[] expected, ImageResult panel, int left)
    {
        int[] differences = new int[256];
        for (int y = 0; y < Side; y++)
        {
            ReadOnlySpan<byte> row = panel.Data.AsSpan(3 * (((Top + y) * panel.Width) + left), 3 * Side);
            for (int i = 0; i < row.Length; i++)
                differences[Math.Abs(row[i] - expected[(3 * Side * y) + i])]++;
        }
        int farthest = 255, allowed = expected.Length / 100;
        while ((allowed -= differences[farthest]) >= 0)
            farthest--;
        return farthest;
    }
}
