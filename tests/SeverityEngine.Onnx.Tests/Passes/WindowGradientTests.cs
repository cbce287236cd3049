using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

public class WindowGradientTests
{
    /// <summary>Image, channels and group; kernel, strides, pads, dilations.</summary>
    public static TheoryData<int[], int[], int[], long[], long[], long[], long[]> Convolutions { get; } = new()
    {
        { [7, 9], [2, 3], [1], [3, 3], [1, 1], [1, 1, 1, 1], [1, 1] },
        { [5, 4], [3, 2], [1], [1, 1], [1, 1], [0, 0, 0, 0], [1, 1] },
        { [5, 4], [3, 2], [1], [1, 1], [1, 1], [1, 0, 2, 1], [1, 1] }, // more padding than the kernel reaches over: the gradient is cut
        { [4, 5], [1, 2], [1], [3, 2], [1, 1], [3, 2, 4, 1], [1, 1] },
        { [9, 8], [2, 2], [1], [5, 3], [1, 1], [0, 1, 2, 1], [1, 1] },
        { [9, 8], [2, 2], [1], [3, 2], [1, 1], [1, 2, 0, 1], [2, 3] },
        { [6, 7], [4, 6], [2], [3, 3], [1, 1], [1, 1, 1, 1], [1, 1] },
        { [6, 7], [3, 3], [3], [3, 3], [1, 1], [1, 1, 1, 1], [1, 1] }, // each channel by itself
        { [7, 9], [2, 3], [1], [3, 3], [2, 2], [1, 1, 1, 1], [1, 1] },
        { [8, 10], [2, 3], [1], [3, 3], [2, 2], [1, 1, 1, 1], [1, 1] },
        { [16, 15], [1, 3], [1], [7, 7], [2, 2], [3, 3, 3, 3], [1, 1] },
        { [9, 10], [2, 3], [1], [3, 3], [2, 2], [0, 1, 1, 0], [1, 1] }, // pixels at the end that no window reaches
        { [8, 9], [3, 2], [1], [1, 1], [2, 2], [0, 0, 0, 0], [1, 1] },
        { [8, 9], [3, 2], [1], [1, 1], [2, 3], [1, 2, 1, 2], [1, 1] },
        { [9, 8], [2, 2], [1], [2, 2], [3, 3], [0, 0, 0, 0], [1, 1] }, // gaps between the windows
        { [9, 11], [2, 2], [1], [3, 5], [1, 2], [1, 2, 1, 2], [1, 1] },
        { [11, 12], [2, 2], [1], [4, 3], [3, 2], [2, 1, 3, 0], [1, 1] },
        { [12, 11], [2, 2], [1], [3, 3], [2, 2], [2, 2, 2, 2], [2, 2] }, // windows that read each second pixel alone
        { [12, 13], [2, 2], [1], [3, 2], [2, 3], [1, 2, 3, 1], [3, 2] },
        { [7, 9], [4, 4], [4], [3, 3], [2, 2], [1, 1, 1, 1], [1, 1] },
        { [8, 7], [4, 6], [2], [3, 3], [2, 2], [1, 1, 1, 1], [1, 1] },
        { [3, 4], [2, 2], [1], [2, 2], [1, 2], [0, 5, 0, 0], [1, 1] }, // padding longer than the kernel with a stride
    };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Convolution(int[] image, int[] channels, int[] group, long[] kernel, long[] strides, long[] pads, long[] dilations) =>
        GradientCheck.Run((builder, x) =>
        {
            string weight = GradientCheck.Constant(builder, 7, channels[1], channels[0] / group[0], (int)kernel[0], (int)kernel[1]);
            string y = builder.Conv(x, weight, GradientCheck.Constant(builder, 8, channels[1]), strides, pads, group[0]);
            builder.Graph.Nodes[^1].With("dilations", dilations);
            return y;
        }, [channels[0], .. image]);

