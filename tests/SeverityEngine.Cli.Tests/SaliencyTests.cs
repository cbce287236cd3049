using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class SaliencyTests
{
    /// <summary>A picture of 121 x 90 pixels; for these tests any will do. It is in color, and no X-ray: each is worth a warning.</summary>
    static readonly string s_image =
        Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "saliency", "goldens", "original-121x90.png");

    static readonly string s_warning =
        $"severity: warning: {s_image}: a color picture or photograph, whose channels differ; red alone is used{Environment.NewLine}"
        + $"severity: warning: {s_image}: does not look like a frontal chest X-ray; the score means nothing{Environment.NewLine}";

    [Fact]
    public void A_picture_is_written_beside_the_scores_which_stay_as_they_are()
    {
        using TemporaryFolder folder = new();
        CommandResult result = Command.Severity("predict", s_image, "--saliency", folder["map.png"]);
        Assert.Equal((0, s_warning), (result.ExitCode, result.Error));
        Assert.Equal(Command.Severity("predict", s_image).Output, result.Output);
        Assert.Equal((224, 224), PngSize(folder["map.png"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void The_published_spelling_writes_a_jpeg()
    {
        using TemporaryFolder folder = new();
        CommandResult result = Command.Severity(s_image, "-saliency_path", folder["heatmap.jpg"]);
        Assert.Equal((0, s_warning), (result.ExitCode, result.Error));
        Assert.StartsWith("geographic_extent (0-8): ", result.Output, StringComparison.Ordinal);
        byte[] jpeg = File.ReadAllBytes(folder["heatmap.jpg"]);
        Assert.Equal([0xff, 0xd8, 0xff], jpeg[..3]);
    }

    [Fact]
    public void The_whole_image_at_its_own_size_and_the_values()
    {
        using TemporaryFolder folder = new();
        CommandResult result = Command.Severity("predict", s_image, "--saliency", folder["whole.png"], "--saliency-size", "original",
            "--saliency-raw", folder["values.npy"], "--saliency-of", "opacity", "--format", "jsonl");
        Assert.Equal((0, s_warning), (result.ExitCode, result.Error));
        Assert.Equal((121, 90), PngSize(folder["whole.png"]));
        Npy<float> values = Npy<float>.Load(folder["values.npy"]);
        Assert.Equal([224, 224], values.Shape);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement saliency = json.RootElement.GetProperty("saliency");
        Assert.Equal("opacity", saliency.GetProperty("of").GetString());
        Assert.Equal(folder["whole.png"], saliency.GetProperty("picture").GetString());
        JsonElement peak = saliency.GetProperty("peak");
        Assert.Equal(values.Values.Max(), peak.GetProperty("value").GetSingle());
        Assert.Equal(values.Values.Max(), values.Values[(224 * peak.GetProperty("y").GetInt32()) + peak.GetProperty("x").GetInt32()]);
        double left = Enumerable.Range(0, 224 * 224).Where(i => i % 224 < 112).Sum(i => (double)values.Values[i]);
        Assert.Equal(left / values.Values.Sum(v => (double)v), saliency.GetProperty("left_half_share").GetDouble(), 1e-6);
    }

    [Fact]
    public void The_class_activation_map_is_another_one()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, Command.Severity("predict", s_image, "--saliency-raw", folder["gradient.npy"]).ExitCode);
        Assert.Equal(0, Command.Severity("predict", s_image, "--saliency-raw", folder["cam.npy"], "--saliency-method", "cam").ExitCode);
        Assert.NotEqual(Npy<float>.Load(folder["gradient.npy"]).Values, Npy<float>.Load(folder["cam.npy"]).Values);
    }

    [Fact]
    public void Several_images_go_into_a_folder_each_under_its_name()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["a"]);
        File.Copy(s_image, folder["a/chest.png"]);
        File.Copy(s_image, folder["chest.png"]);
        File.Copy(s_image, folder["other.png"]);
        CommandResult result = Command.Severity(
            "predict", folder["chest.png"], folder["missing.png"], folder["a/chest.png"], folder["other.png"],
            "--saliency", folder["maps"], "--saliency-raw", folder["maps"]);
        Assert.Equal(3, result.ExitCode); // one of them is missing
        Assert.Equal(["chest-2.saliency.npy", "chest-2.saliency.png", "chest.saliency.npy", "chest.saliency.png", "other.saliency.npy",
            "other.saliency.png"],
            Directory.GetFiles(folder["maps"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Images_of_one_name_are_numbered_in_their_order_also_when_a_run_is_resumed()
    {
        using TemporaryFolder folder = new();
        const int Count = 12;
        for (int i = 1; i <= Count; i++)
            File.Copy(s_image, Path.Combine(Directory.CreateDirectory(folder[$"in/{i:00}"]).FullName, "chest.png"));
        string[] command = ["predict", .. Enumerable.Range(1, Count).Select(i => folder[$"in/{i:00}/chest.png"]),
            "--saliency", folder["maps"] + "/", "-o", folder["rows.jsonl"], "--resume"];
        Assert.Equal(0, Command.Severity(command).ExitCode);
        AssertNumbered();
        // Half of the rows are lost; the run that makes them again gives each image the map that it had.
        File.WriteAllLines(folder["rows.jsonl"], File.ReadAllLines(folder["rows.jsonl"]).Where((_, i) => i % 2 == 0));
        Assert.Equal(0, Command.Severity(command).ExitCode);
        AssertNumbered();

        void AssertNumbered() => Assert.Equal(
            Enumerable.Range(1, Count).Select(i => $"{i:00} chest{(i == 1 ? "" : $"-{i}")}.saliency.png"),
            File.ReadLines(folder["rows.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement).Select(row =>
                Path.GetFileName(Path.GetDirectoryName(row.GetProperty("file").GetString())) + " "
                    + Path.GetFileName(row.GetProperty("saliency").GetProperty("picture").GetString())).Order());
    }

    [Fact]
    public void One_image_goes_into_a_folder_that_is_there_or_is_named_as_one()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, Command.Severity("predict", s_image, "--saliency", folder.Path).ExitCode);
        Assert.Equal(0, Command.Severity("predict", s_image, "--saliency", folder["new"] + "/").ExitCode);
        Assert.True(File.Exists(folder["original-121x90.saliency.png"]) && File.Exists(folder["new/original-121x90.saliency.png"]));
    }

    [Theory]
    [InlineData("is one file for 2 images", "IMAGE", "--saliency", "map.png")]
    [InlineData("is one file for 2 images", "IMAGE", "--saliency-raw", "map.npy")]
    [InlineData(".png or .jpg or .jpeg", "--saliency", "map.gif")]
    [InlineData(".npy", "--saliency-raw", "map.txt")]
    [InlineData("--saliency OUT.png", "--saliency-of", "opacity")]
    [InlineData("--saliency OUT.png", "--saliency-size", "original")]
    [InlineData("extent", "--saliency", "map.png", "--saliency-of", "lungs")]
    public void What_cannot_be_meant_is_refused_before_anything_is_done(string fault, params string[] arguments)
    {
        using TemporaryFolder folder = new();
        CommandResult result =
            Command.Run(Command.Binary, ["predict", s_image, .. arguments.Select(a => a == "IMAGE" ? s_image : a)], folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(fault, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_picture_that_cannot_be_written_is_said()
    {
        using TemporaryFolder folder = new();
        CommandResult result = Command.Severity("predict", s_image, "--saliency", folder["no/such/folder/map.png"]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("map.png: cannot be written", result.Error, StringComparison.Ordinal);
    }

    static (int Width, int Height) PngSize(string path)
    {
        byte[] png = File.ReadAllBytes(path);
        Assert.Equal("IHDR"u8, png.AsSpan(12, 4));
        return (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)),
            System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
    }
}
