using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Models.Tests.Checkpoints.Networks;

/// <summary>
/// The derived gradient of the whole network, against PyTorch's autograd in double precision: <c>make_gradient_goldens.py</c>.
/// </summary>
public class DenseNet121GradientTests
{
    const int Pixels = 224 * 224;
    const double Norm = 0.00039395529932638397;

    static readonly double[] s_products =
    [
        -0.0001779805055545285, -0.00017597755239454098, -0.00027576991213281896, 0.00046009345407906234, 0.0001573756107946692,
        -0.0002468247595923807, -8.6556040809604e-07, 0.00042171995149894076, 0.00019117565053667742, -0.00015103455147717085,
        -0.0001829490924509976, -0.00010453595475368543, 3.8744519995134964e-05, -0.0002871492599042212, -0.0002566189696167441,
        -0.00013915309015051486, -2.2736944803725795e-05, -4.926378165932992e-05, 0.00029282547564769596, 0.00041629010508169523,
    ];

    static readonly float[] s_image = [.. States.Numbers(Pixels, 1000).Select(v => v * 1024)];

    static readonly OnnxModel s_derived =
        InputGradient.Of(
        DenseNet121.Build(States.Numbered(), new CidcHead(), new ModelContract { Name = "densenet121-test", Version = "1" }));

    [Fact]
    public void The_gradient_is_pytorchs()
    {
        Dictionary<string, DoubleTensor> made =
            DoubleInterpreter.Run(s_derived, "image", new DoubleTensor([1, 1, 224, 224], [.. s_image.Select(v => (double)v)]));
        Assert.Equal(5.4977011542730985, made["geographic_extent"].Values[0], 1e-6);
        // What is left is the rounding of the normalizations' factors, which the graph holds in float32.
        AssertIsGolden(made["image_gradient"].Values, 1e-5);
    }

    [Fact]
    public void The_gradient_in_single_precision_is_pytorchs()
    {
        float[] gradient = OnnxRuntimeReference.Run(s_derived.ToArray(), ("image", s_image, [1, 1, 224, 224]))["image_gradient"].Values;
        AssertIsGolden([.. gradient.Select(v => (double)v)], 1e-3);
    }

    static void AssertIsGolden(double[] gradient, double tolerance)
    {
        double error = 0, all = 0;
        for (int i = 0; i < s_products.Length; i++)
        {
            double product = gradient.Zip(States.Numbers(Pixels, (uint)(2000 + i)), (g, d) => g * d).Sum();
            error += Math.Pow(product - s_products[i], 2);
            all += s_products[i] * s_products[i];
        }
        double norm = Math.Sqrt(gradient.Sum(g => g * g));
        TestContext.Current.TestOutputHelper?.WriteLine($"relative error {Math.Sqrt(error / all):g3}, of the norm {(norm / Norm) - 1:g3}");
        Assert.InRange(Math.Sqrt(error / all), 0, tolerance);
        Assert.Equal(1, norm / Norm, tolerance);
    }
}
