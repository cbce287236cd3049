using SeverityEngine.Interop;
using SeverityEngine.Kernels;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Passes.Quantization;
using SeverityEngine.Phantoms;

namespace SeverityEngine.Tests.Kernels;

[Trait(InstructionSetTests.Trait, "yes")]
[Collection(RunAlone.Name)]
public class EngineOperatorsTests
{
    const int Side = 40;

    [Theory]
    [InlineData(WinogradOperator.OpType, 1)]
    [InlineData(WinogradOperator.OpType, 2)]
    [InlineData(DenseLayerOperator.OpType, 1)]
    [InlineData(DenseLayerOperator.OpType, 2)]
    [InlineData(DenseClampOperator.OpType, 1)]
    [InlineData(DenseClampOperator.OpType, 2)]
    [InlineData(DensePoolOperator.OpType, 1)]
    [InlineData(DensePoolOperator.OpType, 2)]
    public void A_model_with_an_operator_gives_the_scores_of_the_plain_one(string type, int threads)
    {
        using SeverityPredictor plain = Predictor(Plain(type), threads), fast = Predictor(With(type), threads);
        for (int seed = 0; seed < 5; seed++)
        {
            byte[] pixels = Pixels(seed);
            SeverityScore expected = plain.Predict(new XRayPixels(pixels, Side, Side)),
                score = fast.Predict(new XRayPixels(pixels, Side, Side));
            Assert.Equal(1, score.GeographicExtentRaw / expected.GeographicExtentRaw, 1e-5);
            Assert.Equal(1, score.OpacityRaw / expected.OpacityRaw, 1e-5);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Layers_of_images_too_small_for_Winograds_algorithm_score_as_the_plain_ones(int threads)
    {
        Assert.True(WindowKernel.Suits(Side / 5, Side / 5) && !WindowKernel.Suits(Side / 4, Side / 4));
        OnnxModel layered = Layers(window: 5);
        Assert.Equal(5, DenseLayers.Apply(layered));
        using SeverityPredictor plain = Predictor(Layers(window: 5), threads), fast = Predictor(layered, threads);
        byte[] pixels = Pixels(6);
        Assert.Equal(1, fast.Predict(new XRayPixels(pixels, Side, Side)).OpacityRaw
            / plain.Predict(new XRayPixels(pixels, Side, Side)).OpacityRaw, 1e-5);
    }

    [Theory]
    [InlineData(WinogradOperator.OpType)]
    [InlineData(DenseLayerOperator.OpType)]
    [InlineData(DenseClampOperator.OpType)]
    [InlineData(DensePoolOperator.OpType)]
    public void Several_images_in_one_run_are_scored_as_one_by_one(string type)
    {
        using SeverityPredictor predictor = Predictor(With(type), 2);
        XRayImage[] images = [.. Enumerable.Range(0, 5).Select(i => new ChestPhantom { Seed = i, Width = 256, Height = 256 }.Render())];
        SeverityScore[] scores = new SeverityScore[images.Length];
        predictor.Predict(images, scores);
        for (int i = 0; i < images.Length; i++)
        {
            Assert.Equal(predictor.Predict(images[i]).GeographicExtentRaw, scores[i].GeographicExtentRaw, 1e-4);
            images[i].Dispose();
        }
    }

    [Theory]
    [InlineData(WinogradOperator.OpType)]
    [InlineData(DenseLayerOperator.OpType)]
    [InlineData(DenseClampOperator.OpType)]
    [InlineData(DensePoolOperator.OpType)]
    public async Task Callers_at_once_do_not_disturb_each_other(string type)
    {
        using SeverityPredictor predictor =
            SeverityPredictor.Create(new PredictorOptions { Model = File(With(type)), Threads = 2, MaxConcurrency = 8 });
        byte[][] pixels = [.. Enumerable.Range(0, 8).Select(Pixels)];
        double[] expected = [.. pixels.Select(p => predictor.Predict(new XRayPixels(p, Side, Side)).GeographicExtentRaw)];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            for (int run = 0; run < 40; run++)
                Assert.Equal(expected[i], predictor.Predict(new XRayPixels(pixels[i], Side, Side)).GeographicExtentRaw);
        })));
    }

    [Theory]
    [InlineData(WinogradOperator.OpType)]
    [InlineData(DenseLayerOperator.OpType)]
    [InlineData(DenseClampOperator.OpType)]
    [InlineData(DensePoolOperator.OpType)]
    public void A_predictor_with_an_operator_may_be_disposed_twice(string type)
    {
        SeverityPredictor predictor = Predictor(With(type), 1);
        predictor.Predict(new XRayPixels(Pixels(0), Side, Side));
        predictor.Dispose();
        predictor.Dispose();
    }

    [Theory]
    [InlineData(WinogradOperator.OpType)]
    [InlineData(DenseLayerOperator.OpType)]
    [InlineData(DenseClampOperator.OpType)]
    [InlineData(DensePoolOperator.OpType)]
    public void A_prediction_with_an_operator_allocates_nothing(string type)
    {
        using SeverityPredictor predictor = Predictor(With(type), 1);
        byte[] pixels = Pixels(3);
        for (int warm = 0; warm < 3; warm++)
            predictor.Predict(new XRayPixels(pixels, Side, Side));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 20; run++)
            predictor.Predict(new XRayPixels(pixels, Side, Side));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(WinogradOperator.OpType, 1, "weights")]
    [InlineData(DenseLayerOperator.OpType, 1, "scale")]
    [InlineData(DenseLayerOperator.OpType, 2, "shift")]
    [InlineData(DenseLayerOperator.OpType, 3, "first weights")]
    [InlineData(DenseLayerOperator.OpType, 4, "bias")]
    [InlineData(DenseLayerOperator.OpType, 5, "weights")]
    [InlineData(DenseClampOperator.OpType, 2, "floor")]
    [InlineData(DenseClampOperator.OpType, 3, "ceiling")]
    [InlineData(DensePoolOperator.OpType, 2, "floor")]
    [InlineData(DensePoolOperator.OpType, 3, "ceiling")]
    public void Weights_that_are_not_constant_are_refused_by_name_where_the_operator_is_the_engines_own(string type, int input, string name)
    {
        Assert.SkipUnless(Arithmetics.Serve(Cpu.Kernels), "the model's own definition is used here, which takes them");
        OnnxModel model = With(type);
        OnnxNode node = model.Graph.Nodes.First(n => n.OpType == type);
        GraphBuilder builder = new(model);
        // Weights that depend on the image.
        string zero = builder.Mul(builder.ReduceMean("image", [0, 1, 2, 3], keepDimensions: false), builder.Scalar("nothing", 0f));
        node.SetInput(input, type is DenseClampOperator.OpType or DensePoolOperator.OpType
            ? builder.Max(node.Inputs[input], builder.Cast(zero, OnnxElementType.UInt8)) : builder.Add(node.Inputs[input], zero));
        model.Graph.SortTopologically();
        SeverityException error = Assert.Throws<SeverityException>(() => Predictor(model, 1).Dispose());
        Assert.Equal(SeverityError.ModelInvalid, error.Code);
        Assert.Contains($"{type}: its {name} must be a constant", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_others_read_is_not_written_over()
    {
        OnnxModel plain = Plain(DenseLayerOperator.OpType), layered = With(DenseLayerOperator.OpType);
        // Another reader of what the first layer reads, once the last has run: zeros behind its channels do not change the sum.
        AddSum(plain, plain.Graph.Nodes.First(n => n.Is("MaxPool")).Outputs[0]);
        AddSum(layered, layered.Graph.Nodes.First(n => n.OpType == DenseRoomOperator.OpType).Outputs[0]);
        using SeverityPredictor expected = Predictor(plain, 1), made = Predictor(layered, 1);
        byte[] pixels = Pixels(4);
        Assert.Equal(1, made.Predict(new XRayPixels(pixels, Side, Side)).OpacityRaw
            / expected.Predict(new XRayPixels(pixels, Side, Side)).OpacityRaw, 1e-5);

        static void AddSum(OnnxModel model, string value)
        {
            GraphBuilder builder = new(model);
            OnnxNode score = model.Graph.Producer("opacity")!;
            score.SetOutput(0, "opacity.alone");
            string pooled = model.Graph.Nodes.First(n => n.Is("GlobalAveragePool")).Outputs[0];
            string nothing = builder.Mul(builder.ReduceMean(pooled, [0, 1, 2, 3], keepDimensions: false), builder.Scalar("zero", 0f));
            string later = builder.Mul(value, builder.Add(nothing, builder.Scalar("small", 1e-3f)));
            string both = builder.Add("opacity.alone", builder.Unsqueeze(builder.ReduceSum(later, [1, 2, 3], keepDimensions: false), [1]));
            model.Graph.Producer(both)!.SetOutput(0, "opacity");
            model.Graph.SortTopologically();
        }
    }

    static OnnxModel Plain(string type) => type switch
    {
        WinogradOperator.OpType => Convolutions(),
        DenseLayerOperator.OpType => Layers(),
        _ => Joins(isPooled: type == DensePoolOperator.OpType),
    };

    static OnnxModel With(string type)
    {
        OnnxModel model = Plain(type);
        Assert.Equal(type == WinogradOperator.OpType ? 2 : 5,
            WinogradConvolutions.Apply(model) + DenseLayers.Apply(model) + DenseClamps.Apply(model));
        Assert.Contains(model.Graph.Nodes, n => n.OpType == type);
        return model;
    }

    /// <summary>Two convolutions of 3 x 3, with bias and without, and scores linear in the means of what they make.</summary>
    static OnnxModel Convolutions() => Model(16, (network, wide) =>
    {
        string first = network.Relu(network.Conv("first", wide, 32, 16, 3, isBiased: true));
        return network.Builder.Concat([wide, first, network.Conv("second", first, 16, 32, 3)], 1);
    });

    /// <summary>Five layers of a DenseNet behind a pooling, and scores linear in the means of what they make.</summary>
    static OnnxModel Layers(int window = 4) => Model(32, (network, x) =>
    {
        x = network.Builder.MaxPool(x, [window, window], [window, window], [0, 0, 0, 0]);
        for (int channels = 32; channels < 112; channels += 16)
        {
            string y = network.Relu(network.Norm($"norm{channels}", x, channels));
            y = network.Relu(network.Conv($"narrow{channels}", y, 32, channels, 1, isBiased: true));
            x = network.Builder.Concat([x, network.Conv($"wide{channels}", y, 16, 32, 3)], 1);
        }
        return x;
    });

    /// <summary>Five concatenations within bounds in 8 bits on 10 x 10 pixels, and scores linear in the means of what they make.</summary>
    static OnnxModel Joins(bool isPooled) => Model(16, (network, x) =>
    {
        GraphBuilder builder = network.Builder;
        x = builder.MaxPool(builder.Mul(x, builder.Scalar("steps", 100f)), [4, 4], [4, 4], [0, 0, 0, 0]);
        x = builder.Transpose(x, [0, 2, 3, 1]);
        string clamped = x = builder.Node("QuantizeLinear", [x, builder.Scalar("one", 1f), builder.Scalar("zero", (byte)0)]).Outputs[0];
        for (int channels = 32; channels <= 96; channels += 16)
        {
            string made = builder.Slice(clamped, [channels - 32], [channels - 16], [3]);
            x = builder.Concat([x, made], 3);
            clamped = builder.Min(builder.Max(x, Bounds($"f{channels}", channels, 0)), Bounds($"c{channels}", channels, 128));
        }
        if (isPooled)
        {
            builder.Model.SetOpset("com.microsoft", 1);
            OnnxNode pool = new QuantizedConvolutions(builder).AddAverage("average", clamped, 96, [2, 2]);
            pool.Attributes.Set("strides", [2, 2]);
            clamped = pool.Outputs[0];
        }
        return builder.Transpose(builder.Cast(clamped, OnnxElementType.Float32), [0, 3, 1, 2]);

        string Bounds(string name, int channels, int from) =>
            builder.Vector<byte>(name, [.. Enumerable.Range(0, channels).Select(_ => (byte)(from + network.Random.Next(128)))]);
    });

    static OnnxModel Model(int stem, Func<Network, string, string> body)
    {
        GraphBuilder builder = new("network");
        Network network = new(builder, new Random(1));
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]);
        string wide = builder.Relu(network.Conv("stem", builder.Mul(image, builder.Scalar("scale", 1e-3f)), stem, 1, 3));
        string made = body(network, wide);
        string pooled = builder.Flatten(builder.GlobalAveragePool(made));
        int channels = (int)ShapeInference.Infer(builder.Graph)[made].Shape![1].Length;
        builder.Gemm(pooled, builder.Constant<float>("we", [channels, 1], network.Numbers(channels)), builder.Vector("be", 4f),
            name: "geographic_extent");
        builder.Gemm(pooled, builder.Constant<float>("wo", [channels, 1], network.Numbers(channels)), builder.Vector("bo", 3f),
            name: "opacity");
        builder.Output("geographic_extent", OnnxElementType.Float32, ["N", 1]);
        builder.Output("opacity", OnnxElementType.Float32, ["N", 1]);
        OnnxModel model = builder.Build();
        new ModelContract { Name = "network", Version = "1" }.Write(model.Metadata);
        return model;
    }

    /// <summary>Parts of a network with random weights.</summary>
    sealed record Network(GraphBuilder Builder, Random Random)
    {
        public string Conv(string name, string x, int outputs, int inputs, int kernel, bool isBiased = false) => Builder.Conv(x,
            Builder.Constant<float>(name, [outputs, inputs, kernel, kernel], Numbers(outputs * inputs * kernel * kernel)),
            isBiased ? Builder.Vector<float>($"{name}.bias", Numbers(outputs)) : null, pads: kernel == 3 ? [1, 1, 1, 1] : []);

        public string Norm(string name, string x, int channels)
        {
            return Builder.BatchNormalization(
                x, Vector("scale", 1), Vector("shift", 0), Vector("mean", 0), Vector("variance", 1), name: name);

            string Vector(string part, float around) =>
                Builder.Vector<float>($"{name}.{part}", [.. Numbers(channels).Select(n => around + n)]);
        }

        public string Relu(string x) => Builder.Relu(x);

        public float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (Random.NextSingle() - 0.4f) / 4)];
    }

    static SeverityPredictor Predictor(OnnxModel model, int threads) =>
        SeverityPredictor.Create(new PredictorOptions { Model = File(model), Threads = threads });

    static ModelFile File(OnnxModel model) => new(model.ToArray(), "network.onnx");

    static byte[] Pixels(int seed)
    {
        byte[] pixels = new byte[Side * Side];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }
}
