using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>Findings and features from <c>predict</c>, with the stand-in weights.</summary>
public class FurtherResultsTests
{
    // The third golden image, a PNG.
    const string Image = "41591_2020_819_Fig1_HTML.webp-day5.png";
    const int Row = 2;

    static readonly string[] s_labels =
    [
        "Atelectasis", "Consolidation", "Infiltration", "Pneumothorax", "Edema", "Emphysema", "Fibrosis", "Effusion", "Pneumonia",
        "Pleural_Thickening", "Cardiomegaly", "Nodule", "Mass", "Hernia", "Lung Lesion", "Fracture", "Lung Opacity",
        "Enlarged Cardiomediastinum",
    ];

    // TorchXRayVision's op_threshs of the published weights, for op_norm: p < t: p / 2t; else 1 - (1 - p) / (2 (1 - t)).
    static readonly double[] s_operatingPoints =
    [
        0.07422872, 0.038290843, 0.09814756, 0.0098118475, 0.023601074, 0.0022490358, 0.010060724, 0.103246614, 0.056810737,
        0.026791653, 0.050318155, 0.023985857, 0.01939503, 0.042889766, 0.053369623, 0.035975814, 0.20204692, 0.05015312,
    ];

    static string Path => TestData.Get("data", "cxr", Image);

    [Fact]
    public void Findings_are_the_calibrated_probabilities_of_the_golden_logits()
    {
        using StandIn store = Installed();
        double[] expected =
            [.. Npy<float>.Load(TestData.Get("golden", "standin.logits.npy")).Values.Skip(18 * Row).Take(18).Select(Calibrated)];
        CommandResult json = store.Run("predict", "--findings", "--format", "json", "--model", StandIn.Cidc, Path);
        JsonElement findings = JsonDocument.Parse(json.Output).RootElement[0].GetProperty("findings");
        Assert.Equal(s_labels, findings.EnumerateObject().Select(f => f.Name));
        Assert.All(expected.Zip(findings.EnumerateObject()), f => Assert.Equal(f.First, f.Second.Value.GetDouble(), 1e-4));

        string[] lines = store.Run("predict", "--findings", "--model", StandIn.Cidc, Path).Lines;
        Assert.Equal(2 + 18, lines.Length);
        Assert.StartsWith("geographic_extent (0-8): ", lines[0]);
        Assert.All(expected.Zip(s_labels, lines[2..]), f =>
        {
            Assert.StartsWith($"{f.Second}: ", f.Third);
            Assert.Equal(f.First, double.Parse(f.Third[(f.Second.Length + 2)..], System.Globalization.CultureInfo.InvariantCulture), 2e-4);
        });

        static double Calibrated(float logit, int i)
        {
            double p = 1 / (1 + Math.Exp(-logit)), t = s_operatingPoints[i];
            return p < t ? p / (2 * t) : 1 - (1 - p) / (2 * (1 - t));
        }
    }

    [Fact]
    public void Without_the_option_there_are_no_findings()
    {
        using StandIn store = Installed();
        CommandResult json = store.Run("predict", "--format", "jsonl", "--model", StandIn.Cidc, Path);
        Assert.False(JsonDocument.Parse(json.Output).RootElement.TryGetProperty("findings", out _));
    }

