using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

public class ClassActivationTests
{
    const int Height = 6, Width = 5;

    /// <summary>
    /// Linear heads in the forms that exporters write them in: from pooled features <c>[N, 4, 1, 1]</c> to a score <c>[N, 1]</c>.
    /// </summary>
    public static TheoryData<string, Func<GraphBuilder, string, string>> Heads { get; } = new()
    {
        { "flatten, gemm", (b, x) => b.Gemm(b.Flatten(x), GradientCheck.Constant(b, 3, 1, 4), b.Vector("bias", 0.5f), transB: true) },
        { "reshape, matmul, add",
        (b, x) => b.Add(b.MatMul(b.Reshape(x, [0, -1]), GradientCheck.Constant(b, 3, 4, 1)), b.Vector("bias", 0.5f)) },
        { "logits, then a slope", (b, x) =>
            b.Gemm(b.Gemm(b.Flatten(x), GradientCheck.Constant(b, 3, 4, 6), GradientCheck.Constant(b, 4, 6)),
            GradientCheck.Constant(b, 5, 6, 1), b.Vector("bias", 0.5f)) },
        { "one logit picked", (b, x) =>
            b.Sub(b.Vector("k", 2f), b.Mul(
            b.Gather(b.Gemm(b.Flatten(x), GradientCheck.Constant(b, 3, 4, 6)), b.Vector("pick", -2L), 1), b.Scalar("slope", 0.87f))) },
        { "scaled, halved, summed with itself", (b, x) =>
        {
            string y = b.Div(b.Mul(b.Squeeze(x, [2, 3]), GradientCheck.Constant(b, 6, 4)), b.Scalar("two", 2f));
            return b.Gemm(b.Add(y, b.Concat([b.Identity(y)], 1)), GradientCheck.Constant(b, 3, 4, 1), b.Vector("bias", 0.5f));
        } },
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public void The_maps_mean_and_the_bias_are_the_score(string name, Func<GraphBuilder, string, string> head)
    {
        foreach (bool isReduceMean in (bool[])[false, true])
        {
            OnnxModel derived = ClassActivation.Of(Model(head, isReduceMean, 1));
            DoubleTensor images = new([2, 1, Height, Width], [.. Enumerable.Range(0, 2 * Height * Width).Select(i => Math.Sin(i * i))]);
            Dictionary<string, DoubleTensor> made = DoubleInterpreter.Run(derived, "image", images);
            double[] black = DoubleInterpreter.Run(derived, "image", DoubleTensor.Zeros(1, 1, Height, Width))["geographic_extent"].Values;
            Assert.Equal([2, 1, Height, Width], made["class_activation"].Shape);
            for (int i = 0; i < 2; i++)
            {
                // The features of a black image are 0 without a bias, so its score is the head's own.
                double mean = made["class_activation"].Values.AsSpan(i * Height * Width, Height * Width).ToArray().Average();
                Assert.True(Math.Abs(made["geographic_extent"].Values[i] - black[0] - mean) < 1e-5, $"{name}: {mean}");
                Assert.NotEqual(0, mean, 0.01);
            }
            ReferenceTensor judged = OnnxRuntimeReference.Run(
                derived.ToArray(), ("image", [.. images.Values.Select(v => (float)v)], [2, 1, Height, Width]))["class_activation"];
            Assert.All(made["class_activation"].Values.Zip(judged.Values), p => Assert.Equal(p.First, p.Second, 1e-5));
        }
    }

    [Fact]
    public void Two_stages_pooled_side_by_side_add_up()
    {
        GraphBuilder builder = new("two");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, 8, 8]);
        string early = builder.Relu(builder.Conv(x, GradientCheck.Constant(builder, 1, 2, 1, 3, 3), strides: [2, 2], pads: [1, 1, 1, 1]));
        string late =
            builder.Relu(builder.Conv(early, GradientCheck.Constant(builder, 2, 3, 2, 3, 3), strides: [2, 2], pads: [1, 1, 1, 1]));
        string features = builder.Concat([builder.GlobalAveragePool(early), builder.GlobalAveragePool(late)], 1);
        builder.Output(builder.Gemm(builder.Flatten(features), GradientCheck.Constant(builder, 3, 5, 1), name: "geographic_extent"),
            OnnxElementType.Float32, ["N", 1]);
        Dictionary<string, DoubleTensor> made = DoubleInterpreter.Run(ClassActivation.Of(builder.Build()), "image",
            new DoubleTensor([1, 1, 8, 8], [.. Enumerable.Range(0, 64).Select(i => Math.Sin(i * i))]));
        // Enlarging by a whole factor keeps the mean but for what the edges' replicas add; the places still add up to about the score.
        Assert.Equal(made["geographic_extent"].Values[0], made["class_activation"].Values.Average(), 0.15);
    }

    [Fact]
    public void A_smaller_map_is_enlarged_as_pytorch_does()
    {
        // torch.nn.functional.interpolate(torch.tensor([[[[1., 5.], [-2., 3.]]]]), size=(4, 5), mode='bilinear', align_corners=False)
        double[] expected =
        [
            1, 1.4, 3, 4.6, 5,
            0.25, 0.675, 2.375, 4.075, 4.5,
            -1.25, -0.775, 1.125, 3.025, 3.5,
            -2, -1.5, 0.5, 2.5, 3,
        ];
        GraphBuilder builder = new("small");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, 4, 5]);
        string feature = builder.Add(builder.Mul(builder.MaxPool(x, [2, 3], [2, 2]), builder.Scalar("zero", 0f)),
            builder.Constant<float>("map", [1, 1, 2, 2], [1, 5, -2, 3]));
        builder.Output(builder.Flatten(builder.GlobalAveragePool(feature), name: "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        double[] map =
            DoubleInterpreter.Run(ClassActivation.Of(builder.Build()), "image", DoubleTensor.Zeros(1, 1, 4, 5))["class_activation"].Values;
        Assert.All(expected.Zip(map), p => Assert.Equal(p.First, p.Second, 1e-6));
    }

    [Fact]
    public void A_perceptron_between_features_and_score_is_named()
    {
        OnnxModel model = Model((b, x) => b.Gemm(
            b.Relu(b.Gemm(b.Flatten(x), GradientCheck.Constant(b, 3, 4, 6)), "hidden"), GradientCheck.Constant(b, 4, 6, 1)), false, 1);
        OnnxException fault = Assert.Throws<OnnxException>(() => ClassActivation.Of(model));
        Assert.Equal(OnnxFault.Unsupported, fault.Fault);
        Assert.Contains("Relu node 'hidden' stands between", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_score_of_pixels_without_an_average_is_refused()
    {
        OnnxModel model = GradientCheck.Model((b, x) => b.Relu(x), [1, 3, 3]);
        Assert.Equal(OnnxFault.Unsupported, Assert.Throws<OnnxException>(() => ClassActivation.Of(model)).Fault);
        OnnxModel linear = GradientCheck.Model((b, x) => b.Identity(x), [1, 3, 3]);
        Assert.Equal(OnnxFault.Unsupported, Assert.Throws<OnnxException>(() => ClassActivation.Of(linear)).Fault);
    }

    static OnnxModel Model(Func<GraphBuilder, string, string> head, bool isReduceMean, int stride)
    {
        GraphBuilder builder = new("head");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, Height, Width]);
        string feature =
            builder.Relu(builder.Conv(x, GradientCheck.Constant(builder, 1, 4, 1, 3, 3), strides: [stride, stride], pads: [1, 1, 1, 1]));
        string score = head(builder, isReduceMean ? builder.ReduceMean(feature, [-1, 2]) : builder.GlobalAveragePool(feature));
        builder.Output(builder.Identity(score, "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        return builder.Build();
    }
}
