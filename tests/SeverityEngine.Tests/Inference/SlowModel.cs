using SeverityEngine.Onnx;

namespace SeverityEngine.Tests;

/// <summary>A model that is data and takes minutes an image, in thousands of products of some milliseconds each.</summary>
static class SlowModel
{
    const int Side = 512;

    public static byte[] Create(int products = 5000)
    {
        GraphBuilder builder = new("slow");
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]);
        float[] weight = new float[Side * Side];
        Array.Fill(weight, 1f / Side);
        string w = builder.Constant<float>("w", [Side, Side], weight);
        string x = image;
        for (int i = 0; i < products; i++)
            x = builder.MatMul(x, w);
        string mean = builder.Flatten(builder.GlobalAveragePool(x));
        builder.Output(builder.Identity(mean, "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        builder.Output(builder.Identity(mean, "opacity"), OnnxElementType.Float32, ["N", 1]);
        OnnxModel model = builder.Build();
        new ModelContract { Name = "slow", Version = "1" }.Write(model.Metadata);
        return model.ToArray();
    }
}
