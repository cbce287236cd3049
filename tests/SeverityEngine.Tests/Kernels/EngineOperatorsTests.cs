using SeverityEngine.Interop;
using SeverityEngine.Kernels;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Phantoms;

namespace SeverityEngine.Tests.Kernels;

[Trait(InstructionSetTests.Trait, "yes")]
[Collection(RunAlone.Name)]
public class EngineOperatorsTests
{
    const int Side = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_model_with_the_operator_gives_the_scores_of_the_plain_one(int threads)
    {
        using SeverityPredictor plain = Predictor(Model(), threads), fast = Predictor(WithOperator(), threads);
        for (int seed = 0; seed < 5; seed++)
        {
            byte[] pixels = Pixels(seed);
            SeverityScore expected = plain.Predict(new XRayPixels(pixels, Side, Side)),
                score = fast.Predict(new XRayPixels(pixels, Side, Side));
            Assert.Equal(1, score.GeographicExtentRaw / expected.GeographicExtentRaw, 1e-5);
            Assert.Equal(1, score.OpacityRaw / expected.OpacityRaw, 1e-5);
        }
    }

    [Fact]
    public void Several_images_in_one_run_are_scored_as_one_by_one()
    {
        using SeverityPredictor predictor = Predictor(WithOperator(), 2);
        XRayImage[] images = [.. Enumerable.Range(0, 5).Select(i => new ChestPhantom { Seed = i, Width = 256, Height = 256 }.Render())];
        SeverityScore[] scores = new SeverityScore[images.Length];
        predictor.Predict(images, scores);
        for (int i = 0; i < images.Length; i++)
        {
            Assert.Equal(predictor.Predict(images[i]).GeographicExtentRaw, scores[i].GeographicExtentRaw, 1e-4);
            images[i].Dispose();
        }
    }

    [Fact]
    public async Task Callers_at_once_do_not_disturb_each_other()
    {
        using SeverityPredictor predictor =
            SeverityPredictor.Create(new PredictorOptions { Model = File(WithOperator()), Threads = 2, MaxConcurrency = 8 });
        byte[][] pixels = [.. Enumerable.Range(0, 8).Select(Pixels)];
        double[] expected = [.. pixels.Select(p => predictor.Predict(new XRayPixels(p, Side, Side)).GeographicExtentRaw)];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            for (int run = 0; run < 40; run++)
                Assert.Equal(expected[i], predictor.Predict(new XRayPixels(pixels[i], Side, Side)).GeographicExtentRaw);
        })));
    }

    [Fact]
    public void A_predictor_with_the_operator_may_be_disposed_twice()
    {
        SeverityPredictor predictor = Predictor(WithOperator(), 1);
        predictor.Predict(new XRayPixels(Pixels(0), Side, Side));
        predictor.Dispose();
        predictor.Dispose();
    }

    [Fact]
    public void A_prediction_with_the_operator_allocates_nothing()
    {
        using SeverityPredictor predictor = Predictor(WithOperator(), 1);
        byte[] pixels = Pixels(3);
        for (int warm = 0; warm < 3; warm++)
            predictor.Predict(new XRayPixels(pixels, Side, Side));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 20; run++)
            predictor.Predict(new XRayPixels(pixels, Side, Side));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Weights_that_are_not_constant_are_refused_by_name_where_the_operator_is_the_engines_own()
    {
        Assert.SkipUnless(WinogradArithmetics.Serve(Cpu.Kernels), "the model's own definition is used here, which takes them");
        OnnxModel model = WithOperator();
        OnnxNode node = model.Graph.Nodes.First(n => n.OpType == WinogradOperator.OpType);
        GraphBuilder builder = new(model);
        // Weights that depend on the image.
        string zero = builder.Mul(builder.ReduceMean("image", [0, 1, 2, 3], keepDimensions: false), builder.Scalar("nothing", 0f));
        node.SetInput(1, builder.Add(node.Inputs[1], zero));
        model.Graph.SortTopologically();
        SeverityException error = Assert.Throws<SeverityException>(() => Predictor(model, 1).Dispose());
        Assert.Equal(SeverityError.ModelInvalid, error.Code);
        Assert.Contains("WinogradConv: its weights must be a constant", error.Message, StringComparison.Ordinal);
    }

    static OnnxModel WithOperator()
    {
        OnnxModel model = Model();
        Assert.Equal(2, WinogradConvolutions.Apply(model));
        return model;
    }

    /// <summary>Two convolutions of 3 x 3, with bias and without, and scores linear in the means of what they make.</summary>
    static OnnxModel Model()
    {
        Random random = new(1);
        GraphBuilder builder = new("convolutions");
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]);
        string wide =
            builder.Relu(builder.Conv(builder.Mul(image, builder.Scalar("scale", 1e-3f)), Weight("stem", 16, 1), pads: [1, 1, 1, 1]));
        string first =
            builder.Relu(builder.Conv(wide, Weight("first", 32, 16), builder.Vector<float>("bias", Numbers(32)), pads: [1, 1, 1, 1]));
        string second = builder.Conv(first, Weight("second", 16, 32), pads: [1, 1, 1, 1]);
        string pooled = builder.Flatten(builder.GlobalAveragePool(builder.Concat([wide, first, second], 1)));
        builder.Gemm(pooled, builder.Constant<float>("we", [64, 1], Numbers(64)), builder.Vector("be", 4f), name: "geographic_extent");
        builder.Gemm(pooled, builder.Constant<float>("wo", [64, 1], Numbers(64)), builder.Vector("bo", 3f), name: "opacity");
        builder.Output("geographic_extent", OnnxElementType.Float32, ["N", 1]);
        builder.Output("opacity", OnnxElementType.Float32, ["N", 1]);
        OnnxModel model = builder.Build();
        new ModelContract { Name = "convolutions", Version = "1" }.Write(model.Metadata);
        return model;

        string Weight(string name, int outputs, int inputs) =>
            builder.Constant<float>(name, [outputs, inputs, 3, 3], Numbers(outputs * inputs * 9));

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.4f) / 4)];
    }

    static SeverityPredictor Predictor(OnnxModel model, int threads) =>
        SeverityPredictor.Create(new PredictorOptions { Model = File(model), Threads = threads });

    static ModelFile File(OnnxModel model) => new(model.ToArray(), "convolutions.onnx");

    static byte[] Pixels(int seed)
    {
        byte[] pixels = new byte[Side * Side];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }
}
