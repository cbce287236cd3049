using System.Text.Json;
using SeverityEngine.Preprocessing;
using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

/// <summary>Against NumPy on inputs made by a formula, and on pictures after scikit-image's resize.</summary>
[Trait(InstructionSetTests.Trait, "yes")]
public class LocalContrastTests
{
    const int Side = 224;

    /// <summary>Relative: single precision over some hundred pixels.</summary>
    const double Tolerance = 1e-5;

    [Fact]
    public void The_ratio_is_numpys_at_any_side()
    {
        (string Name, double Ratio)[] expected = Expected("synthetic.json");
        Assert.Equal(11, expected.Length);
        Assert.All(expected, e =>
        {
            int side = int.Parse(e.Name);
            AssertRatio(e.Ratio, new LocalContrast(side).Run(Synthetic(side)));
        });
    }

    [Fact]
    public void Drawn_X_rays_have_numpys_ratio_and_only_the_enhanced_one_is_named()
    {
        (string Name, double Ratio)[] expected = Expected("pictures.json");
        Assert.Equal(4, expected.Length);
        Assert.All(expected, e =>
        {
            bool isEnhanced = e.Name == "clear-clahe.png";
            double ratio =
                Run(isEnhanced ? Fixture(e.Name) : Path.Combine(TestData.RepositoryRoot, "tests", "samples", e.Name));
            AssertRatio(e.Ratio, ratio);
            Assert.Equal(isEnhanced, ratio > LocalContrast.Limit);
        });
    }

    [Fact]
    public void Predictions_have_the_ratio_over_its_limit()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        string plain = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"), enhanced = Fixture("clear-clahe.png");
        Assert.Equal(Run(plain) / LocalContrast.Limit, predictor.Predict(plain).Domain.ContrastRatio, Tolerance);
        Assert.Equal(Run(enhanced) / LocalContrast.Limit, predictor.Predict(enhanced).Domain.ContrastRatio, Tolerance);
        Assert.Empty(predictor.Analyze(plain).Warnings);
    }

    [Fact]
    public void Of_94_X_rays_as_they_are_two_are_named()
    {
        (string Name, double Ratio)[] expected = Expected("x-rays.json");
        Assert.Equal(94, expected.Length);
        int named = 0;
        Assert.All(expected, e =>
        {
            double ratio = Run(TestData.Get("data", "cxr", e.Name));
            AssertRatio(e.Ratio, ratio);
            named += ratio > LocalContrast.Limit ? 1 : 0;
        });
        Assert.Equal(2, named);
    }

    [Fact]
    public void Predictions_warn_of_enhanced_X_rays_and_go_by_other_things_for_their_verdict()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        (string Name, double Ratio)[] enhanced = [.. Expected("x-rays.json").Where(e => e.Ratio > LocalContrast.Limit)];
        Assert.Equal(2, enhanced.Length);
        Assert.All(enhanced, e =>
        {
            Prediction prediction = predictor.Analyze(TestData.Get("data", "cxr", e.Name));
            Assert.Equal(DomainVerdict.Inside, prediction.Domain.Verdict);
            Assert.Contains(prediction.Warnings, w => w.Contains("its contrast looks enhanced locally", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Brightness_and_contrast_do_not_matter()
    {
        float[] input = Synthetic(Side);
        LocalContrast contrast = new(Side);
        double ratio = contrast.Run(input);
        for (int i = 0; i < input.Length; i++)
            input[i] = input[i] * -0.25f + 300;
        Assert.Equal(ratio, contrast.Run(input), Tolerance);
    }

    [Theory]
    [InlineData(-1024)]
    [InlineData(0)]
    [InlineData(0.3f)]
    [InlineData(1023.7f)]
    public void A_blank_picture_has_nothing_that_was_enhanced(float value)
    {
        float[] input = new float[Side * Side];
        input.AsSpan().Fill(value);
        Assert.Equal(0, new LocalContrast(Side).Run(input), 1e-3);
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        float[] input = Synthetic(Side);
        LocalContrast contrast = new(Side);
        contrast.Run(input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        contrast.Run(input);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>A ramp with a pattern on it and a black corner, as in make_local_contrast.py.</summary>
    static float[] Synthetic(int side) =>
        [.. from y in Enumerable.Range(0, side)
            from x in Enumerable.Range(0, side)
            select 3 * x < side && 2 * y < side ? -1024f : (x * 73 + y * 151 + x * y % 97 * 11) % 200 + x * 1600 / side - 900];

    static double Run(string path)
    {
        using XRayImage image = XRayImage.Load(path);
        float[] input = new float[Side * Side];
        new Preprocessor(Side).Run(image.Pixels, input);
        return new LocalContrast(Side).Run(input);
    }

    static void AssertRatio(double expected, double ratio) => Assert.Equal(expected, ratio, Tolerance * expected);

    static string Fixture(string name) => Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "quality", name);

    static (string Name, double Ratio)[] Expected(string name)
    {
        using JsonDocument values = JsonDocument.Parse(File.ReadAllText(Fixture(name)));
        return [.. values.RootElement.EnumerateObject().Select(p => (p.Name, p.Value.GetDouble()))];
    }
}
