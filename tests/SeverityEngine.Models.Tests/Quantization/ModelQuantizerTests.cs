using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Quantization;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Phantoms;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Quantization;

/// <summary>Quantized DenseNets beside themselves in floating point, both run by ONNX Runtime.</summary>
public class ModelQuantizerTests
{
    [Fact]
    public void A_quantized_densenet_scores_nearly_as_in_floating_point_on_images_it_was_not_calibrated_on()
    {
        OnnxModel model = Trained();
        string[] files = [.. Images().Where((_, i) => i % 6 == 1)];
        OnnxModel quantized = ModelQuantizer.Convert(model, "the model", Load(files.Where((_, i) => i % 2 == 0)), "8 images");
        ExactPasses.Apply(model);
        using SeverityPredictor expected = Predictor(model), actual = Predictor(quantized);
        foreach (string file in files.Where((_, i) => i % 2 == 1).Take(6))
        {
            SeverityScore wanted = expected.Predict(file), made = actual.Predict(file);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{Path.GetFileName(file)}: {wanted.GeographicExtent:f3} {made.GeographicExtent:f3}");
            Assert.Equal(wanted.GeographicExtent, made.GeographicExtent, 0.5);
            Assert.Equal(wanted.Opacity, made.Opacity, 0.5);
        }
        Assert.Equal("int8", actual.Model.Metadata["severity.precision"]);
        Assert.Equal("8 images", actual.Model.Metadata["severity.calibration"]);
        Assert.Equal(expected.Model.Outputs, actual.Model.Outputs);
        Assert.Equal(expected.Model.Name, actual.Model.Name);
        Assert.InRange(quantized.ToArray().Length, 1, (int)(0.28 * model.ToArray().Length));
        // Blocks of 6, 12 and 24 layers in 8 bits, and the last, of 16, in floating point.
        ILookup<string, OnnxNode> nodes = quantized.Graph.Nodes.ToLookup(n => n.OpType);
        Assert.Equal((5 + 11 + 23, 3, 16), (nodes[DenseClampOperator.OpType].Count(), nodes[DensePoolOperator.OpType].Count(),
            nodes[DenseLayerOperator.OpType].Count()));
        // What can be done already is left.
        Assert.Empty(EnginePasses.Apply(quantized));
    }

    [Fact]
    public void On_all_images_calibrated_on_the_other_half_scores_keep_within_the_bars()
    {
        OnnxModel model = Trained();
        string[] files = Images();
        List<(double Wanted, double Made)> extents = [], opacities = [];
        for (int half = 0; half < 2; half++)
        {
            OnnxModel quantized = ModelQuantizer.Convert(model, "the model", Load(files.Where((_, i) => i % 2 == half)), "half");
            using SeverityPredictor expected = Predictor(model), actual = Predictor(quantized);
            foreach (string file in files.Where((_, i) => i % 2 != half))
            {
                SeverityScore wanted = expected.Predict(file), made = actual.Predict(file);
                extents.Add((wanted.GeographicExtent, made.GeographicExtent));
                opacities.Add((wanted.Opacity, made.Opacity));
            }
        }
        foreach (List<(double Wanted, double Made)> scores in (List<(double, double)>[])[extents, opacities])
        {
            double mean = scores.Average(s => Math.Abs(s.Made - s.Wanted)), largest = scores.Max(s => Math.Abs(s.Made - s.Wanted)),
                r = Pearson(scores);
            TestContext.Current.TestOutputHelper?.WriteLine($"mean absolute difference {mean:f4}, largest {largest:f4}, Pearson {r:f5}");
            Assert.InRange(mean, 0, 0.08);
            Assert.InRange(largest, 0, 0.35);
            Assert.InRange(r, 0.998, 1);
        }
    }

