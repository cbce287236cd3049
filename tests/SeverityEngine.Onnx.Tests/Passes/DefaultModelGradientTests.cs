using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Tests.Reference;
using SeverityEngine.Tests;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>The model that ships, against finite differences in double precision along random directions.</summary>
public class DefaultModelGradientTests
{
    const int Size = 224, Directions = 50;

    // Small against the distance to the next kink of a Relu for most of the network, large against rounding in double.
    const double Step = 1e-5;

    static readonly DoubleTensor s_image = new([1, 1, Size, Size],
        [.. Enumerable.Range(0, Size * Size)
        .Select(i => (double)(float)(1024 * Math.Sin(0.07 * (i % Size)) * Math.Cos(0.05 * (i / Size))))]);

    [Fact]
    public void The_gradients_of_both_scores_are_their_slopes_along_50_random_directions()
    {
        OnnxModel model = OnnxModel.Parse(File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx")));
        string[] scores = ["geographic_extent", "opacity"];
        double[][] exact = new double[2][], single = new double[2][];
        for (int i = 0; i < 2; i++)
        {
            OnnxModel derived = InputGradient.Of(model, scores[i]);
            exact[i] = DoubleInterpreter.Run(derived, "image", s_image)["image_gradient"].Values;
            Dictionary<string, ReferenceTensor> judged =
                OnnxRuntimeReference.Run(derived.ToArray(), ("image", [.. s_image.Values.Select(v => (float)v)], [1, 1, Size, Size]));
            single[i] = [.. judged["image_gradient"].Values.Select(v => (double)v)];
        }

        double[] error = new double[2], singleError = new double[2], all = new double[2];
        Random random = new(7);
        for (int at = 0; at < Directions; at++)
        {
            double[] direction = [.. Enumerable.Range(0, Size * Size).Select(_ => random.NextDouble() - 0.5)];
            Dictionary<string, DoubleTensor> ahead = Run(direction, Step), behind = Run(direction, -Step);
            for (int i = 0; i < 2; i++)
            {
                double slope = (ahead[scores[i]].Values[0] - behind[scores[i]].Values[0]) / (2 * Step);
                error[i] += Math.Pow(slope - exact[i].Zip(direction, (g, d) => g * d).Sum(), 2);
                singleError[i] += Math.Pow(slope - single[i].Zip(direction, (g, d) => g * d).Sum(), 2);
                all[i] += slope * slope;
            }
        }
        for (int i = 0; i < 2; i++)
        {
            double relative = Math.Sqrt(error[i] / all[i]), singleRelative = Math.Sqrt(singleError[i] / all[i]);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{scores[i]}: relative error {relative:g3} in double, {singleRelative:g3} in float32");
            Assert.InRange(relative, 0, 1e-5);
            Assert.InRange(singleRelative, 0, 1e-3);
        }

        Dictionary<string, DoubleTensor> Run(double[] direction, double step) =>
            DoubleInterpreter.Run(model, "image", s_image with { Values = [.. s_image.Values.Zip(direction, (x, d) => x + (step * d))] });
    }
}
