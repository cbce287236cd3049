using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SeverityEngine.Phantoms;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public sealed class ModelDescribeCommandTests(DrawnXRays drawn) : IClassFixture<DrawnXRays>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    static string Sample => Path.Combine(TestData.RepositoryRoot, "tests", "samples", "moderate.jpg");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_described_by_drawn_X_rays_and_scores_as_before()
    {
        string[] images = Draw(60);
        File.Copy(images[0], Path.Combine(_folder["xrays"], "copy.jpg"));
        File.WriteAllText(Path.Combine(_folder["xrays"], "damaged.png"), "no picture");
        File.WriteAllText(Path.Combine(_folder["xrays"], "notes.txt"), "");
        CommandResult result = Describe(_folder["ours.onnx"], _folder["xrays"]);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("60 images: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("wrote ", result.Lines[1], StringComparison.Ordinal);
        foreach (string said in (string[])[
            "damaged.png: ", "; it is left out", "1 of 62 images are the same as others and count once", "60 images are few",
            "1 of 62 images could not be read", "1 other file left out: 1 .txt"])
            Assert.Contains(said, result.Error, StringComparison.Ordinal);

        JsonElement before = Row(Sample), after = Row(Sample, "--model", _folder["ours.onnx"]);
        Assert.Equal(before.GetProperty("geographic_extent_raw").GetDouble(), after.GetProperty("geographic_extent_raw").GetDouble());
        Assert.Equal(before.GetProperty("model").GetString(), after.GetProperty("model").GetString());
        Assert.NotEqual(before.GetProperty("domain").GetProperty("picture_ratio").GetDouble(),
            after.GetProperty("domain").GetProperty("picture_ratio").GetDouble());
        Assert.Equal(0, Command.Severity("model", "info", _folder["ours.onnx"]).ExitCode);
        // A described model is described anew, but not in its own place.
        Assert.Equal(0, Describe(_folder["again.onnx"], _folder["xrays"], "--model", _folder["ours.onnx"], "-q").ExitCode);
        Assert.Equal(2, Describe(_folder["ours.onnx"], _folder["xrays"], "--model", _folder["ours.onnx"]).ExitCode);
    }

    [Fact]
    public void Order_and_threads_do_not_matter_and_quiet_says_nothing()
    {
        string[] images = Draw(50);
        File.WriteAllLines(_folder["list"], images.Reverse());
        CommandResult forward = Describe(_folder["a.onnx"], [_folder["xrays"], "--threads", "1"]);
        CommandResult backward = Describe(_folder["b.onnx"], ["--from-list", _folder["list"], "--quiet"]);
        Assert.Equal((0, 0), (forward.ExitCode, backward.ExitCode));
        Assert.Equal("", backward.Error);
        Assert.Equal(File.ReadAllBytes(_folder["a.onnx"]), File.ReadAllBytes(_folder["b.onnx"]));
    }

    [Fact]
    public void From_a_hundred_images_on_the_features_are_learnt_too()
    {
        Draw(100);
        CommandResult result = Describe(_folder["ours.onnx"], _folder["xrays"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^100 images: \d+ prototypes of pictures, 32 directions of \d+ features$", result.Lines[0]);
        Assert.Equal("inside", Row(Sample, "--model", _folder["ours.onnx"]).GetProperty("domain").GetProperty("verdict").GetString());
    }

    [Fact]
    public void What_cannot_be_described_is_refused_and_nothing_is_written()
    {
        string[] images = Draw(49);
        CommandResult few = Describe(_folder["ours.onnx"], _folder["xrays"]);
        Assert.Equal(2, few.ExitCode);
        Assert.Contains("49 images are too few", few.Error, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["none"]);
        Assert.Equal(3, Describe(_folder["ours.onnx"], _folder["none"]).ExitCode);
        Assert.Equal(2, Describe(_folder["ours.onnx"]).ExitCode);
        // An input is never replaced, nor anything else that is no model.
        byte[] image = File.ReadAllBytes(images[0]);
        Assert.Equal(2, Describe(images[0], [.. images]).ExitCode);
        Assert.Equal(image, File.ReadAllBytes(images[0]));
        Assert.False(File.Exists(_folder["ours.onnx"]));
    }

    [Fact]
    public void An_interrupted_run_writes_nothing_and_ends_as_shells_expect()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent by kill");
        Draw(60);
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(Command.Binary, ["model", "describe", "--from-list", "-", "-o", _folder["ours.onnx"]])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        // The list stays open, so the run cannot end by itself; a row of an image that is not there shows that it is at work.
        process.StandardInput.WriteLine("nothing-there.png");
        process.StandardInput.Flush();
        Assert.Contains("nothing-there.png", process.StandardError.ReadLine(), StringComparison.Ordinal);
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("interrupted; nothing is written", said, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["ours.onnx"]));
    }

    /// <summary>By 94 X-rays, fewer than features take: what the built-in model knew of its features stays.</summary>
    [Fact]
    public void Described_by_real_X_rays_a_model_accepts_others_and_rejects_what_is_none()
    {
        CommandResult described = Describe(_folder["ours.onnx"], TestData.Get("data", "cxr"));
        Assert.Equal(0, described.ExitCode);
        Assert.Contains("94 images: ", described.Output, StringComparison.Ordinal);
        string[] chests = ["canon-chest-j2kr", "cr-mono1-10-chest-bare", "wg04-rg1-chest-j2ki", "xrv-rsna-chest"];
        string[] xRays = [.. chests.Select(name => TestData.Get("dicom-real", $"{name}.dcm")),
            .. Directory.GetFiles(Path.GetDirectoryName(Sample)!).Where(f => Path.GetExtension(f) is ".png" or ".jpg")];
        int inside = xRays.Count(f => IsInside(f, _folder["ours.onnx"]));
        Assert.InRange(inside, 0.9 * xRays.Length, xRays.Length);
        CheckSynthetic(_folder["ours.onnx"]);
    }

    /// <summary>DenseNet-121, of 1024 features, which it had no statistics of; the drawn X-rays make a hundred images of the 94.</summary>
    [Fact]
    public void A_DenseNets_thousand_features_are_described()
    {
        string model = _folder["weak.onnx"], described = _folder["described.onnx"];
        Assert.Equal(0,
            Command.Severity("model", "import", TestData.Get("checkpoints", "trained-weak-statedict-zip.pt"), "-o", model).ExitCode);
        Draw(10);
        CommandResult result = Describe(described, [TestData.Get("data", "cxr"), _folder["xrays"], "--model", model, "-q"]);
        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith("32 directions of 1024 features", result.Lines[0], StringComparison.Ordinal);
        JsonElement domain = Row(TestData.Get("dicom-real", "xrv-rsna-chest.dcm"), "--model", described).GetProperty("domain");
        Assert.Equal("inside", domain.GetProperty("verdict").GetString());
        Assert.InRange(domain.GetProperty("feature_ratio").GetDouble(), 0.01, 1);
        Assert.False(IsInside(TestData.Get("domain", "black.png"), described));
        Assert.False(IsInside(TestData.Get("domain", "noise.png"), described));
    }

    static void CheckSynthetic(string model)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(TestData.Get("domain", "expected.json")));
        Assert.All(expected.RootElement.EnumerateArray(), e => Assert.Equal(
            e.GetProperty("outside").GetBoolean(), !IsInside(TestData.Get("domain", e.GetProperty("file").GetString()!), model)));
    }

    static bool IsInside(string image, string model) =>
        Row(image, "--model", model).GetProperty("domain").GetProperty("verdict").GetString() == "inside";

    static JsonElement Row(params string[] arguments)
    {
        CommandResult result = Command.Severity(["predict", "--format", "jsonl", "-q", .. arguments]);
        Assert.Equal(0, result.ExitCode);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    static CommandResult Describe(string output, params string[] arguments) =>
        Command.Severity(["model", "describe", "-o", output, .. arguments]);

    /// <summary>So many of the drawn X-rays, in a folder of their own.</summary>
    string[] Draw(int count)
    {
        Directory.CreateDirectory(_folder["xrays"]);
        return [.. drawn.Paths.Take(count).Select(path =>
        {
            string copy = Path.Combine(_folder["xrays"], Path.GetFileName(path));
            File.Copy(path, copy);
            return copy;
        })];
    }
}

/// <summary>A hundred small synthetic X-rays, all different; drawing them takes longer than what is tried with them.</summary>
public sealed class DrawnXRays : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public DrawnXRays() => Paths = [.. Enumerable.Range(0, 100).Select(i =>
    {
        string path = _folder[$"{i:000}.jpg"];
        new ChestPhantom
        {
            Seed = 100 + i,
            Width = 256,
            Height = 256 + i % 7 * 8,
            GeographicExtent = i % 9,
            Opacity = i % 9 * 0.7,
        }.Save(path);
        return path;
    })];

    public IReadOnlyList<string> Paths { get; }

    public void Dispose() => _folder.Dispose();
}
