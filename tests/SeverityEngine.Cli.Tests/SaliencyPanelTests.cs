using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public sealed class SaliencyPanelTests : IDisposable
{
    static readonly string s_samples = Path.Combine(TestData.RepositoryRoot, "tests", "samples");

    readonly TemporaryFolder _folder = new();

    public SaliencyPanelTests()
    {
        File.Copy(Path.Combine(s_samples, "moderate.jpg"), _folder["moderate.jpg"]);
        File.Copy(Path.Combine(s_samples, "clear.png"), _folder["clear.png"]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// The X-ray is 640 x 640, and so a dot of the text is 2 pixels: gaps of 16, a line of 24, two pictures, a bar of 20 and 3 dots more,
    /// 54 dots of text; five lines below.
    /// </summary>
    [Fact]
    public void A_panel_shows_the_whole_X_ray_as_Pillow_reads_it_beside_its_map_and_the_colors()
    {
        CommandResult result =
            Run("predict", "moderate.jpg", "--saliency-panel", "panel.png", "--saliency-size", "original", "--format", "jsonl");
        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument row = JsonDocument.Parse(result.Output);
        Assert.Equal("panel.png", row.RootElement.GetProperty("saliency").GetProperty("panel").GetString());
        Assert.False(row.RootElement.GetProperty("saliency").TryGetProperty("picture", out _));
        const string Read = """
            import sys
            import numpy as np
            from PIL import Image
            from matplotlib import cm
            panel = np.asarray(Image.open('panel.png'), int)
            assert Image.open('panel.png').text['Software'] == 'Severity Engine saliency panel'
            assert panel.shape == (24 + 3 * 16 + 640 + 5 * 24, 3 * 16 + 2 * 640 + 26 + 108, 3), panel.shape
            shown = panel[40:680, 16:656]
            assert (shown == shown[..., :1]).all()
            xray = np.asarray(Image.open('moderate.jpg').convert('RGB'), float)[..., 0]
            low, high = xray.min(), xray.max()
            assert np.abs(shown[..., 0] - np.minimum(255, (xray - low) * 256 / (high - low)).astype(int)).max() <= 2
            bar = panel[40:680, 1328:1348]
            expected = np.round(cm.get_cmap('viridis')(np.linspace(1, 0, 640))[:, :3] * 255)
            assert np.abs(bar - expected[:, None]).max() == 0
            # The map's picture is the X-ray but for where it is colored, and that is not everywhere.
            over = panel[40:680, 672:1312]
            colored = (over != shown).any(axis=2).mean()
            assert 0.02 < colored < 0.9, colored
            """;
        CommandResult python = Command.Run("/usr/bin/python3", ["-c", Read], _folder.Path);
        if (python.Error.Contains("ModuleNotFoundError", StringComparison.Ordinal))
            Assert.Skip("Pillow, NumPy or matplotlib is missing (Debian: apt-get install python3-pil python3-matplotlib)");
        Assert.True(python.ExitCode == 0, python.Error);
    }

    [Fact]
    public void Panels_of_several_images_go_into_a_folder_and_are_no_images_of_the_next_run()
    {
        string[] command = ["predict", ".", "--saliency", ".", "--saliency-panel", ".", "--format", "csv"];
        Assert.Equal(0, Run(command).ExitCode);
        CommandResult again = Run(command);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(3, again.Lines.Length); // a heading and two images
        Assert.Contains("2 *.panel.png of earlier runs", again.Error, StringComparison.Ordinal);
        Assert.Contains("2 *.saliency.png of earlier runs", again.Error, StringComparison.Ordinal);
        Assert.Equal(["clear.panel.png", "clear.saliency.png", "moderate.panel.png", "moderate.saliency.png"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Where(name => name!.Split('.').Length == 3)
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("panel.png")]
    [InlineData("panel.jpg")]
    public void A_panel_replaces_a_panel_and_nothing_else(string name)
    {
        string[] command = ["predict", "clear.png", "--saliency-panel", name];
        Assert.Equal(0, Run(command).ExitCode);
        Assert.Equal(0, Run(command).ExitCode);
        // A map is a picture of this program too, but not of this kind.
        Assert.Equal(2, Run("predict", "clear.png", "--saliency", name).ExitCode);
        File.Copy(_folder["moderate.jpg"], _folder[name], overwrite: true);
        CommandResult refused = Run(command);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("is not a panel of a saliency map of this program", refused.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(_folder["moderate.jpg"]), File.ReadAllBytes(_folder[name]));
        Assert.Contains("is the input clear.png",
            Run("predict", "clear.png", "--saliency-panel", "clear.png").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_panel_calls_the_image_by_its_name_alone_and_tells_nothing_of_a_header()
    {
        // One picture in two files: under one name their panels are the same, whatever folder they are in and what their headers say.
        byte[] first = Dicom("Alpha^One", "1.2.826.99.1"), second = Dicom("Beta^Two", "1.2.826.99.2");
        foreach ((string folder, byte[] file) in new[] { ("a", first), ("b", second) })
        {
            Directory.CreateDirectory(_folder[folder]);
            File.WriteAllBytes(_folder[$"{folder}/x.dcm"], file);
            CommandResult result = Run("predict", $"{folder}/x.dcm", "--saliency-panel", $"{folder}.png", "--dicom-uids", "-q");
            Assert.True(result.ExitCode == 0, result.Error);
        }
        Assert.Equal(File.ReadAllBytes(_folder["a.png"]), File.ReadAllBytes(_folder["b.png"]));

        static byte[] Dicom(string patient, string study) => new DicomWriter()
            .Picture(64, 64).Text(0x0010_0010, "PN", patient).Text(0x0020_000D, "UI", study)
            .Pixels([.. Enumerable.Range(0, 64 * 64).Select(i => (ushort)i)]).File("1.2.840.10008.1.2.1");
    }

    [Fact]
    public void On_the_absolute_scale_what_is_weak_is_weak()
    {
        // Class activation: what each place adds to the score, which severe disease has much of.
        File.Copy(Path.Combine(s_samples, "severe.png"), _folder["severe.png"]);
        string[] images = ["clear.png", "severe.png"];
        string[] common = ["-q", "--saliency-method", "cam", "--saliency-panel"];
        foreach (string image in images)
        {
            Assert.Equal(0, Run(["predict", image, .. common, $"absolute-{image}", "--saliency-scale", "absolute"]).ExitCode);
            Assert.Equal(0, Run(["predict", image, .. common, $"image-{image}"]).ExitCode);
        }
        Assert.True(Bright("absolute-severe.png") > 1000);
        Assert.Equal(0, Bright("absolute-clear.png"));
        Assert.All(images, image => Assert.True(Bright($"image-{image}") > 0));

        // Pixels of the picture with the map that have the green and yellow of viridis' upper part.
        int Bright(string panel)
        {
            StbImageSharp.ImageResult read = StbImageSharp.ImageResult.FromMemory(
                File.ReadAllBytes(_folder[panel]), StbImageSharp.ColorComponents.RedGreenBlue);
            int count = 0;
            for (int y = 20; y < 244; y++)
            {
                for (int x = 240; x < 464; x++)
                {
                    ReadOnlySpan<byte> pixel = read.Data.AsSpan(3 * ((y * read.Width) + x), 3);
                    count += pixel[1] - pixel[2] > 30 ? 1 : 0;
                }
            }
            return count;
        }
    }

    [Fact]
    public void A_model_whose_scale_is_not_known_needs_a_value()
    {
        using StandIn store = new();
        CommandResult installed = store.Install(StandIn.Cidc, StandIn.Checkpoint("standin-module-legacy.pt"));
        Assert.True(installed.ExitCode == 0, installed.Error);
        string[] command =
            ["predict", "clear.png", "--model", store.ModelPath(StandIn.Cidc), "--saliency-panel", "map.png", "-q"];
        CommandResult refused = Run([.. command, "--saliency-scale", "absolute"]);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("--saliency-max VALUE", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["map.png"]));
        CommandResult given = Run([.. command, "--saliency-max", "1e-6"]);
        Assert.True(given.ExitCode == 0, given.Error);
        Assert.True(File.Exists(_folder["map.png"]));
    }

    [Theory]
    [InlineData("number above 0", "--saliency", "map.png", "--saliency-max", "0")]
    [InlineData("number above 0", "--saliency", "map.png", "--saliency-max", "-2")]
    [InlineData("number above 0", "--saliency", "map.png", "--saliency-max", "1e99")]
    [InlineData("number above 0", "--saliency", "map.png", "--saliency-max", "NaN")]
    [InlineData("--saliency-max", "--saliency", "map.png", "--saliency-max", "much")]
    [InlineData("leave one of them away", "--saliency", "map.png", "--saliency-max", "1", "--saliency-scale", "image")]
    [InlineData("name its file too", "--saliency-max", "1")]
    [InlineData("name its file too", "--saliency-scale", "absolute")]
    [InlineData(".png or .jpg or .jpeg", "--saliency-panel", "map.gif")]
    public void What_cannot_be_meant_is_refused(string fault, params string[] arguments)
    {
        CommandResult result = Run(["predict", "clear.png", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(fault, result.Error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    CommandResult Run(params string[] arguments) => Command.Run(Command.Binary, arguments, _folder.Path);
}
