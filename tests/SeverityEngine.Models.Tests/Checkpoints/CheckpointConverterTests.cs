using System.Text.Json;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Tests.Checkpoints.Networks;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Tests.Reference;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>From a file's bytes to a model, with the stand-in weights.</summary>
public class CheckpointConverterTests
{
    static readonly ModelContract s_contract = new() { Name = "standin", Version = "1" };

    [Fact]
    public void The_module_and_the_state_dict_give_the_same_file_byte_for_byte()
    {
        byte[] module = Convert("standin-module-legacy.pt", new CidcHead()).ToArray();
        Assert.Equal(module, Convert("standin-statedict-zip.pt", new CidcHead()).ToArray());
        Assert.Equal(Convert("standin-module-legacy.pt", Ralo()).ToArray(), Convert("standin-statedict-zip.pt", Ralo()).ToArray());
        Assert.NotEqual(module, Convert("trained-weak-statedict-zip.pt", new CidcHead()).ToArray());
    }

    [Theory]
    [InlineData("standin-module-legacy.pt")]
    [InlineData("standin-statedict-zip.pt")]
    public void Given_the_golden_tensors_every_output_is_the_golden_one(string checkpoint)
    {
        // PyTorch's and numpy's: features and logits within 1e-4 of the largest value, cidc scores within 1e-4, ralo outputs within 1e-3.
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(TestData.Get("golden", "golden.json")));
        string[] names = [.. golden.RootElement.GetProperty("real_images").EnumerateArray().Select(n => n.GetString()!)];
        (string, float[], long[]) images = ("image",
            [.. names.SelectMany(n => Npy<float>.Load(TestData.Get("golden", n + ".tensor.npy")).Values)], [names.Length, 1, 224, 224]);

        Dictionary<string, ReferenceTensor> cidc = OnnxRuntimeReference.Run(Convert(checkpoint, new CidcHead()).ToArray(), images);
        AssertClose(Npy<float>.Load(TestData.Get("golden", "standin.features.npy")).Values, cidc["features"].Values, 1e-4);
        AssertClose(Npy<float>.Load(TestData.Get("golden", "standin.logits.npy")).Values, cidc["logits"].Values, 1e-4);
        for (int i = 0; i < names.Length; i++)
        {
            JsonElement scores = golden.RootElement.GetProperty("standin_scores").GetProperty(names[i]);
            Assert.Equal(scores.GetProperty("geographic_extent").GetDouble(), Math.Clamp(cidc["geographic_extent"].Values[i], 0, 8), 1e-4);
            Assert.Equal(scores.GetProperty("opacity").GetDouble(), Math.Clamp(cidc["opacity"].Values[i], 0, 6), 1e-4);
        }

