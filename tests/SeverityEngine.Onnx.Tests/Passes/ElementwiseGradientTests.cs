namespace SeverityEngine.Onnx.Tests.Passes;

public class ElementwiseGradientTests
{
    static readonly int[] s_image = [2, 3, 5];

    [Fact]
    public void Relu() => GradientCheck.Run((builder, x) => builder.Relu(x), s_image);

    [Fact]
    public void Sigmoid() => GradientCheck.Run((builder, x) => builder.Sigmoid(x), s_image);

    [Fact]
    public void Identity_and_negation() =>
        GradientCheck.Run((builder, x) => builder.Node("Neg", [builder.Identity(x)]).Outputs[0], s_image);

    [Theory]
    [InlineData(-0.4f, 0.6f)]
    [InlineData(null, 0.5f)]
    [InlineData(-0.5f, null)]
    [InlineData(float.NegativeInfinity, float.MaxValue)]
    [InlineData(null, null)]
    public void Clip(float? least, float? most) => GradientCheck.Run((builder, x) => builder.Clip(
        x, least is { } low ? builder.Scalar("least", low) : null, most is { } high ? builder.Scalar("most", high) : null), s_image);

    [Fact]
    public void Normalization_of_channels() => GradientCheck.Run((builder, x) => builder.BatchNormalization(
        x, GradientCheck.Constant(builder, 3, 2), GradientCheck.Constant(builder, 4, 2), GradientCheck.Constant(builder, 5, 2),
        builder.Vector("variance", 0.3f, 1.7f), 1e-3f), s_image);

    [Theory]
    [InlineData("Add")]
    [InlineData("Sub")]
    [InlineData("Mul")]
    [InlineData("Div")]
    public void Arithmetic_with_constants_of_any_shape(string operation)
    {
        foreach (int[] shape in (int[][])[[], [5], [3, 1], [2, 1, 1], [2, 3, 5], [1, 2, 3, 5], [1, 1, 1, 1, 1]])
        {
            // A constant of more dimensions than the image adds them in front.
            long[] added = [.. Enumerable.Range(0, Math.Max(0, shape.Length - 4)).Select(i => (long)i)];
            GradientCheck.Run((builder, x) =>
                Drop(builder, builder.Node(operation, [x, GradientCheck.Constant(builder, 3, shape)]).Outputs[0], added), s_image);
            GradientCheck.Run((builder, x) =>
                Drop(builder, builder.Node(operation, [GradientCheck.Constant(builder, 3, shape), x]).Outputs[0], added), s_image);
        }
    }

    [Theory]
    [InlineData("Add")]
    [InlineData("Sub")]
    [InlineData("Mul")]
    [InlineData("Div")]
    public void Arithmetic_of_two_values_that_depend_on_the_image_and_are_stretched(string operation)
    {
        // Each channel's mean, away from 0, against the image: both ways around, and the value against itself.
        GradientCheck.Run((builder, x) => builder.Node(operation, [x, Mean(builder, x)]).Outputs[0], s_image);
        GradientCheck.Run((builder, x) => builder.Node(operation, [Mean(builder, x), x]).Outputs[0], s_image);
        GradientCheck.Run((builder, x) => builder.Add(x, builder.Node(operation, [x, x]).Outputs[0]), s_image);
        GradientCheck.Run((builder, x) => builder.Node(operation, [Mean(builder, x), builder.ReduceMean(x, [1])]).Outputs[0], s_image);
    }

    static string Drop(GraphBuilder builder, string x, long[] axes) => axes.Length > 0 ? builder.Squeeze(x, axes) : x;

    static string Mean(GraphBuilder builder, string x) =>
        builder.Add(builder.GlobalAveragePool(builder.Mul(x, x)), builder.Scalar("offset", 0.5f));
}
