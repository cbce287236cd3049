using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>
/// Holds the gradient of one operator against finite differences in double precision, over a batch, and what ONNX Runtime makes of the same
/// graphs against the interpreter.
/// </summary>
static class GradientCheck
{
    const double Step = 1e-6, Tolerance = 1e-7, SingleTolerance = 2e-5;

    /// <param name="write">Adds the operator: from the image to a value of any shape with the batch first.</param>
    /// <param name="shape">The image, without the batch.</param>
    /// <param name="batch">Images at once.</param>
    /// <param name="opset">The version of the standard operators.</param>
    public static OnnxModel Run(Func<GraphBuilder, string, string> write, int[] shape, int batch = 3, long opset = 17)
    {
        OnnxModel model = Model(write, shape, opset), derived = InputGradient.Of(model);
        DoubleTensor image = new([batch, .. shape], Numbers(batch * DoubleTensor.Product(shape), 1));
        Dictionary<string, DoubleTensor> made = DoubleInterpreter.Run(derived, "image", image);
        double[] gradient = made[InputGradient.GradientOutput].Values;
        Assert.Equal(image.Shape, made[InputGradient.GradientOutput].Shape);

        double[] expected = new double[image.Count];
        for (int i = 0; i < expected.Length; i++)
            expected[i] = (Sum(i, Step) - Sum(i, -Step)) / (2 * Step);
        AssertClose(expected, gradient, Tolerance);
        Assert.Contains(expected, e => Math.Abs(e) > 0.01);

        float[] single = [.. image.Values.Select(v => (float)v)];
        Dictionary<string, ReferenceTensor> judged =
            OnnxRuntimeReference.Run(derived.ToArray(), ("image", single, [.. image.Shape.Select(d => (long)d)]));
        Assert.Equal(image.Shape, judged[InputGradient.GradientOutput].Shape.Select(d => (int)d));
        AssertClose(made["geographic_extent"].Values, [.. judged["geographic_extent"].Values.Select(v => (double)v)], SingleTolerance);
        AssertClose(gradient, [.. judged[InputGradient.GradientOutput].Values.Select(v => (double)v)], SingleTolerance);
        return derived;

        double Sum(int at, double step)
        {
            double[] moved = [.. image.Values];
            moved[at] += step;
            return DoubleInterpreter.Run(model, "image", image with { Values = moved })["geographic_extent"].Values.Sum();
        }
    }

    /// <summary>A model that weighs all that the operator makes into one score.</summary>
    public static OnnxModel Model(Func<GraphBuilder, string, string> write, int[] shape, long opset = 17)
    {
        GraphBuilder builder = new("operator", opset);
        string image = builder.Input(
            "image", OnnxElementType.Float32, new OnnxShape([new OnnxDimension("N"), .. shape.Select(d => new OnnxDimension(d))]));
        string flat = builder.Flatten(write(builder, image));
        int count = (int)ShapeInference.Infer(builder.Graph)[flat].Shape![1].Length;
        string score = builder.Gemm(flat, Constant(builder, 2, count, 1), builder.Vector("bias", 0.25f), name: "geographic_extent");
        builder.Output(score, OnnxElementType.Float32, ["N", 1]);
        return builder.Build();
    }

    /// <summary>A constant of numbers between -1 and 1, none near 0.</summary>
    public static string Constant(GraphBuilder builder, int seed, params int[] shape) => builder.Constant<float>(
        "numbers", [.. shape.Select(d => (long)d)], [.. Numbers(DoubleTensor.Product(shape), seed).Select(v => (float)v)]);

    static double[] Numbers(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count)
            .Select(_ => (double)(float)((0.1 + (random.NextDouble() * 0.9)) * (random.Next(2) == 0 ? -1 : 1)))];
    }

    static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"element {i}: expected {expected[i]:g9}, is {actual[i]:g9}");
    }
}
