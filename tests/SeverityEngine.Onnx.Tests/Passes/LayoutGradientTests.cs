namespace SeverityEngine.Onnx.Tests.Passes;

public class LayoutGradientTests
{
    static readonly int[] s_image = [4, 3, 5];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(-1)]
    public void Concatenation(long axis) =>
        GradientCheck.Run((builder, x) => builder.Concat([builder.Mul(x, x), x, builder.Sigmoid(x)], axis), s_image);

    [Fact]
    public void Concatenation_beside_a_constant() => GradientCheck.Run((builder, x) => builder.Concat(
        [GradientCheck.Constant(builder, 3, 3, 2, 3, 5), builder.Relu(x), GradientCheck.Constant(builder, 4, 3, 1, 3, 5)], 1), s_image,
        batch: 3);

    [Fact]
    public void Flattening_and_other_shapes()
    {
        GradientCheck.Run((builder, x) => builder.Flatten(builder.Relu(x), 2), s_image);
        GradientCheck.Run((builder, x) => builder.Reshape(builder.Relu(x), [0, 2, -1, 3]), s_image);
        GradientCheck.Run((builder, x) => builder.Reshape(builder.Relu(x), [-1, 60]), s_image);
        GradientCheck.Run((builder, x) => builder.Squeeze(builder.Unsqueeze(builder.Relu(x), [2, 5]), [2, -1]), s_image);
        GradientCheck.Run((builder, x) => builder.Reshape(builder.GlobalAveragePool(builder.Mul(x, x)), [0, -1]), s_image);
    }

    [Fact]
    public void A_shape_that_mixes_samples_and_channels_there_and_back() => GradientCheck.Run((builder, x) =>
        builder.Reshape(builder.Relu(builder.Reshape(builder.Mul(x, x), [-1, 2, 3, 5])), [-1, 4, 3, 5]), s_image);

    [Theory]
    [InlineData(0, 2, 3, 1)]
    [InlineData(0, 3, 1, 2)]
    [InlineData(0, 1, 3, 2)]
    public void Axes_in_another_order(params int[] order) =>
        GradientCheck.Run((builder, x) => builder.Transpose(builder.Relu(x), [.. order.Select(o => (long)o)]), s_image);

    [Fact]
    public void Axes_in_another_order_with_the_batch_last() => GradientCheck.Run((builder, x) =>
    {
        // Without an order the axes turn around; twice is back.
        string turned = builder.Relu(builder.Node("Transpose", [builder.Mul(x, x)]).Outputs[0]);
        return builder.Node("Transpose", [turned]).Outputs[0];
    }, s_image);

    /// <summary>Starts, ends, axes, steps.</summary>
    public static TheoryData<long[], long[], long[], long[]> Slices { get; } = new()
    {
        { [1], [3], [1], [1] },
        { [-3], [int.MaxValue], [3], [1] },
        { [0, 1], [2, -1], [2, 3], [1, 1] },
        { [0], [5], [3], [2] },
        { [1, 0], [4, 5], [1, 3], [2, 3] },
        { [-1], [long.MinValue], [3], [-1] },
        { [4, 2], [0, -10], [3, 2], [-2, -1] },
        { [0, 1], [long.MaxValue, 3], [0, 1], [1, 1] },
        { [1], [4], [3], [long.MaxValue] },
        { [-100], [100], [1], [1] },
    };

    [Theory]
    [MemberData(nameof(Slices))]
    public void Slice(long[] starts, long[] ends, long[] axes, long[] steps) => GradientCheck.Run((builder, x) => builder.Node("Slice",
        [builder.Mul(x, x), builder.Vector<long>("starts", starts), builder.Vector<long>("ends", ends), builder.Vector<long>("axes", axes),
            builder.Vector<long>("steps", steps)]).Outputs[0], s_image);

    [Theory]
    [InlineData(1, new long[] { 2, 0 })]
    [InlineData(1, new long[] { 1, 2 })]
    [InlineData(3, new long[] { 4, 1, 1, -1, 1 })]
    [InlineData(-2, new long[] { -1 })]
    public void Gather(int axis, long[] indices) =>
        GradientCheck.Run((builder, x) => builder.Gather(builder.Mul(x, x), builder.Vector<long>("indices", indices), axis), s_image);

    [Fact]
    public void Gather_of_one_and_by_a_matrix_of_indices()
    {
        GradientCheck.Run((builder, x) => builder.Gather(builder.Mul(x, x), builder.Scalar("index", 2L), 1), s_image);
        GradientCheck.Run(
            (builder, x) => builder.Gather(builder.Mul(x, x), builder.Constant("indices", [2, 2], [3L, 0, 3, 1]), 1), s_image);
    }

    [Fact]
    public void Padding_and_cutting() =>
        GradientCheck.Run((builder, x) => builder.Pad(builder.Mul(x, x), [0, 1, -1, 0, 0, 0, 2, -2]), s_image);

    [Theory]
    [InlineData(false, false, 1f)]
    [InlineData(false, true, 0.5f)]
    [InlineData(true, false, 2f)]
    [InlineData(true, true, 1f)]
    public void Gemm_by_a_constant(bool transA, bool transB, float alpha) => GradientCheck.Run((builder, x) =>
    {
        string a = builder.Flatten(builder.Mul(x, x));
        if (transA)
            a = builder.Transpose(a, [1, 0]);
        string y = builder.Gemm(a, transB ? GradientCheck.Constant(builder, 3, 7, 60) : GradientCheck.Constant(builder, 3, 60, 7),
            GradientCheck.Constant(builder, 4, 7), transA, transB);
        builder.Graph.Nodes[^1].With("alpha", alpha);
        return y;
    }, s_image);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Gemm_of_values_that_all_depend_on_the_image(bool transA, bool transB) => GradientCheck.Run((builder, x) =>
    {
        // One sample: its rows by its columns, plus its own first row.
        string rows = builder.Reshape(builder.Mul(x, x), [4, 15]), columns = builder.Sigmoid(rows);
        string a = transA ? builder.Transpose(rows, [1, 0]) : rows, b = transB ? columns : builder.Transpose(columns, [1, 0]);
        string y = builder.Gemm(a, b, builder.Slice(rows, [0, 0], [1, 4], [0, 1]), transA, transB);
        builder.Graph.Nodes[^1].With("beta", 0.5f);
        return builder.Reshape(y, [1, 16]);
    }, s_image, batch: 1);

    [Fact]
    public void Matrix_products()
    {
        GradientCheck.Run((builder, x) => builder.MatMul(builder.Mul(x, x), GradientCheck.Constant(builder, 3, 5, 6)), s_image);
        GradientCheck.Run((builder, x) => builder.MatMul(GradientCheck.Constant(builder, 3, 2, 3), builder.Mul(x, x)), s_image);
        GradientCheck.Run((builder, x) => builder.MatMul(GradientCheck.Constant(builder, 3, 4, 2, 3), builder.Mul(x, x)), s_image);
        GradientCheck.Run((builder, x) => builder.MatMul(builder.Mul(x, x), GradientCheck.Constant(builder, 3, 5)), s_image);
        GradientCheck.Run((builder, x) => builder.MatMul(GradientCheck.Constant(builder, 3, 3), builder.Mul(x, x)), s_image);
        GradientCheck.Run((builder, x) => builder.MatMul(builder.Mul(x, x), builder.Transpose(builder.Sigmoid(x), [0, 1, 3, 2])), s_image);
        // One matrix of the sample for all its channels: the products' gradients are summed.
        GradientCheck.Run(
            (builder, x) => builder.MatMul(builder.ReduceSum(x, [1]), builder.Transpose(builder.Sigmoid(x), [0, 1, 3, 2])), s_image);
    }
}