    [Fact]
    public void Features_are_a_row_an_image_in_order_with_nan_for_one_without_a_score()
    {
        using StandIn store = Installed();
        string[] images = [TestData.Get("data", "cxr", "31BA3780-2323-493F-8AED-62081B9C383B.jpeg"), store["missing.png"], Path];
        CommandResult result = store.Run(["predict", "--features", store["features.npy"], "--model", StandIn.Cidc, .. images]);
        Assert.Equal(3, result.ExitCode);
        Npy<float> features = Npy<float>.Load(store["features.npy"]);
        float[] golden = Npy<float>.Load(TestData.Get("golden", "standin.features.npy")).Values;
        Assert.Equal([3, 1024], features.Shape);
        // Row 0 is a JPEG, which decoders round each in their way; it is the second golden image.
        Assert.All(Enumerable.Range(0, 1024), i =>
        {
            Assert.Equal(golden[1024 + i], features.Values[i], 0.01f);
            Assert.True(float.IsNaN(features.Values[1024 + i]));
            Assert.Equal(golden[Row * 1024 + i], features.Values[2048 + i], 1e-4f);
        });
        Assert.Equal(["catalog.json", "features.npy", "home"], Directory.GetFileSystemEntries(System.IO.Path.GetDirectoryName(store["x"])!)
            .Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_built_in_model_has_features_and_no_findings()
    {
        using TemporaryFolder folder = new();
        CommandResult features = Command.Severity("predict", "--features", folder["f.npy"], Path);
        Assert.Equal(0, features.ExitCode);
        Assert.Equal([1, 384], Npy<float>.Load(folder["f.npy"]).Shape);
        CommandResult findings = Command.Severity("predict", "--findings", Path);
        Assert.Equal(4, findings.ExitCode);
        Assert.Empty(findings.Output);
        Assert.Contains("severity-compact has no logits", findings.Error);
    }

    [Fact]
    public void Features_that_cannot_be_written_end_with_3_before_anything_is_scored()
    {
        CommandResult result = Command.Severity("predict", "--features", "/no/such/folder/f.npy", Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("/no/such/folder/f.npy", result.Error);
    }

    [Fact]
    public void Csv_has_a_column_for_each_further_result_named_by_its_path_in_json()
    {
        using StandIn store = Installed();
        string[] options = ["predict", Path, store["gone.png"], "--findings", "--model", StandIn.Cidc, "--saliency"];
        Assert.Equal(3, store.Run([.. options, store["a"], "-o", store["rows.csv"]]).ExitCode);
        Assert.Equal(3, store.Run([.. options, store["b"], "-o", store["rows.json"]]).ExitCode);

        const string Read =
            "import csv, json, sys; print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8'), strict=True))))";
        CommandResult python = Command.Run("/usr/bin/python3", ["-c", Read, store["rows.csv"]]);
        Assert.True(python.ExitCode == 0, python.Error);
        JsonElement csv = JsonDocument.Parse(python.Output).RootElement;
        JsonElement json = JsonDocument.Parse(File.ReadAllText(store["rows.json"])).RootElement;
        Assert.Equal(2, csv.GetArrayLength());
        JsonElement scored = json[0];
        foreach (string label in s_labels)
            Same(scored.GetProperty("findings").GetProperty(label), $"findings.{label}");
        JsonElement saliency = scored.GetProperty("saliency");
        foreach (string name in (string[])["of", "method", "left_half_share", "right_half_share"])
            Same(saliency.GetProperty(name), $"saliency.{name}");
        foreach (string name in (string[])["x", "y", "value"])
            Same(saliency.GetProperty("peak").GetProperty(name), $"saliency.peak.{name}");
        Assert.True(File.Exists(csv[0].GetProperty("saliency.picture").GetString()));
        Assert.Equal("", csv[0].GetProperty("saliency.raw").GetString());
        Assert.All(csv[1].EnumerateObject().Where(f => f.Name.StartsWith("findings.", StringComparison.Ordinal)
            || f.Name.StartsWith("saliency.", StringComparison.Ordinal)), f => Assert.Equal("", f.Value.GetString()));
        Assert.Equal("file_not_found", csv[1].GetProperty("error_code").GetString());

        void Same(JsonElement expected, string column) =>
            Assert.Equal(
                expected.ValueKind == JsonValueKind.String ? expected.GetString() : expected.GetRawText(),
                csv[0].GetProperty(column).GetString());
    }

    static StandIn Installed()
    {
        StandIn store = new();
        CommandResult result = store.Install(StandIn.Cidc, StandIn.Checkpoint("standin-module-legacy.pt"));
        Assert.True(result.ExitCode == 0, result.Error);
        return store;
    }
}
