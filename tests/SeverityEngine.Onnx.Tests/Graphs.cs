namespace SeverityEngine.Onnx.Tests;

/// <summary>Small graphs for tests.</summary>
static class Graphs
{
    /// <summary>A network in small: convolution, normalisation, both pools, a skip connection, features and a score.</summary>
    public static OnnxModel Network()
    {
        GraphBuilder builder = new("network");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, 16, 16]);
        string y = builder.Conv(x, builder.Constant("conv.weight", [4, 1, 3, 3], Ramp(36)), builder.Vector<float>("conv.bias", Ramp(4)), [2, 2], [1, 1, 1, 1]);
        y = builder.BatchNormalization(y, builder.Vector<float>("scale", Ramp(4)), builder.Vector<float>("shift", Ramp(4)),
            builder.Vector<float>("mean", Ramp(4)), builder.Vector("variance", 1f, 2f, 0.5f, 0.1f));
        y = builder.Relu(y);
        y = builder.MaxPool(y, [3, 3], [2, 2], [1, 1, 1, 1]);
        y = builder.Concat([y, builder.Sigmoid(y)], 1);
        y = builder.AveragePool(y, [2, 2], [2, 2]);
        string features = builder.Flatten(builder.GlobalAveragePool(y), name: "features");
        string score = builder.Gemm(features, builder.Constant("weight", [1, 8], Ramp(8)), builder.Vector("bias", 0.5f), transB: true, name: "score");
        builder.Output(score, OnnxElementType.Float32, ["N", 1]);
        builder.Output(features, OnnxElementType.Float32, ["N", 8]);
        return builder.Build();
    }

    /// <summary>Numbers between -1 and 1 that are all different.</summary>
    public static float[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i + 1))];
}
