using System.Globalization;
using System.Text.RegularExpressions;
using SeverityEngine.Phantoms;
using SeverityEngine.Phantoms.Drawing;
using SeverityEngine.Tests;

namespace SeverityEngine.Docs.Tests;

/// <summary>What the pages say of where saliency maps lie, held against where the phantoms' opacities were drawn.</summary>
public sealed partial class CaptionTests : IDisposable
{
    const int Phantoms = 24;
    const double Extent = 4.5;

    readonly SeverityPredictor _predictor = SeverityPredictor.Create();

    public void Dispose() => _predictor.Dispose();

    [Fact]
    public void The_caption_of_the_readmes_picture_is_true()
    {
        // What docs/draw-pictures.sh draws.
        Place place = PlaceOf(new ChestPhantom { Seed = 4, GeographicExtent = Extent, Width = 448, Height = 448 },
            _predictor.Explain(Page.FullPath("docs/xray.jpg")));
        Match caption = Caption().Match(Page.Read("README.md").ReplaceLineEndings(" "));
        Assert.True(caption.Success, "README.md does not say where the map of its picture lies");
        Assert.InRange(100 * place.Opacities, Number(caption, 1) - 1, Number(caption, 1) + 1);
        Assert.InRange(100 * place.ClearLung, Number(caption, 2) - 1, Number(caption, 2) + 1);
        Assert.Equal("clear lung", place.Peak);
    }

    [Fact]
    public void The_readmes_picture_is_what_the_command_draws()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, Command.Severity("phantom", folder["xray.jpg"], "--seed", "4", "--extent", "4.5", "--size", "448").ExitCode);
        Assert.Equal(File.ReadAllBytes(Page.FullPath("docs/xray.jpg")), File.ReadAllBytes(folder["xray.jpg"]));
        CommandResult result = Command.Severity(
            "predict", folder["xray.jpg"], "--saliency-panel", folder["panel.png"], "--saliency-size", "original");
        Assert.True(result.ExitCode == 0, result.Error);
        using XRayImage drawn = XRayImage.Load(folder["panel.png"]), shown = XRayImage.Load(Page.FullPath("docs/panel.png"));
        Assert.Equal((drawn.Width, drawn.Height), (shown.Width, shown.Height));
        // Processors round differently.
        int apart = 0;
        for (int i = 0; i < shown.Pixels.Data.Length; i++)
            apart += Math.Abs(shown.Pixels.Data[i] - drawn.Pixels.Data[i]) > 2 ? 1 : 0;
        Assert.True(apart < shown.Pixels.Data.Length / 1000, "docs/draw-pictures.sh draws another picture than docs/panel.png");
    }

    [Fact]
    public void The_page_says_how_much_of_maps_of_phantoms_lies_over_their_opacities()
    {
        double[] inLungs = new double[2], ofLungs = new double[2];
        int[] peaks = new int[2];
        double covered = 0;
        for (int seed = 0; seed < Phantoms; seed++)
        {
            ChestPhantom phantom = new() { Seed = seed, GeographicExtent = Extent, Width = 448, Height = 448 };
            using XRayImage image = phantom.Render();
            for (int method = 0; method < 2; method++)
            {
                Place place = PlaceOf(phantom, _predictor.Explain(image, new SaliencyOptions { Method = (SaliencyMethod)method }));
                inLungs[method] += 100 * (place.Opacities + place.ClearLung) / Phantoms;
                ofLungs[method] += 100 * place.Opacities / (place.Opacities + place.ClearLung) / Phantoms;
                peaks[method] += place.Peak == "opacities" ? 1 : 0;
                covered += 100 * place.Covered / (2 * Phantoms);
            }
        }
        string page = Page.Read("docs/numbers.md");
        Match gradient = Row("squared gradient").Match(page), activation = Row("class activation").Match(page);
        Match drawn = Covers().Match(page.ReplaceLineEndings(" "));
        Assert.True(gradient.Success && activation.Success && drawn.Success,
            $"docs/numbers.md lacks what is measured: {covered:F0} %; {inLungs[0]:F0} %, {ofLungs[0]:F0} %, {peaks[0]}; "
            + $"{inLungs[1]:F0} %, {ofLungs[1]:F0} %, {peaks[1]}");
        Assert.InRange(covered, Number(drawn, 1) - 1, Number(drawn, 1) + 1);
        foreach ((Match row, int method) in new[] { (gradient, 0), (activation, 1) })
        {
            Assert.InRange(inLungs[method], Number(row, 1) - 1, Number(row, 1) + 1);
            Assert.InRange(ofLungs[method], Number(row, 2) - 1, Number(row, 2) + 1);
            Assert.InRange(peaks[method], Number(row, 3) - 1, Number(row, 3) + 1);
        }

        static Regex Row(string method) => new($@"\| {method} \| (\d+) % \| (\d+) % \| (\d+) of {Phantoms} \|");
    }

    /// <summary>How a map's positive values, and its largest, lie on what was drawn.</summary>
    static Place PlaceOf(ChestPhantom phantom, SaliencyMap map)
    {
        PhantomRenderer drawn = new(phantom);
        double all = 0, opacities = 0, clear = 0;
        int lung = 0, covered = 0;
        string peak = "";
        for (int y = 0; y < map.Height; y++)
        {
            for (int x = 0; x < map.Width; x++)
            {
                // The phantom's places: -1 at the left and the top of the square that the network sees, 1 at the right and the bottom.
                float u = ((2 * x) + 1f) / map.Width - 1, v = ((2 * y) + 1f) / map.Height - 1;
                bool isLung = drawn.Anatomy.ShowsLung(u, v), isOpacity = isLung && drawn.Opacities.Covers(u, v);
                double value = Math.Max(0, map.Values.Span[(y * map.Width) + x]);
                all += value;
                opacities += isOpacity ? value : 0;
                clear += isLung && !isOpacity ? value : 0;
                lung += isLung ? 1 : 0;
                covered += isOpacity ? 1 : 0;
                if (x == map.Peak.X && y == map.Peak.Y)
                    peak = isOpacity ? "opacities" : isLung ? "clear lung" : "elsewhere";
            }
        }
        return new Place(opacities / all, clear / all, (double)covered / lung, peak);
    }

    static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"brightest over clear lung: (\d+) % of it lies over the opacities that were drawn, (\d+) % over the clear lung")]
    private static partial Regex Caption();

    [GeneratedRegex(@"cover (\d+) % of the lungs")]
    private static partial Regex Covers();

    /// <param name="Opacities">The share of the map over the opacities.</param>
    /// <param name="ClearLung">The share over the lungs beside them.</param>
    /// <param name="Covered">The share of the lungs that has opacities.</param>
    /// <param name="Peak">Where the largest value is.</param>
    readonly record struct Place(double Opacities, double ClearLung, double Covered, string Peak);
}
