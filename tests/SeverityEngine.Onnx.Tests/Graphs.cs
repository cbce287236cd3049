using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Tests;

/// <summary>Small graphs for tests.</summary>
static class Graphs
{
    /// <summary>A network in small: convolution, normalization, both pools, a skip connection, features and a score.</summary>
    public static OnnxModel Network()
    {
        GraphBuilder builder = new("network");
        string x = builder.Input("image", OnnxElementType.Float32, ["N", 1, 16, 16]);
        string y = builder.Conv(
            x, builder.Constant("conv.weight", [4, 1, 3, 3], Ramp(36)), builder.Vector<float>("conv.bias", Ramp(4)), [2, 2], [1, 1, 1, 1]);
        y = builder.BatchNormalization(y, builder.Vector<float>("scale", Ramp(4)), builder.Vector<float>("shift", Ramp(4)),
            builder.Vector<float>("mean", Ramp(4)), builder.Vector("variance", 1f, 2f, 0.5f, 0.1f));
        y = builder.Relu(y);
        y = builder.MaxPool(y, [3, 3], [2, 2], [1, 1, 1, 1]);
        y = builder.Concat([y, builder.Sigmoid(y)], 1);
        y = builder.AveragePool(y, [2, 2], [2, 2]);
        string features = builder.Flatten(builder.GlobalAveragePool(y), name: "features");
        string score =
            builder.Gemm(features, builder.Constant("weight", [1, 8], Ramp(8)), builder.Vector("bias", 0.5f), transB: true, name: "score");
        builder.Output(score, OnnxElementType.Float32, ["N", 1]);
        builder.Output(features, OnnxElementType.Float32, ["N", 8]);
        return builder.Build();
    }

    /// <summary>
    /// A network whose features are scaled by functions: one with an attribute, a default, an input that may be left out and a constant of
    /// its own, and one that calls it.
    /// </summary>
    public static OnnxModel WithFunctions()
    {
        const string domain = "test";
        FunctionProto leaky =
            new() { Domain = domain, Name = "Leaky", Input = { "x", "low" }, Output = { "y", "raw" }, Attribute = { "given" } };
        leaky.AttributeProto.Add(new AttributeProto { Name = "slope", Type = AttributeProto.Types.AttributeType.Float, F = 0.25f });
        leaky.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxModel.DefaultOpset });
        leaky.Node.Add(
            new NodeProto { OpType = "Constant", Name = "k", Output = { "k" }, Attribute = { Reference("value_float", "given") } });
        NodeProto slope = new() { OpType = "LeakyRelu", Name = "leaky", Input = { "x" }, Output = { "l" } };
        slope.Attribute.Add(Reference("alpha", "slope"));
        leaky.Node.Add(slope);
        leaky.Node.Add(new NodeProto { OpType = "Mul", Input = { "l", "k" }, Output = { "raw" } });
        leaky.Node.Add(new NodeProto { OpType = "Clip", Name = "clip", Input = { "raw", "low" }, Output = { "y" } });
        FunctionProto twice = new() { Domain = domain, Name = "Twice", Input = { "x" }, Output = { "y", "z" }, Attribute = { "factor" } };
        twice.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        foreach ((string from, string to, string rest) in ((string, string, string)[])[("x", "z", "r"), ("z", "y", "s")])
        {
            NodeProto call = new() { OpType = "Leaky", Domain = domain, Input = { from }, Output = { to, rest } };
            call.Attribute.Add(Reference("given", "factor"));
            twice.Node.Add(call);
        }

        GraphBuilder builder = new("functions");
        builder.Model.SetOpset(domain, 1);
        builder.Model.AddFunction(new OnnxFunction(leaky, "test"));
        builder.Model.AddFunction(new OnnxFunction(twice, "test"));
        string x = builder.Input("x", OnnxElementType.Float32, ["N", 4]);
        string k = builder.Graph.SetInitializer(OnnxTensor.Vector<float>("k", Ramp(4)));
        OnnxNode first =
            builder.Graph.Add(new OnnxNode("Leaky", "first", [builder.Mul(x, k), builder.Scalar("low", -0.125f)], ["first", "l"], domain));
        first.Attributes.Set("given", 2f);
        first.Attributes.Set("slope", 0.5f);
        OnnxNode second = builder.Graph.Add(new OnnxNode("Twice", "", ["l"], ["y", "z"], domain));
        second.Attributes.Set("factor", -1.5f);
        foreach (string output in (string[])["first", "y"])
            builder.Output(output, OnnxElementType.Float32, ["N", 4]);
        return builder.Build();

        static AttributeProto Reference(string name, string to) =>
            new() { Name = name, RefAttrName = to, Type = AttributeProto.Types.AttributeType.Float };
    }

    /// <summary>Numbers between -1 and 1 that are all different.</summary>
    public static float[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i + 1))];
}