        Dictionary<string, ReferenceTensor> ralo = OnnxRuntimeReference.Run(Convert(checkpoint, Ralo()).ToArray(), images);
        float[] heads = Npy<float>.Load(TestData.Get("golden", "standin.ralo-heads.npy")).Values;
        for (int i = 0; i < names.Length; i++)
        {
            Assert.Equal(heads[2 * i], ralo["geographic_extent"].Values[i], 1e-3 * Math.Abs(heads[2 * i]));
            // The published head's scale ends at 8, the contract's at 6.
            Assert.Equal(heads[2 * i + 1] * 0.75, ralo["opacity"].Values[i], 1e-3 * Math.Abs(heads[2 * i + 1]));
        }
    }

    [Fact]
    public void A_linear_head_of_ones_own_is_the_product_with_the_features()
    {
        Npy<float> features = Npy<float>.Load(TestData.Get("golden", "standin.features.npy"));
        double[] extent = [.. Enumerable.Range(0, 1024).Select(i => (i % 7 - 3) / 64.0)],
            opacity = [.. Enumerable.Range(0, 1024).Select(i => (i % 5 - 2) / 64.0)];
        RegressionHead head = RegressionHead.Read(JsonSerializer.SerializeToUtf8Bytes(new
        {
            input = "features",
            geographic_extent = new { coefficients = extent, intercept = 1.5 },
            opacity = new { coefficients = opacity, intercept = -0.25 },
        }));
        Npy<float> image = Npy<float>.Load(TestData.Get("golden", "2966893D-5DDF-4B68-9E2B-4979D5956C8E.jpeg.tensor.npy"));
        Dictionary<string, ReferenceTensor> made =
            OnnxRuntimeReference.Run(Convert("standin-statedict-zip.pt", head).ToArray(), ("image", image.Values, [1, 1, 224, 224]));
        Assert.Equal(Enumerable.Range(0, 1024).Sum(i => extent[i] * features.Values[i]) + 1.5, made["geographic_extent"].Values[0], 1e-4);
        Assert.Equal(Enumerable.Range(0, 1024).Sum(i => opacity[i] * features.Values[i]) - 0.25, made["opacity"].Values[0], 1e-4);
    }

    [Fact]
    public void A_linear_head_on_logits_can_say_what_cidc_says()
    {
        double[] Only(double slope) => [.. Enumerable.Range(0, 18).Select(i => i == 16 ? slope : 0)];
        RegressionHead head = RegressionHead.Read(JsonSerializer.SerializeToUtf8Bytes(new
        {
            input = "logits",
            geographic_extent = new { coefficients = Only(0.8705248236656189), intercept = 3.4137437 },
            opacity = new { coefficients = Only(0.5484423041343689), intercept = 2.5535977 },
        }));
        Assert.Equal(Convert("standin-statedict-zip.pt", new CidcHead()).ToArray(), Convert("standin-statedict-zip.pt", head).ToArray());
    }

    [Theory]
    [InlineData("[]", "it is no object")]
    [InlineData("{", "not a head in JSON")]
    [InlineData("{ \"input\": \"pixels\" }", "has to be \"logits\" or \"features\"")]
    [InlineData("{ \"input\": \"logits\" }", "\"geographic_extent\" has to be an object")]
    [InlineData("{ \"input\": \"logits\", \"geographic_extent\": { \"coefficients\": [1, \"2\"], \"intercept\": 0 } }",
        "a coefficient of geographic_extent is \"2\"")]
    [InlineData("{ \"input\": \"logits\", \"geographic_extent\": { \"coefficients\": [1], \"intercept\": 1e99 } }",
        "the intercept of geographic_extent is 1e99")]
    [InlineData("{ \"input\": \"logits\", \"extent\": 1 }", "'extent' is none of input, geographic_extent, opacity")]
    public void A_head_that_is_none_is_refused_with_the_reason(string json, string fault)
    {
        SeverityException error =
            Assert.Throws<SeverityException>(() => RegressionHead.Read(System.Text.Encoding.UTF8.GetBytes(json), "my.json"));
        Assert.Equal(SeverityError.CheckpointLayout, error.Code);
        Assert.Contains("my.json", error.Message);
        Assert.Contains(fault, error.Message);
    }

    [Fact]
    public void A_linear_head_of_another_length_is_refused()
    {
        RegressionHead head = RegressionHead.Read("""
            { "input": "logits", "geographic_extent": { "coefficients": [1, 2], "intercept": 0 },
            "opacity": { "coefficients": [1, 2], "intercept": 0 } }
            """u8.ToArray());
        SeverityException error = Assert.Throws<SeverityException>(() => DenseNet121.Build(States.Numbered(), head, s_contract));
        Assert.Equal(SeverityError.CheckpointLayout, error.Code);
        Assert.Contains("geographic_extent has 2 coefficients, and the network gives 18 logits", error.Message);
    }

    [Fact]
    public void A_checkpoints_own_operating_points_go_before_the_published_ones()
    {
        Assert.Equal(DenseNet121.OperatingPoints, Points());
        float[] own = [.. Enumerable.Range(1, 18).Select(i => i / 20f)];
        Assert.Equal(own, Points(own));
        // Those that are none, as PyTorch leaves them for labels without data.
        Assert.Equal(DenseNet121.OperatingPoints, Points([.. own[..17], float.NaN]));
        Assert.Equal(DenseNet121.OperatingPoints, Points(own[..17]));

        static IReadOnlyList<float> Points(params float[] own)
        {
            Dictionary<string, CheckpointTensor> state = own.Length == 0
                ? [] : new() { ["op_threshs"] = new("op_threshs", [own.Length], own) };
            return CheckpointConverter.WithLabels(s_contract, state).OperatingPoints;
        }
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_named()
    {
        SeverityException error = Assert.Throws<SeverityException>(
            () => CheckpointConverter.ToModel(Samples.Bytes("module-zip.pt"), "other.pt", new CidcHead(), s_contract));
        Assert.Equal(SeverityError.CheckpointLayout, error.Code);
        Assert.StartsWith("other.pt: these are not the weights of a DenseNet-121", error.Message);
    }

    static RaloHead Ralo() => new(
        MlpHead.Read(TestData.Get("checkpoints", "mlp_geo.pkl")).Layers, MlpHead.Read(TestData.Get("checkpoints", "mlp_opa.pkl")).Layers);

    static OnnxModel Convert(string checkpoint, SeverityHead head) =>
        CheckpointConverter.ToModel(File.ReadAllBytes(TestData.Get("checkpoints", checkpoint)), checkpoint, head, s_contract);

    static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs), worst = expected.Zip(actual).Max(p => Math.Abs((double)p.First - p.Second));
        Assert.True(worst <= tolerance * largest, $"differs by {worst:g3}, where the largest value is {largest:g3}");
    }
}
