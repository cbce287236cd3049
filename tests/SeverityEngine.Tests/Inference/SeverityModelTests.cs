using SeverityEngine.Inference;
using SeverityEngine.Onnx;

namespace SeverityEngine.Tests.Inference;

public class SeverityModelTests
{
    [Fact]
    public void A_model_that_keeps_the_contract_is_taken_with_its_own_size_and_ranges()
    {
        ModelContract contract =
            new() { Name = "mean", Version = "7", GeographicExtentRange = new(-3000, 3000), OpacityRange = new(0, 100) };
        using SeverityPredictor predictor = Create(Model(size: 32, contract: contract));
        Assert.Equal(("mean", "7", 32), (predictor.Model.Name, predictor.Model.Version, predictor.Model.InputSize));
        byte[] white = new byte[32 * 32];
        white.AsSpan().Fill(255);
        SeverityScore score = predictor.Predict(new XRayPixels(white, 32, 32));
        // The network is the mean of its input, and white is 1024.
        Assert.Equal(1024, score.GeographicExtent, 1e-3);
        Assert.Equal((1024, 100), (Math.Round(score.OpacityRaw, 3), score.Opacity));
    }

    [Theory]
    [InlineData("picture", "its inputs must be one, 'image', but are: 'picture'")]
    [InlineData("channels", "its input 'image' must be float32 [N, 1, S, S], but is float32 [N, 3, 32, 32]")]
    [InlineData("oblong", "its input 'image' must be float32 [N, 1, S, S], but is float32 [N, 1, 32, 16]")]
    [InlineData("batch", "its input 'image' must be float32 [N, 1, S, S], but is float32 [4, 1, 32, 32]")]
    [InlineData("no-opacity", "it has no output 'opacity'")]
    [InlineData("wide", "its output 'opacity' must be float32 [N, 1], but is float32 [N, 1, 1, 1]")]
    [InlineData("double", "its output 'opacity' must be float32 [N, 1], but is float64 [N, 1]")]
    [InlineData("features", "its output 'features' must be float32 [N, a fixed length], but is float32 [N, 1, 1, 1]")]
    [InlineData("no-metadata", "in its metadata severity.format is missing")]
    [InlineData("format-2", "in its metadata severity.format is '2', and this engine reads '1'")]
    [InlineData("no-name", "in its metadata severity.name is missing")]
    [InlineData("range", "in its metadata severity.opacity.range is '6,0', which is no range such as 0,8")]
    [InlineData("no-range", "in its metadata severity.geographic_extent.range is missing")]
    public void A_breach_of_the_contract_is_named_alike_by_the_session_and_by_the_graph(string breach, string expected)
    {
        OnnxModel model = Model(
            input: breach == "picture" ? "picture" : "image",
            channels: breach == "channels" ? 3 : 1,
            height: 32,
            size: breach == "oblong" ? 16 : 32,
            batch: breach == "batch" ? 4 : "N",
            breach: breach);
        SeverityException error = Assert.Throws<SeverityException>(() => Create(model).Dispose());
        Assert.Equal(SeverityError.ModelContract, error.Code);
        Assert.StartsWith("broken.onnx: the model breaks the contract: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        AssertSameFaults(model, error);
    }

    [Fact]
    public void Shapes_that_a_file_leaves_open_are_those_that_its_nodes_make()
    {
        foreach (OnnxShape? declared in (OnnxShape?[])[null, ["N", "M"], ["N", 1]])
        {
            OnnxModel model = Model();
            model.Graph.RemoveOutput("opacity");
            model.Graph.AddOutput(new OnnxValue("opacity", OnnxElementType.Float32, declared));
            List<string> faults = [];
            ModelInterface.Of(OnnxModel.Parse(model.ToArray())).Check(faults);
            Assert.Empty(faults);
            Create(model).Dispose();
        }
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        OnnxModel model = SmallModel.Make(labels: ["A", "B"]).ToGraph();
        model.Metadata.Remove("severity.version");
        SeverityException error = Assert.Throws<SeverityException>(() => Create(model).Dispose());
        Assert.Equal("broken.onnx: the model breaks the contract: in its metadata severity.version is missing; "
            + "its 3 logits have 2 labels in 'severity.labels'. See 'The model contract' in docs/models.md", error.Message);
        AssertSameFaults(model, error);
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused_by_name()
    {
        SeverityException error = Assert.Throws<SeverityException>(() =>
            SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile([1, 2, 3], "x.onnx") }).Dispose());
        Assert.Equal(SeverityError.ModelInvalid, error.Code);
        Assert.StartsWith("x.onnx: not an ONNX model, or a damaged one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_that_is_no_number_is_an_error_and_not_a_score()
    {
        using SeverityPredictor predictor = Create(Model(breach: "not-a-number"));
        SeverityException error = Assert.Throws<SeverityException>(() => predictor.Predict(new XRayPixels(new byte[64 * 64], 64, 64)));
        Assert.Equal(SeverityError.InferenceFailed, error.Code);
        Assert.StartsWith("broken.onnx: ", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The graph's faults are those that the session was refused for.</summary>
    static void AssertSameFaults(OnnxModel model, SeverityException error)
    {
        List<string> faults = [];
        ModelInterface.Of(OnnxModel.Parse(model.ToArray())).Check(faults);
        Assert.Equal($"broken.onnx: the model breaks the contract: {string.Join("; ", faults)}. See 'The model contract' in docs/models.md",
            error.Message);
    }

    static SeverityPredictor Create(OnnxModel model) =>
        SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile(model.ToArray(), "broken.onnx"), Threads = 1 });

    /// <summary>A model whose two scores are its input's mean, sound but for the breach that is named.</summary>
    static OnnxModel Model(string input = "image", int channels = 1, int? height = null, int size = 32, OnnxDimension? batch = null,
        string breach = "", ModelContract? contract = null)
    {
        GraphBuilder builder = new("mean");
        OnnxDimension n = batch ?? "N";
        string image = builder.Input(input, OnnxElementType.Float32, [n, channels, height ?? size, size]);
        string mean = builder.ReduceMean(image, [1, 2, 3], keepDimensions: true);
        string extent = builder.Flatten(mean, 1, "geographic_extent");
        builder.Output(extent, OnnxElementType.Float32, [n, 1]);
        switch (breach)
        {
            case "no-opacity":
                break;
            case "wide":
                builder.Output(builder.Identity(mean, "opacity"), OnnxElementType.Float32, [n, 1, 1, 1]);
                break;
            case "double":
                builder.Output(builder.Cast(extent, OnnxElementType.Float64, "opacity"), OnnxElementType.Float64, [n, 1]);
                break;
            case "not-a-number":
                // Zero by zero; no weight is at fault.
                string zero = builder.Mul(extent, builder.Scalar("zero", 0f));
                builder.Output(builder.Div(zero, zero, "opacity"), OnnxElementType.Float32, [n, 1]);
                break;
            case "features":
                builder.Output(builder.Identity(extent, "opacity"), OnnxElementType.Float32, [n, 1]);
                builder.Output(builder.Identity(mean, "features"), OnnxElementType.Float32, [n, 1, 1, 1]);
                break;
            default:
                builder.Output(builder.Identity(extent, "opacity"), OnnxElementType.Float32, [n, 1]);
                break;
        }
        OnnxModel model = builder.Build();
        (contract ?? new ModelContract { Name = "test", Version = "1" }).Write(model.Metadata);
        switch (breach)
        {
            case "no-metadata":
                model.Metadata.Clear();
                break;
            case "format-2":
                model.Metadata["severity.format"] = "2";
                break;
            case "no-name":
                model.Metadata.Remove("severity.name");
                break;
            case "range":
                model.Metadata["severity.opacity.range"] = "6,0";
                break;
            case "no-range":
                model.Metadata.Remove("severity.geographic_extent.range");
                break;
        }
        return model;
    }
}
