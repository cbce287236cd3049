using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes.Quantization;

/// <summary>A residual network in small, quantized and in floating point, both run by ONNX Runtime.</summary>
public class ResidualNetworkTests
{
    const int Size = 32, Count = 12;

    [Fact]
    public void A_quantized_residual_network_scores_nearly_as_in_floating_point_on_images_it_was_not_calibrated_on()
    {
        OnnxModel model = Network(), quantized = Quantized(model);
        float[] wanted = Run(model, Images(1))["score"].Values, made = Run(quantized, Images(1))["score"].Values;
        float range = wanted.Max() - wanted.Min();
        Assert.True(range > 0.1);
        Assert.All(wanted.Zip(made), p => Assert.Equal(p.First, p.Second, 0.03 * range));
    }

    [Fact]
    public void Only_what_precedes_its_blocks_stays_in_floating_point()
    {
        OnnxModel quantized = Quantized(Network());
        Assert.Equal(2, quantized.Graph.Nodes.Count(n => n.OpType == "QLinearAdd"));
        Assert.Equal(5, quantized.Graph.Nodes.Count(n => n.OpType == "QLinearConv"));
        Assert.Equal(1, quantized.Graph.Nodes.Count(n => n.OpType == "AveragePool"));
        // Apart from those of each channel by itself, which scale.
        Assert.Equal(1, quantized.Graph.Nodes.Count(n => n.Is("Conv") && n.Attributes.GetInt("group", 1) == 1));
        Assert.DoesNotContain(quantized.Graph.Nodes, n => n.Is("Add") || n.Is("Relu"));
        SafetyChecker.Check(quantized);
    }

    [Fact]
    public void A_sum_without_a_ReLU_and_one_that_more_than_the_next_sum_reads_keep_what_is_below_0()
    {
        GraphBuilder builder = Start(out string x);
        string sum = builder.Add(Conv(builder, x, 16, 16, 3), x);
        string next = builder.Relu(builder.Add(Conv(builder, sum, 16, 16, 3), sum));
        OnnxModel model = Finish(builder, 16, next), quantized = Quantized(model);
        float[] wanted = Run(model, Images(1))["score"].Values, made = Run(quantized, Images(1))["score"].Values;
        Assert.All(wanted.Zip(made), p => Assert.Equal(p.First, p.Second, 0.03 * (wanted.Max() - wanted.Min())));
    }

    [Fact]
    public void The_gradient_is_that_of_the_network_without_rounding_and_scores_stay()
    {
        OnnxModel model = Network(), quantized = Quantized(model);
        Dictionary<string, ReferenceTensor> wanted = Run(InputGradient.Of(model), Images(1)),
            made = Run(InputGradient.Of(quantized), Images(1));
        Assert.Equal(Run(quantized, Images(1))["score"].Values, made["score"].Values);
        Assert.InRange(Cosine(wanted["image_gradient"].Values, made["image_gradient"].Values), 0.98, 1);
        Assert.Equal(wanted["image_gradient"].Shape, made["image_gradient"].Shape);
    }

    [Fact]
    public void The_class_activation_map_is_nearly_that_of_the_network_in_floating_point()
    {
        OnnxModel model = Network(), quantized = Quantized(model);
        float[] wanted = Run(ClassActivation.Of(model), Images(1))["class_activation"].Values,
            made = Run(ClassActivation.Of(quantized), Images(1))["class_activation"].Values;
        Assert.InRange(Cosine(wanted, made), 0.99, 1);
    }

    [Fact]
    public void Sums_that_have_no_form_in_bytes_are_refused_and_named()
    {
        AssertRefused("sum", (b, x) => b.Add(Conv(b, x, 16, 16, 3), b.Constant<float>("more", [1, 16, 1, 1], new float[16]), "sum"));
        AssertRefused("sum", (b, x) => b.Add(b.Node("MaxPool", [x]).With("kernel_shape", [8, 8]).Outputs[0], x, "sum"));
        AssertRefused("sum", (b, x) => b.Add(x, x, "sum"));
        AssertRefused("sum", (b, x) => b.Add(Conv(b, x, 32, 16, 3), b.Concat([x, Conv(b, x, 16, 16, 1)], 1), "sum"));
        AssertRefused("wide", (b, x) =>
            b.Conv(b.Concat([x, Conv(b, x, 16, 16, 1)], 1), Weight(b, 16, 32, 3), pads: [1, 1, 1, 1], name: "wide"));
    }