    [Theory]
    [InlineData("SAME_UPPER", 2, 3)]
    [InlineData("SAME_LOWER", 2, 3)]
    [InlineData("SAME_UPPER", 1, 2)]
    [InlineData("SAME_LOWER", 3, 4)]
    [InlineData("VALID", 2, 3)]
    public void Convolution_that_pads_by_itself(string automatic, int stride, int kernel) =>
        GradientCheck.Run((builder, x) =>
        {
            string y = builder.Conv(x, GradientCheck.Constant(builder, 7, 3, 2, kernel, kernel), strides: [stride, stride]);
            builder.Graph.Nodes[^1].With("auto_pad", automatic);
            return y;
        }, [2, 9, 10]);

    /// <summary>Image; kernel, strides, pads, dilations; whether positions are rounded up.</summary>
    public static TheoryData<int[], long[], long[], long[], long[], bool> Pools { get; } = new()
    {
        { [8, 6], [2, 2], [2, 2], [0, 0, 0, 0], [1, 1], false },
        { [9, 7], [2, 2], [2, 2], [0, 0, 0, 0], [1, 1], false }, // a last row and column that no window reaches
        { [9, 7], [2, 2], [2, 2], [0, 0, 0, 0], [1, 1], true },
        { [9, 10], [3, 3], [2, 2], [1, 1, 1, 1], [1, 1], false },
        { [10, 9], [3, 3], [2, 2], [0, 0, 0, 0], [1, 1], true },
        { [7, 8], [3, 2], [1, 1], [1, 0, 1, 1], [1, 1], false },
        { [9, 11], [3, 4], [3, 2], [1, 2, 0, 1], [1, 1], false },
        { [7, 9], [2, 3], [3, 4], [0, 1, 1, 0], [1, 1], false }, // gaps between the windows
        { [11, 10], [2, 3], [2, 1], [1, 1, 0, 2], [3, 2], false },
    };

    [Theory]
    [MemberData(nameof(Pools))]
    public void Max_pool(int[] image, long[] kernel, long[] strides, long[] pads, long[] dilations, bool ceiling) =>
        GradientCheck.Run((builder, x) =>
        {
            string y = builder.MaxPool(x, kernel, strides, pads);
            builder.Graph.Nodes[^1].With("dilations", dilations).With("ceil_mode", ceiling ? 1 : 0);
            return y;
        }, [2, .. image]);

    [Theory]
    [MemberData(nameof(Pools))]
    public void Average_pool(int[] image, long[] kernel, long[] strides, long[] pads, long[] dilations, bool ceiling)
    {
        foreach (int countPads in (int[])[0, 1])
        {
            GradientCheck.Run((builder, x) =>
            {
                string y = builder.AveragePool(x, kernel, strides, pads);
                OnnxNode node = builder.Graph.Nodes[^1].With("ceil_mode", ceiling ? 1 : 0).With("count_include_pad", countPads);
                if (dilations.Any(d => d != 1))
                    node.With("dilations", dilations);
                return y;
            }, [2, .. image], opset: dilations.Any(d => d != 1) ? 19 : 17);
        }
    }

    [Fact]
    public void Max_pool_in_a_model_of_an_older_version_raises_the_version() =>
        Assert.Equal(16, GradientCheck.Run((builder, x) => builder.MaxPool(x, [3, 3], [2, 2]), [2, 7, 7], opset: 13).Opset());

    [Fact]
    public void Max_pool_gives_all_to_the_first_of_equal_values()
    {
        OnnxModel model = Onnx.Passes.InputGradient.Of(GradientCheck.Model((builder, x) => builder.MaxPool(x, [2, 2]), [1, 2, 3]));
        float[] gradient = OnnxRuntimeReference.Run(model.ToArray(), ("image", new float[6], [1, 1, 2, 3]))["image_gradient"].Values;
        Assert.All(gradient[2..], g => Assert.Equal(0, g));
        Assert.All(gradient[..2], g => Assert.NotEqual(0, g));
    }

    [Fact]
    public void Global_average_pool() =>
        GradientCheck.Run((builder, x) => builder.GlobalAveragePool(builder.Relu(x)), [3, 5, 7]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mean_and_sum_over_axes(bool keep) =>
        GradientCheck.Run((builder, x) => builder.Mul(
            builder.ReduceMean(builder.Mul(x, x), [2, 3], keep), builder.ReduceSum(builder.Sigmoid(x), [-1, 2], keep)), [3, 4, 5]);
}
