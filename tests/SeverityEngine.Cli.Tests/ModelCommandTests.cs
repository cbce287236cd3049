using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>Installing, importing, showing and verifying models with the published program and stand-in weights.</summary>
public class ModelCommandTests
{
    static string Backbone => StandIn.Checkpoint("standin-module-legacy.pt");

    static string[] HeadFiles => [StandIn.Checkpoint("mlp_geo.pkl"), StandIn.Checkpoint("mlp_opa.pkl")];

    static string Image(string name) => TestData.Get("data", "cxr", name);

    [Fact]
    public void Installed_weights_score_the_five_images_as_pytorch_does()
    {
        using StandIn store = new();
        CommandResult installed = store.Install(StandIn.Cidc, Backbone);
        Assert.True(installed.ExitCode == 0, installed.Error);
        Assert.Contains(store.ModelPath(StandIn.Cidc), installed.Output);
        Assert.Contains("license    none", installed.Output);

        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(TestData.Get("golden", "golden.json")));
        JsonProperty[] expected = [.. golden.RootElement.GetProperty("standin_scores").EnumerateObject()];
        Assert.Equal(5, expected.Length);
        CommandResult result = store.Run(["predict", "--format", "json", "--model", StandIn.Cidc, .. expected.Select(e => Image(e.Name))]);
        using JsonDocument measured = JsonDocument.Parse(result.Output);
        Assert.All(expected.Zip(measured.RootElement.EnumerateArray()), pair =>
        {
            foreach (string score in (string[])["geographic_extent", "opacity"])
                Assert.Equal(pair.First.Value.GetProperty(score).GetDouble(), pair.Second.GetProperty(score).GetDouble(), 0.01);
            Assert.Equal(StandIn.Cidc, pair.Second.GetProperty("model").GetString());
        });
    }

    [Fact]
    public void The_ralo_model_is_made_from_its_three_files_in_any_order_and_scores_as_numpy_does()
    {
        using StandIn store = new();
        Assert.Equal(0, store.Install(StandIn.Ralo, HeadFiles[1], Backbone, HeadFiles[0]).ExitCode);
        // The image that is no JPEG: no decoder's rounding stands between it and the golden scores. It is the third.
        float[] heads = Npy<float>.Load(TestData.Get("golden", "standin.ralo-heads.npy")).Values;
        JsonElement score = Predict(store, "--model", StandIn.Ralo, Image("41591_2020_819_Fig1_HTML.webp-day5.png"));
        Assert.Equal(heads[4], score.GetProperty("geographic_extent_raw").GetDouble(), 1e-3 * Math.Abs(heads[4]));
        Assert.Equal(heads[5] * 0.75, score.GetProperty("opacity_raw").GetDouble(), 1e-3 * Math.Abs(heads[5]));
    }

    [Fact]
    public void Files_that_are_missing_are_named_with_address_size_and_hash()
    {
        using StandIn store = new();
        CommandResult result = store.Install(StandIn.Ralo, HeadFiles[0], Backbone);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("https://localhost:1/mlp_opa.pkl", result.Error);
        Assert.Contains("4104295 bytes, SHA-256 4be6fd7e7c6e4c5d365d2776ab172007262bc9ec887c3766c9caea222bc52ec9", result.Error);
        Assert.DoesNotContain("mlp_geo", result.Error);
        Assert.False(File.Exists(store.ModelPath(StandIn.Ralo)));
    }

    [Fact]
    public void A_file_of_the_right_size_and_the_wrong_hash_is_not_read()
    {
        using StandIn store = new();
        byte[] bytes = File.ReadAllBytes(Backbone);
        bytes[^5] ^= 1;
        File.WriteAllBytes(store["damaged.pt"], bytes);
        CommandResult result = store.Install(StandIn.Cidc, store["damaged.pt"]);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("damaged.pt", result.Error);
        Assert.False(File.Exists(store.ModelPath(StandIn.Cidc)));
    }

    [Fact]
    public void A_file_that_is_none_of_the_published_is_refused()
    {
        using StandIn store = new();
        CommandResult result = store.Run("model", "install", StandIn.Cidc, "--from", Backbone);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("28402412 bytes, which no published file has", result.Error);
        Assert.Contains("56524913dd16a906422e8d8b66a7a5c46be1d82eb7ac012d8103776f1aa68899", result.Error);
        Assert.Equal(3, store.Install(StandIn.Cidc, "/no/such/file.pt").ExitCode);
    }

    [Fact]
    public void List_shows_what_can_be_installed_and_what_is()
    {
        using StandIn store = new();
        CommandResult before = store.Run("model", "list");
        Assert.Equal(0, before.ExitCode);
        Assert.Contains("xrv-densenet121-cidc  not installed", before.Output);
        Assert.Contains("xrv-densenet121-ralo  not installed", before.Output);
        Assert.Contains("CC BY-SA 4.0", before.Output);
        Assert.Contains("27.1 MiB", before.Output);
        Assert.False(Directory.Exists(store.Home));
        store.Install(StandIn.Cidc, Backbone);
        Assert.Contains("xrv-densenet121-cidc  installed, 26.6 MiB", store.Run("model", "list").Output);
    }

    [Fact]
    public void Verify_passes_what_was_installed_and_fails_what_changed()
    {
        using StandIn store = new();
        Assert.Contains("no model is installed", store.Run("model", "verify").Output);
        store.Install(StandIn.Cidc, Backbone);
        CommandResult sound = store.Run("model", "verify");
        Assert.Equal(0, sound.ExitCode);
        Assert.StartsWith($"{StandIn.Cidc}: ok", sound.Output);

        using (FileStream file = new(store.ModelPath(StandIn.Cidc), FileMode.Open))
        {
            file.Position = file.Length / 2;
            int value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }
        CommandResult changed = store.Run("model", "verify", StandIn.Cidc);
        Assert.Equal(4, changed.ExitCode);
        Assert.Equal($"{StandIn.Cidc}: failed\n", changed.Output);
        Assert.Contains("install it again", changed.Error);
        CommandResult used =
            store.Run("predict", "--model", StandIn.Cidc, Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"));
        Assert.Equal((4, ""), (used.ExitCode, used.Output));
        Assert.Contains("install it again", used.Error);
        Assert.Equal(4, store.Run("model", "verify", "unknown").ExitCode);
    }

    [Fact]
    public void A_name_that_is_not_installed_is_answered_with_those_that_are_and_a_file_goes_before_a_name()
    {
        using StandIn store = new();
        store.Install(StandIn.Cidc, Backbone);
        string image = Image("41591_2020_819_Fig1_HTML.webp-day5.png");
        CommandResult unknown = store.Run("predict", "--model", "other", image);
        Assert.Equal(4, unknown.ExitCode);
        Assert.Contains($"installed are: {StandIn.Cidc}", unknown.Error);

        // A file of the installed model's name, with another model in it.
        File.Copy(Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx"), store[StandIn.Cidc]);
        CommandResult result = Command.Run(Command.Binary, ["predict", "--format", "jsonl", "--model", StandIn.Cidc, image],
            Path.GetDirectoryName(store[StandIn.Cidc]), store.Environment);
        Assert.Equal("severity-compact", JsonDocument.Parse(result.Output).RootElement.GetProperty("model").GetString());
    }

    [Fact]
    public void Import_writes_a_model_for_each_head_from_either_form_of_checkpoint()
    {
        using StandIn store = new();
        string stateDict = StandIn.Checkpoint("standin-statedict-zip.pt"), image = Image("41591_2020_819_Fig1_HTML.webp-day5.png");
        // The features' mean as extent, and a constant opacity.
        File.WriteAllText(store["head.json"], JsonSerializer.Serialize(new
        {
            input = "features",
            geographic_extent = new { coefficients = Enumerable.Repeat(1 / 1024.0, 1024), intercept = 0 },
            opacity = new { coefficients = new double[1024], intercept = 2.5 },
        }));
        string[][] heads =
        [
            [], ["--head", "cidc"], ["--head", "ralo", "--head-file", .. HeadFiles],
            ["--head", "ralo", "--head-file", HeadFiles[1], "--head-file", HeadFiles[0]],
            ["--head", store["head.json"]],
        ];
        double[] extents = [.. heads.Select((head, i) =>
        {
            CommandResult result = store.Run(["model", "import", i == 1 ? stateDict : Backbone, .. head, "-o", store[$"{i}.onnx"]]);
            Assert.True(result.ExitCode == 0, result.Error);
            return Predict(store, "--model", store[$"{i}.onnx"], image).GetProperty("geographic_extent").GetDouble();
        })];
        float[] features = Npy<float>.Load(TestData.Get("golden", "standin.features.npy")).Values;
        float[] ralo = Npy<float>.Load(TestData.Get("golden", "standin.ralo-heads.npy")).Values;
        double cidc = 2.4953447265526756, extent = Math.Clamp(ralo[4], 0, 8), mean = features[2048..3072].Average(f => (double)f);
        double[] expected = [cidc, cidc, extent, extent, mean];
        Assert.All(expected.Zip(extents), p => Assert.Equal(p.First, p.Second, 1e-3 * Math.Max(1, p.First)));
        Assert.Equal(2.5, Predict(store, "--model", store["4.onnx"], image).GetProperty("opacity").GetDouble(), 1e-6);
    }

    [Fact]
    public void Import_rewrites_the_network_to_the_same_scores_with_less_work_unless_told_not_to()
    {
        using StandIn store = new();
        Assert.Equal(0, store.Run("model", "import", Backbone, "--name", "x", "-o", store["plain.onnx"], "--no-optimize").ExitCode);
        Assert.Equal(0, store.Run("model", "import", Backbone, "--name", "x", "-o", store["fast.onnx"]).ExitCode);
        Assert.Equal(0, store.Run("model", "optimize", store["plain.onnx"], "-o", store["later.onnx"]).ExitCode);
        Assert.Equal(File.ReadAllBytes(store["fast.onnx"]), File.ReadAllBytes(store["later.onnx"]));
        Assert.True(Operators("fast.onnx") < Operators("plain.onnx"));
        string image = Image("41591_2020_819_Fig1_HTML.webp-day5.png");
        foreach (string score in (string[])["geographic_extent_raw", "opacity_raw"])
        {
            double plain = Predict(store, "--model", store["plain.onnx"], image).GetProperty(score).GetDouble();
            double fast = Predict(store, "--model", store["fast.onnx"], image).GetProperty(score).GetDouble();
            Assert.Equal(plain, fast, 1e-5 * Math.Max(1, Math.Abs(plain)));
        }

        int Operators(string model) =>
            JsonDocument.Parse(store.Run("model", "info", store[model], "--format", "json").Output).RootElement
            .GetProperty("operators").EnumerateObject().Sum(o => o.Value.GetInt32());
    }

    [Theory]
    [InlineData(2, "neither cidc, nor ralo, nor a file", "--head", "other")]
    [InlineData(2, "--head-file goes with --head ralo", "--head-file", "x.pkl")]
    [InlineData(2, "takes two --head-file", "--head", "ralo", "--head-file", "GEO")]
    [InlineData(2, "are the same", "--head", "ralo", "--head-file", "GEO", "GEO")]
    [InlineData(3, "the ralo head needs its two files", "--head", "ralo")]
    [InlineData(3, "no such file", "--head", "ralo", "--head-file", "GEO", "/no/such.pkl")]
    [InlineData(4, "not a head in JSON", "--head", "GEO")]
    public void Heads_that_cannot_be_made_are_refused_with_the_reason(int exit, string reason, params string[] head)
    {
        using StandIn store = new();
        CommandResult result =
            store.Run(["model", "import", Backbone, "-o", store["out.onnx"], .. head.Select(a => a == "GEO" ? HeadFiles[0] : a)]);
        Assert.Equal(exit, result.ExitCode);
        Assert.Contains(reason, result.Error);
        Assert.False(File.Exists(store["out.onnx"]));
    }

    [Fact]
    public void Import_refuses_what_is_no_checkpoint_and_names_it()
    {
        using StandIn store = new();
        CommandResult result = store.Run("model", "import", Image("41591_2020_819_Fig1_HTML.webp-day5.png"), "-o", store["out.onnx"]);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("41591_2020_819_Fig1_HTML.webp-day5.png", result.Error);
        Assert.Equal(3, store.Run("model", "import", "/no/such.pt", "-o", store["out.onnx"]).ExitCode);
        Assert.Equal(3, store.Run("model", "import", Backbone, "-o", "/no/such/folder/out.onnx").ExitCode);
        Assert.Equal(2, store.Run("model", "import", Backbone).ExitCode);
        Assert.False(File.Exists(store["out.onnx"]));
    }

    [Fact]
    public void Conversion_of_the_28_MB_checkpoint_stays_under_300_MiB()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "resident memory is read from /proc");
        using StandIn store = new();
        long peak = Command.PeakMemory(Command.Binary, ["model", "import", Backbone, "-o", store["out.onnx"]]);
        Assert.True(File.Exists(store["out.onnx"]));
        Assert.InRange(peak, 28L << 20, 300L << 20);
    }

    [Fact]
    public void Info_describes_a_file_and_a_name_alike_in_text_and_json()
    {
        using StandIn store = new();
        store.Install(StandIn.Cidc, Backbone);
        using JsonDocument json = JsonDocument.Parse(store.Run("model", "info", StandIn.Cidc, "--format", "json").Output);
        JsonElement info = json.RootElement;
        Assert.Equal(new FileInfo(store.ModelPath(StandIn.Cidc)).Length, info.GetProperty("size").GetInt64());
        Assert.Equal(ContentHash(store.ModelPath(StandIn.Cidc)), info.GetProperty("sha256").GetString());
        Assert.True(info.GetProperty("contract_kept").GetBoolean());
        // PyTorch counts 7,049,682 numbers in the state dict, its counters aside; the cidc head adds 2 (18 + 1).
        // The normalizations behind the stem's 64 channels and the 58 bottlenecks' 128 became biases: one number in place of four.
        // Those of the 31,520 channels that the 58 layers read, and of the 2,816 behind the blocks, became two numbers, scale and shift.
        // Each of the four blocks' room for channels is one number more.
        Assert.Equal(7_049_682 + 38 - (3 * (64 + (58 * 128))) - (2 * (31_520 + 2_816)) + 4, info.GetProperty("parameters").GetInt64());
        Assert.Equal(8, info.GetProperty("operators").GetProperty("Conv").GetInt32());
        Assert.Equal(58, info.GetProperty("operators").GetProperty("severity.DenseLayer").GetInt32());
        Assert.Equal("[N, 1, 224, 224]", info.GetProperty("inputs")[0].GetProperty("shape").GetString());
        Assert.Equal(["geographic_extent", "opacity", "logits", "features"],
            info.GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()));
        JsonElement metadata = info.GetProperty("metadata");
        Assert.Equal(StandIn.Cidc, metadata.GetProperty("severity.name").GetString());
        Assert.Equal("https://localhost:1/standin.pt", metadata.GetProperty("severity.source").GetString());
        Assert.Equal(ContentHash(Backbone), metadata.GetProperty("severity.source_sha256").GetString());
        Assert.Equal("nobody", metadata.GetProperty("severity.citation").GetString());
        Assert.StartsWith("0.07422872,0.038290843,", metadata.GetProperty("severity.operating_points").GetString());

        CommandResult text = store.Run("model", "info", store.ModelPath(StandIn.Cidc));
        Assert.Equal(text.Output, store.Run("model", "info", StandIn.Cidc).Output);
        Assert.Contains("contract    kept, format 1", text.Output);
        Assert.Contains("   58  severity.DenseLayer", text.Output);
    }

    [Fact]
    public void Info_without_a_name_is_of_the_built_in_model()
    {
        CommandResult result = Command.Severity("model", "info");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("severity.name = severity-compact", result.Output);
        Assert.Contains("size        11216908 bytes", result.Output);
        Assert.Contains("features: Float32 [N, 384]", result.Output);
        Assert.All(result.Lines, line => Assert.InRange(line.Length, 1, 400));
        Assert.Contains("KiB; --format json has it whole)", result.Output);
    }

    [Fact]
    public void Check_published_passes_what_comes_out_and_fails_what_does_not()
    {
        using StandIn store = new(), other = new(extraExtent: 0.06);
        string images = TestData.Get("data", "cxr");
        store.Install(StandIn.Cidc, Backbone);
        CommandResult pass = store.Run("model", "check-published", images, "--catalog", store.Catalog);
        Assert.Equal(0, pass.ExitCode);
        Assert.Contains("10 of 10 published scores came out", pass.Output);

        CommandResult fail = store.Run("model", "check-published", images, "--catalog", other.Catalog);
        Assert.Equal(4, fail.ExitCode);
        Assert.Equal(5, fail.Lines.Count(l => l.Contains("FAIL")));
        Assert.Equal(5, fail.Lines.Count(l => l.Contains("pass")));

        // The stand-in's scores are not the published ones, and four images have those.
        CommandResult published = store.Run("model", "check-published", images);
        Assert.Equal(4, published.ExitCode);
        Assert.Matches(@"(?m)^geographic_extent +5\.9787 +1\.45\d\d +-4\.52\d\d +FAIL +2966893D", published.Output);
        Assert.Equal(8 + 2, published.Lines.Length);

        Assert.Equal(3, store.Run("model", "check-published", store.Home).ExitCode);
        using StandIn empty = new();
        CommandResult missing = empty.Run("model", "check-published", images);
        Assert.Equal(4, missing.ExitCode);
        Assert.Contains("no model is installed", missing.Error);
    }

    [Theory]
    [InlineData("model", "--help")]
    [InlineData("model", "list", "--help")]
    [InlineData("model", "install", "--help")]
    [InlineData("model", "import", "--help")]
    [InlineData("model", "info", "--help")]
    [InlineData("model", "verify", "--help")]
    [InlineData("model", "check-published", "--help")]
    public void Every_model_command_explains_itself(params string[] arguments)
    {
        CommandResult result = Command.Severity(arguments);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output);
    }

    static string ContentHash(string path) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));

    static JsonElement Predict(StandIn store, params string[] arguments)
    {
        CommandResult result = store.Run(["predict", "--format", "jsonl", .. arguments]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