    [Fact]
    public void A_network_of_another_kind_is_refused_and_named()
    {
        GraphBuilder builder = new("other");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, 8, 8]);
        for (int i = 0; i < 2; i++)
            x = builder.Sigmoid(builder.Conv(x, builder.Constant<float>("weight", [1, 1, 1, 1], [2])), $"gate{i}");
        builder.Output(builder.Flatten(builder.GlobalAveragePool(x)), OnnxElementType.Float32, ["N", 1]);
        SeverityException fault =
            Assert.Throws<SeverityException>(() => ModelQuantizer.Convert(builder.Build(), "the model", [new float[64]], "one"));
        Assert.Equal(SeverityError.ModelUnsupported, fault.Code);
        Assert.Contains("'gate0'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calibration_without_images_or_with_images_of_another_size_is_refused()
    {
        OnnxModel model = Trained();
        foreach (float[][] images in (float[][][])[[], [new float[100]]])
            Assert.Equal(SeverityError.InvalidArgument,
                Assert.Throws<SeverityException>(() => ModelQuantizer.Convert(model, "the model", images, "none")).Code);
    }

    [Fact]
    public void Phantoms_for_calibration_are_the_same_each_time_and_of_all_severities()
    {
        IReadOnlyList<float[]> first = Phantoms(), second = Phantoms();
        Assert.Equal(first, second);
        Assert.Equal(first.Count, first.Select(i => i.Sum()).Distinct().Count());
        Assert.All(first, i => Assert.Equal(64 * 64, i.Length));

        static IReadOnlyList<float[]> Phantoms() => CalibrationImages.From(ChestPhantom.OfAllSeverities().Select(p => p.Render()), 64);
    }

    [Fact]
    public void A_folder_without_images_or_one_that_is_not_there_is_named()
    {
        string empty = Directory.CreateTempSubdirectory().FullName;
        try
        {
            File.WriteAllText(Path.Combine(empty, "notes.txt"), "no image");
            Assert.Equal(
                SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => CalibrationImages.FromFolder(empty, 64)).Code);
            string absent = Path.Combine(empty, "absent");
            SeverityException fault = Assert.Throws<SeverityException>(() => CalibrationImages.FromFolder(absent, 64));
            Assert.Equal(SeverityError.FileNotFound, fault.Code);
            Assert.Contains(absent, fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(empty, recursive: true);
        }
    }

    [Fact]
    public void Calibration_takes_the_images_of_a_folder_whatever_stands_beside_them_and_ends_where_links_lead_back()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["below"]);
        for (int i = 0; i < 64; i++)
        {
            string path = folder[i % 2 == 0 ? $"xray{i}.jpg" : $"below/xray{i}.jpg"];
            File.WriteAllBytes(path, new ChestPhantom { Seed = i, Width = 96, Height = 96 }.EncodeJpeg());
            File.WriteAllText(Path.ChangeExtension(path, ".json"), "{}");
        }
        Directory.CreateSymbolicLink(folder["below/a"], folder["below"]);
        Directory.CreateSymbolicLink(folder["circle"], folder.Path);
        List<SeverityException> skipped = [];
        Assert.Equal(64, CalibrationImages.FromFolder(folder.Path, 64, skipped.Add).Count);
        Assert.Empty(skipped);
    }

    [Fact]
    public void Of_many_images_calibration_takes_as_many_as_it_may_from_all_of_them()
    {
        using TemporaryFolder folder = new();
        int many = CalibrationImages.Most + 1;
        for (int i = 0; i < many; i++)
            File.WriteAllBytes(folder[$"{i}.bmp"], TestImages.Bmp(i));
        Assert.Equal(CalibrationImages.Most, CalibrationImages.FromFolder(folder.Path, 32).Count);
    }

    [Fact]
    public void Images_that_calibration_leaves_out_are_told_and_too_few_are_refused()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < CalibrationImages.Fewest; i++)
            File.WriteAllBytes(folder[$"{i}.bmp"], TestImages.Bmp(i));
        File.WriteAllText(folder["damaged.png"], "no image");
        List<SeverityException> skipped = [];
        Assert.Equal(CalibrationImages.Fewest, CalibrationImages.FromFolder(folder.Path, 32, skipped.Add).Count);
        Assert.Contains("damaged.png", Assert.Single(skipped).Message, StringComparison.Ordinal);
        File.Delete(folder["0.bmp"]);
        SeverityException fault = Assert.Throws<SeverityException>(() => CalibrationImages.FromFolder(folder.Path, 32));
        Assert.Equal(SeverityError.InvalidArgument, fault.Code);
        Assert.Contains(
            $"{CalibrationImages.Fewest - 1} of its {CalibrationImages.Fewest} images", fault.Message, StringComparison.Ordinal);
    }

    static OnnxModel Trained() =>
        DenseNet121.Build(CheckpointFile.Read(TestData.Get("checkpoints", "trained-weak-statedict-zip.pt")).Tensors,
        new CidcHead(), new ModelContract { Name = "trained", Version = "1" });

    static string[] Images() => [.. Directory.GetFiles(TestData.Get("data", "cxr")).Where(
        f => !f.EndsWith(".csv", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    static SeverityPredictor Predictor(OnnxModel model) =>
        SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile(model.ToArray()), Threads = 1 });

    /// <summary>The images as the network reads them.</summary>
    static IReadOnlyList<float[]> Load(IEnumerable<string> files)
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            foreach (string file in files)
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            return CalibrationImages.FromFolder(folder, 224);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static double Pearson(List<(double X, double Y)> pairs)
    {
        double x = pairs.Average(p => p.X), y = pairs.Average(p => p.Y);
        return pairs.Sum(p => (p.X - x) * (p.Y - y)) / Math.Sqrt(
            pairs.Sum(p => (p.X - x) * (p.X - x)) * pairs.Sum(p => (p.Y - y) * (p.Y - y)));
    }
}
