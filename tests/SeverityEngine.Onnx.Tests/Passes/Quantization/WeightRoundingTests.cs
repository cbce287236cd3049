using SeverityEngine.Onnx.Passes.Quantization;

namespace SeverityEngine.Onnx.Tests.Passes.Quantization;

public class WeightRoundingTests
{
    const int Columns = 64, Rows = 16;

    [Fact]
    public void No_pair_of_neighbors_can_saturate_16_bits_with_any_bytes()
    {
        // Pairs of equally large weights of one sign are the worst there is.
        double[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(i => i / 2 % 2 == 0 ? 1.0 : -1.0)];
        foreach (double[] given in (double[][])[weights, Random()])
        {
            sbyte[] bytes = new sbyte[given.Length];
            WeightRounding.Round(given, Covariance(0.5f), bytes);
            for (int i = 0; i < bytes.Length; i += 2)
                Assert.InRange(255 * (bytes[i] + bytes[i + 1]), short.MinValue, short.MaxValue);
            Assert.Contains(bytes, b => Math.Abs((int)b) > 32);
        }
    }

    [Fact]
    public void Where_inputs_do_not_vary_together_each_weight_is_the_nearest_byte()
    {
        double[] weights = [.. Random().Select((w, i) => i % 2 == 0 ? w : 0)]; // no pair is near its limit
        sbyte[] bytes = new sbyte[weights.Length];
        float[] scales = WeightRounding.Round(weights, Covariance(0), bytes);
        for (int i = 0; i < weights.Length; i++)
            Assert.InRange(Math.Abs(weights[i] - (scales[i / Columns] * bytes[i])), 0, 0.51 * scales[i / Columns]
                + (Math.Abs(bytes[i]) == 127 ? 1 : 0));
    }

    [Fact]
    public void Where_inputs_vary_together_the_errors_cancel_in_the_sum()
    {
        double[] weights = Random();
        double apart = Error(weights, Covariance(0)), together = Error(weights, Covariance(0.95f));
        Assert.True(together < apart / 2, $"{together} beside {apart}");

        // The average square of what the errors' sum makes of inputs that vary together.
        static double Error(double[] weights, float[] covariance)
        {
            sbyte[] bytes = new sbyte[weights.Length];
            float[] scales = WeightRounding.Round(weights, covariance, bytes);
            return Enumerable.Range(0, Rows).Average(row =>
                Math.Pow(Enumerable.Range(row * Columns, Columns).Sum(i => (weights[i] / scales[row]) - bytes[i]), 2));
        }
    }

    [Fact]
    public void A_row_of_zeros_stays_zero()
    {
        sbyte[] bytes = new sbyte[Columns];
        Assert.Equal([1f], WeightRounding.Round(new double[Columns], Covariance(0.5f), bytes));
        Assert.All(bytes, b => Assert.Equal(0, b));
    }

    static double[] Random() => [.. Graphs.Ramp(Rows * Columns).Select(v => (double)v * v * v)];

    static float[] Covariance(float shared) => [.. Enumerable.Range(0, Columns * Columns).Select(i => i % (Columns + 1) == 0 ? 1 : shared)];
}
