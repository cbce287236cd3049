using SeverityEngine.Onnx;

namespace SeverityEngine.Native.Tests;

/// <summary>A model whose scores can be told by hand: mean / 256 and -mean / 512 of an input of 32 x 32.</summary>
static class MeanModel
{
    public const int Side = 32;

    public static byte[] Create()
    {
        GraphBuilder builder = new("mean");
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]);
        string mean = builder.Flatten(builder.ReduceMean(image, [1, 2, 3], keepDimensions: true), 1);
        builder.Output(
            builder.Mul(mean, builder.Scalar("extent_factor", 1f / 256), "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        builder.Output(builder.Mul(mean, builder.Scalar("opacity_factor", -1f / 512), "opacity"), OnnxElementType.Float32, ["N", 1]);
        OnnxModel model = builder.Build();
        new ModelContract { Name = "mean", Version = "2.1" }.Write(model.Metadata);
        model.Metadata["severity.license"] = "Apache-2.0 ö";
        return model.ToArray();
    }
}
