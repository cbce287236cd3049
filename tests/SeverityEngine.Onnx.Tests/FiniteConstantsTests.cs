using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Tests;

/// <summary>Weights that are no numbers.</summary>
public class FiniteConstantsTests
{
    static readonly double[] s_none = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
    static readonly double[] s_some = [0, -0.0, 1, -1, 1e-30, 65504, -65504];

    [Fact]
    public void Each_number_of_each_length_is_looked_at_in_every_type()
    {
        for (int length = 1; length <= 70; length++)
        {
            for (int at = 0; at < length; at++)
            {
                foreach (double bad in (double[])[.. s_none, .. s_some])
                {
                    bool expected = double.IsFinite(bad);
                    Assert.Equal(expected, FiniteNumbers.All(Tensor(length, at, bad, d => (float)d)));
                    Assert.Equal(expected, FiniteNumbers.All(Tensor(length, at, bad, d => d)));
                    Assert.Equal(expected, FiniteNumbers.All(Tensor(length, at, bad, d => (Half)d)));
                }
            }
        }
        foreach (float largest in (float[])[float.MaxValue, float.MinValue, float.Epsilon])
            Assert.True(FiniteNumbers.All(OnnxTensor.Scalar("", largest)));
        Assert.False(FiniteNumbers.All(OnnxTensor.Scalar("", BitConverter.UInt32BitsToSingle(0x7f800001)))); // a signaling one
        Assert.True(FiniteNumbers.All(OnnxTensor.Scalar("", -1L)));
        Assert.True(FiniteNumbers.All(OnnxTensor.Create<float>("", [0], [])));
    }

    [Theory]
    [InlineData("conv.weight")]
    [InlineData("bias")]
    [InlineData("variance")]
    public void A_weight_that_is_no_number_is_named(string name)
    {
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            OnnxModel model = Graphs.Network();
            float[] values = model.Graph.Initializers[name].Values<float>().ToArray();
            values[^1] = bad;
            model.Graph.SetInitializer(OnnxTensor.Create<float>(name, [.. model.Graph.Initializers[name].Dimensions], values));
            foreach (Action check in (Action[])[() => GraphChecker.CheckConstants(model), () => SafetyChecker.Check(model)])
            {
                OnnxException fault = Assert.Throws<OnnxException>(check);
                Assert.Equal(OnnxFault.Invalid, fault.Fault);
                Assert.Contains($"tensor '{name}' holds numbers that are not finite", fault.Message, StringComparison.Ordinal);
            }
        }
        GraphChecker.CheckConstants(Graphs.Network());
    }

    [Fact]
    public void Infinite_bounds_are_no_weights_and_a_bound_that_is_no_number_is_none()
    {
        foreach ((float bound, bool isSound) in ((float, bool)[])[(float.PositiveInfinity, true), (float.NaN, false)])
        {
            GraphBuilder builder = new("test");
            string x = builder.Input("x", OnnxElementType.Float32, ["N", 1, 4, 4]);
            builder.Graph.AddOutput(new OnnxValue(builder.Clip(x, builder.Scalar("low", 0f), builder.Scalar("high", bound))));
            Assert.Equal(isSound, Record.Exception(() => GraphChecker.CheckConstants(builder.Model)) is null);
            // The same number where it is also read as a weight.
            builder.Graph.AddOutput(new OnnxValue(builder.Mul(x, "high")));
            Assert.NotNull(Record.Exception(() => GraphChecker.CheckConstants(builder.Model)));
        }
    }

    [Fact]
    public void Constants_in_nodes_and_functions_are_weights_too()
    {
        GraphBuilder builder = new("test");
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 4]);
        builder.Model.SetOpset("own", 1);
        OnnxNode constant = new OnnxNode("Constant", "c", [], ["k"]).With("value_float", float.NaN);
        builder.Model.AddFunction(new OnnxFunction("own", "F", ["x"], ["y"], [constant, new OnnxNode("Mul", "m", ["x", "k"], ["y"])],
            ("", OnnxModel.DefaultOpset)));
        builder.Graph.AddOutput(new OnnxValue(builder.Node("F", [x], domain: "own").Outputs[0]));
        OnnxException inside = Assert.Throws<OnnxException>(() => SafetyChecker.Check(builder.Model));
        Assert.Contains("not finite", inside.Message, StringComparison.Ordinal);

        GraphBuilder slope = new("test");
        string y = slope.Input("x", OnnxElementType.Float32, ["N", 4]);
        slope.Graph.AddOutput(new OnnxValue(slope.Node("LeakyRelu", [y], "leak").With("alpha", float.NaN).Outputs[0]));
        Assert.Equal("LeakyRelu node 'leak': attribute 'alpha' is not a number; train or export the network again",
            Assert.Throws<OnnxException>(() => GraphChecker.CheckConstants(slope.Model)).Message);
    }

    static OnnxTensor Tensor<T>(int length, int at, double bad, Func<double, T> convert) where T : unmanaged
    {
        T[] values = new T[length];
        Array.Fill(values, convert(1.5));
        values[at] = convert(bad);
        return OnnxTensor.Vector<T>("t", values);
    }
}
