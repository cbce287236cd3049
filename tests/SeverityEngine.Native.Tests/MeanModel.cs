using SeverityEngine.Onnx;

namespace SeverityEngine.Native.Tests;

/// <summary>A model whose scores can be told by hand: mean / 256 and -mean / 512 of an input of 32 x 32.</summary>
static class MeanModel
{
    public const int Side = 32;

    /// <summary>A model that is more than data: its scores are the remainder of the mean by 1000.</summary>
    public static byte[] CreateCode()
    {
        GraphBuilder builder = new("remainder");
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]);
        OnnxNode remainder = builder.Node("Mod", [builder.Flatten(builder.GlobalAveragePool(image)), builder.Scalar("by", 1000f)]);
        remainder.Attributes.Set("fmod", 1);
        builder.Output(builder.Identity(remainder.Outputs[0], "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        builder.Output(builder.Identity(remainder.Outputs[0], "opacity"), OnnxElementType.Float32, ["N", 1]);
        new ModelContract { Name = "remainder", Version = "1" }.Write(builder.Model.Metadata);
        return builder.Model.ToArray();
    }

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

    /// <summary>
    /// The same, with three findings whose logits are mean / 512, -mean / 512 and mean / 1024, and two features, mean and mean / 2.
    /// </summary>
    public static byte[] CreateWithFindings()
    {
        GraphBuilder builder = new("findings");
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]);
        string mean = builder.Flatten(builder.ReduceMean(image, [1, 2, 3], keepDimensions: true), 1);
        builder.Output(
            builder.Mul(mean, builder.Scalar("extent_factor", 1f / 256), "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        builder.Output(builder.Mul(mean, builder.Scalar("opacity_factor", -1f / 512), "opacity"), OnnxElementType.Float32, ["N", 1]);
        string factors = builder.Constant<float>("logit_factors", [1, 3], [1f / 512, -1f / 512, 1f / 1024]);
        builder.Output(builder.MatMul(mean, factors, "logits"), OnnxElementType.Float32, ["N", 3]);
        string weights = builder.Constant<float>("feature_factors", [1, 2], [1f, 0.5f]);
        builder.Output(builder.MatMul(mean, weights, "features"), OnnxElementType.Float32, ["N", 2]);
        OnnxModel model = builder.Build();
        new ModelContract { Name = "findings", Version = "1", Labels = ["Effusion", "Mass", "Edema"] }.Write(model.Metadata);
        return model.ToArray();
    }
}
