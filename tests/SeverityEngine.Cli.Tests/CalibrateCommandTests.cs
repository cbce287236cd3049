using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public sealed class CalibrateCommandTests(DrawnXRays drawn) : IClassFixture<DrawnXRays>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_is_calibrated_on_images_and_scores_them_as_readers_did()
    {
        string truth = Readers(60);
        CommandResult result = Calibrate("ours.onnx", [.. drawn.Paths.Take(60), "--truth", truth]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.StartsWith(
            "60 images of 30 patients, 10-fold cross-validation by patient; * is the best", result.Output, StringComparison.Ordinal);
        foreach (string line in (string[])["geographic extent           MAE     R2  Pearson", "  as it is", "* ridge on the features",
            "intervals at 80, 90, 95 %: geographic extent ±", "wrote "])
            Assert.Contains(line, result.Output, StringComparison.Ordinal);

        JsonElement[] rows = Rows([.. drawn.Paths.Take(60), "--model", _folder["ours.onnx"]]), before = Rows([.. drawn.Paths.Take(60)]);
        Assert.InRange(Mae(rows), 0, 0.6 * Mae(before));
        Assert.All(rows, row => Assert.Equal("ours", row.GetProperty("model").GetString()));
        CommandResult info = Command.Severity("model", "info", _folder["ours.onnx"]);
        Assert.Equal(0, info.ExitCode);
        Assert.Contains("refit       to 60 images of 30 patients; errors by 10-fold cross-validation\n"
            + "  geographic extent: ridge on the features, MAE ", info.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("safety      data", info.Output, StringComparison.Ordinal);
        // As with all models, maps can be made of it.
        Assert.Equal(0, Command.Severity("predict", drawn.Paths[0], "--model", _folder["ours.onnx"], "--saliency", _folder["map.png"],
            "--saliency-method", "cam").ExitCode);

        double Mae(JsonElement[] scored) =>
            scored.Select((row, i) => Math.Abs(row.GetProperty("geographic_extent").GetDouble() - Extent(i))).Average();
    }

    [Fact]
    public void Order_threads_and_runs_do_not_matter_and_quiet_says_nothing()
    {
        string truth = Readers(40);
        CommandResult forward = Calibrate("ours.onnx", [.. drawn.Paths.Take(40), "--truth", truth, "--threads", "1"]);
        File.Move(_folder["ours.onnx"], _folder["first.onnx"]);
        CommandResult backward = Calibrate("ours.onnx", [.. drawn.Paths.Take(40).Reverse(), "--truth", truth, "-q"]);
        Assert.Equal((0, 0), (forward.ExitCode, backward.ExitCode));
        Assert.Equal("", backward.Error);
        Assert.Equal(File.ReadAllBytes(_folder["first.onnx"]), File.ReadAllBytes(_folder["ours.onnx"]));
        Assert.Contains("40 images are few", forward.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_calibrate_the_model_that_made_them_and_no_other()
    {
        string truth = Readers(40);
        Assert.Equal(0, Command.Severity(["predict", .. drawn.Paths.Take(40), "-o", _folder["rows.csv"], "-q"]).ExitCode);
        CommandResult result = Calibrate("ours.onnx", _folder["rows.csv"], "--truth", truth);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("no ridge on the features is tried", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ridge", result.Output, StringComparison.Ordinal);
        CommandResult other = Calibrate("again.onnx", _folder["rows.csv"], "--truth", truth, "--model", _folder["ours.onnx"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("its rows are by severity-compact", other.Error, StringComparison.Ordinal);
        CommandResult both = Calibrate("again.onnx", _folder["rows.csv"], drawn.Paths[0], "--truth", truth);
        Assert.Equal(2, both.ExitCode);
        Assert.False(File.Exists(_folder["again.onnx"]));
    }

    [Fact]
    public void Where_no_refit_is_better_nothing_is_written_unless_that_is_asked_for()
    {
        // Readers who say what the model says.
        JsonElement[] rows = Rows([.. drawn.Paths.Take(40)]);
        File.WriteAllLines(_folder["same.csv"], rows.Select((row, i) => string.Join(',', Path.GetFileName(drawn.Paths[i]),
            row.GetProperty("geographic_extent").GetRawText(), row.GetProperty("opacity").GetRawText()))
            .Prepend("filename,geographic_mean,opacity_mean"));
        CommandResult refused = Calibrate("ours.onnx", [.. drawn.Paths.Take(40), "--truth", _folder["same.csv"]]);
        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("nothing is written: no refit is better", refused.Error, StringComparison.Ordinal);
        Assert.Contains("has no column of patients", refused.Error, StringComparison.Ordinal);
        Assert.Contains("* as it is", refused.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["ours.onnx"]));
        CommandResult written = Calibrate("ours.onnx", [.. drawn.Paths.Take(40), "--truth", _folder["same.csv"], "--even-if-worse"]);
        Assert.Equal(0, written.ExitCode);
        Assert.DoesNotContain("* as it is", written.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_named_and_too_little_is_refused()
    {
        string truth = Readers(12);
        File.AppendAllText(truth, "elsewhere.png,1,1,9\n");
        File.WriteAllText(_folder["damaged.jpg"], "no picture");
        CommandResult result = Calibrate(
            "ours.onnx", [.. drawn.Paths.Take(13), _folder["damaged.jpg"], "--truth", truth, "--even-if-worse"]);
        Assert.True(result.ExitCode == 0, result.Error);
        foreach (string said in (string[])["1 of 14 images could not be read", "experts.csv without a row: elsewhere.png",
            "2 images scored and not in ", "012.jpg"])
            Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.Contains("no intervals at 95 %, which take more images", result.Output, StringComparison.Ordinal);
        // Intervals at 90 % are what scoring asks for.
        Assert.Equal(0, Command.Severity("predict", drawn.Paths[0], "--model", _folder["ours.onnx"]).ExitCode);

        CommandResult few = Calibrate("few.onnx", [.. drawn.Paths.Take(9), "--truth", truth]);
        Assert.Equal(2, few.ExitCode);
        Assert.Contains("9 images of 5 patients with scores by the model and by readers are too few", few.Error, StringComparison.Ordinal);
        Assert.Equal(2, Calibrate("few.onnx", [.. drawn.Paths.Take(9), "--truth", truth, "--truth-columns", "extend=x"]).ExitCode);
        Assert.Equal(2, Command.Severity(["calibrate", .. drawn.Paths.Take(12), "--truth", truth, "-o", truth]).ExitCode);
        Assert.False(File.Exists(_folder["few.onnx"]));
    }

    [Fact]
    public void An_interrupted_run_writes_nothing_and_ends_as_shells_expect()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent by kill");
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo(Command.Binary,
                ["calibrate", "--from-list", "-", "--truth", Readers(20), "-o", _folder["ours.onnx"]])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        // The list stays open, so the run cannot end by itself; the row of an image that is not there shows that it is at work.
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

    [Fact]
    public void On_the_94_X_rays_nothing_is_better_than_the_built_in_models_scores()
    {
        CommandResult result = Calibrate("ours.onnx", TestData.Get("data", "cxr"), "--truth", TestData.Get("evaluation", "eval94.csv"));
        Assert.Equal(4, result.ExitCode);
        Assert.StartsWith("94 images of 65 patients", result.Output, StringComparison.Ordinal);
        Assert.Contains("* as it is                 0.85   0.75     0.87", result.Output, StringComparison.Ordinal);
        Assert.Contains("* as it is                 0.63   0.72     0.86", result.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["ours.onnx"]));
    }

    /// <summary>A head of one's own on the built-in model, and on a model file.</summary>
    [Fact]
    public void A_head_of_ones_own_is_put_onto_a_model()
    {
        string numbers = string.Join(", ", Enumerable.Repeat("0", 384));
        File.WriteAllText(_folder["head.json"], $$"""
            { "input": "features", "geographic_extent": { "coefficients": [{{numbers}}], "intercept": 2.5 },
              "opacity": { "coefficients": [{{numbers}}], "intercept": 1.5 } }
            """);
        CommandResult builtIn = Command.Severity("model", "import", "--head", _folder["head.json"], "-o", _folder["a.onnx"]);
        Assert.True(builtIn.ExitCode == 0, builtIn.Error);
        Assert.StartsWith("the intervals of the old scores are left out", builtIn.Output, StringComparison.Ordinal);
        JsonElement row = Rows([drawn.Paths[0], "--model", _folder["a.onnx"]]).Single();
        Assert.Equal((2.5, 1.5), (row.GetProperty("geographic_extent").GetDouble(), row.GetProperty("opacity").GetDouble()));
        CommandResult again =
            Command.Severity("model", "import", _folder["a.onnx"], "--head", _folder["head.json"], "-o", _folder["b.onnx"]);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.DoesNotContain("intervals", again.Output, StringComparison.Ordinal);
        Assert.Equal(2, Command.Severity("model", "import", "-o", _folder["c.onnx"]).ExitCode);
        Assert.Equal(2, Command.Severity("model", "import", _folder["a.onnx"], "--head", _folder["head.json"], "--state-dict", "ema", "-o",
            _folder["c.onnx"]).ExitCode);
        CommandResult logits = Command.Severity("model", "import", _folder["a.onnx"], "-o", _folder["c.onnx"]);
        Assert.Equal(4, logits.ExitCode);
        Assert.Contains("gives no logits, which the head reads", logits.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["c.onnx"]));
    }

    /// <summary>What phantoms were drawn with, half of it where it is mild.</summary>
    static double Extent(int image) => image % 9 < 3 ? image % 9 / 2.0 : image % 9;

    /// <summary>Readers' scores of the first phantoms, two of each patient.</summary>
    string Readers(int count)
    {
        File.WriteAllLines(_folder["experts.csv"], Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetFileName(drawn.Paths[i])},{Extent(i)},{i % 9 * 0.6},{i / 2}"))
            .Prepend("filename,geographic_mean,opacity_mean,patientid"));
        return _folder["experts.csv"];
    }

    CommandResult Calibrate(string output, params string[] arguments) =>
        Command.Severity(["calibrate", "-o", _folder[output], .. arguments]);

    static JsonElement[] Rows(string[] arguments)
    {
        CommandResult result = Command.Severity(["predict", "--format", "json", "-q", .. arguments]);
        Assert.Equal(0, result.ExitCode);
        return [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
    }
}