    static void AssertRefused(string name, Func<GraphBuilder, string, string> part)
    {
        GraphBuilder builder = Start(out string x);
        x = Conv(builder, builder.Relu(Conv(builder, x, 16, 16, 3)), 16, 16, 3);
        string y = part(builder, builder.Relu(x));
        int channels = (int)ShapeInference.Infer(builder.Graph)[y].Shape![1].Length;
        OnnxException fault = Assert.Throws<OnnxException>(() => Quantized(Finish(builder, channels, y)));
        Assert.Equal(OnnxFault.Unsupported, fault.Fault);
        Assert.Contains($"'{name}'", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>A stem behind an averaging of the image, a block, a block of half the size, and the averages of both as features.</summary>
    static OnnxModel Network()
    {
        GraphBuilder builder = Start(out string x);
        string first = builder.Relu(builder.Add(Conv(builder, builder.Relu(Conv(builder, x, 16, 16, 3)), 16, 16, 3), x));
        string inner = Conv(builder, builder.Relu(Conv(builder, first, 32, 16, 3, stride: 2)), 32, 32, 3);
        string second = builder.Relu(builder.Add(inner, Conv(builder, first, 32, 16, 1, stride: 2)));
        return Finish(builder, 48, first, second);
    }

    static GraphBuilder Start(out string x)
    {
        GraphBuilder builder = new("residual");
        x = builder.Input("image", OnnxElementType.Float32, ["N", 1, Size, Size]);
        x = builder.AveragePool(x, [2, 2], [2, 2]);
        x = builder.MaxPool(builder.Relu(Conv(builder, x, 16, 1, 3)), [3, 3], [2, 2], [1, 1, 1, 1]);
        return builder;
    }

    static OnnxModel Finish(GraphBuilder builder, int features, params string[] stages)
    {
        string[] pooled = [.. stages.Select(s => builder.GlobalAveragePool(s))];
        string flat = builder.Flatten(pooled.Length > 1 ? builder.Concat(pooled, 1) : pooled[0]);
        builder.Output(builder.Gemm(flat, builder.Constant<float>("head", [features, 1], Graphs.Ramp(features)), name: "score"),
            OnnxElementType.Float32, ["N", 1]);
        return builder.Build();
    }

    static string Conv(GraphBuilder builder, string x, int outputs, int inputs, int kernel, int stride = 1) =>
        builder.Conv(x, Weight(builder, outputs, inputs, kernel), builder.Vector<float>("bias", Graphs.Ramp(outputs)), [stride, stride],
            [kernel / 2, kernel / 2, kernel / 2, kernel / 2]);

    static string Weight(GraphBuilder builder, int outputs, int inputs, int kernel)
    {
        float scale = 2 / MathF.Sqrt(inputs * kernel * kernel);
        return builder.Constant<float>("weight", [outputs, inputs, kernel, kernel],
            [.. Graphs.Ramp(outputs * inputs * kernel * kernel).Select(v => v * scale)]);
    }

    /// <summary>Smooth images of differing contrast and direction.</summary>
    static float[] Images(int set)
    {
        float[] images = new float[Count * Size * Size];
        for (int i = 0; i < images.Length; i++)
        {
            int image = i / (Size * Size), y = i / Size % Size, x = i % Size;
            images[i] = (1 + (image / 3f)) * MathF.Sin((x * (1 + image + (set / 2f)) / 9) + (y * (Count - image) / 11f) + set);
        }
        return images;
    }

    static OnnxModel Quantized(OnnxModel model)
    {
        QuantizedNetwork network = new(model);
        OnnxModel probed = network.Prepared.Clone();
        foreach (ActivationProbe probe in network.Probes)
            probed.Graph.AddOutput(new OnnxValue(probe.Name, OnnxElementType.Float32));
        Dictionary<string, ReferenceTensor> seen = Run(probed, Images(0));
        return network.Write(network.Probes.ToDictionary(p => p.Name, p => Statistics(p, seen[p.Name])));
    }

    /// <summary>Of every place of a value.</summary>
    static ActivationStatistics Statistics(ActivationProbe probe, ReferenceTensor value)
    {
        int channels = (int)value.Shape[1], height = (int)value.Shape[2], width = (int)value.Shape[3];
        float[][] all = [.. Enumerable.Range(0, channels).Select(
            c => value.Values.Where((_, i) => i / (height * width) % channels == c).ToArray())];
        List<float> samples = [];
        for (int place = 0; place < Count * height * width; place++)
        {
            int image = place / (height * width), top = (place / width % height) - probe.Top, left = (place % width) - probe.Left;
            for (int i = 0; i < probe.Height * probe.Width * channels; i++)
            {
                int y = top + (i / channels / probe.Width), x = left + (i / channels % probe.Width);
                bool inside = y >= 0 && y < height && x >= 0 && x < width;
                samples.Add(inside ? value.Values[(((((image * channels) + (i % channels)) * height) + y) * width) + x] : 0);
            }
        }
        return new ActivationStatistics(
            [.. all.Select(c => c.Min())], [.. all.Select(c => c.Max())], [.. all.Select(c => c.Average())], [.. samples]);
    }

    static Dictionary<string, ReferenceTensor> Run(OnnxModel model, float[] images) =>
        OnnxRuntimeReference.Run(model.ToArray(), ("image", images, [Count, 1, Size, Size]));

    static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));
}
