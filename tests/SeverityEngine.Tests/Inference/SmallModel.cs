using SeverityEngine.Onnx;

namespace SeverityEngine.Tests.Inference;

/// <summary>
/// A model whose outputs are known by heart: features are the image's mean and maximum, logits and scores are linear in them.
/// </summary>
static class SmallModel
{
    public const int Side = 8;

    public static ModelFile Make(IReadOnlyList<string>? labels = null, IReadOnlyList<float>? operatingPoints = null, bool outputs = true)
    {
        GraphBuilder builder = new("small");
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]);
        string mean = builder.Flatten(builder.GlobalAveragePool(image, "mean"));
        string highest = builder.Flatten(builder.MaxPool(image, [Side, Side], [1, 1], name: "max"));
        string features = builder.Concat([mean, highest], 1, "features");
        // Rows are features, columns logits.
        string logits = builder.Gemm(features, builder.Constant<float>("w", [2, 3], [0.001f, 0, 0.01f, 0, 0.002f, 0]),
            builder.Vector("b", 0f, 0.5f, -1f), name: "logits");
        builder.Gemm(features, builder.Constant<float>("we", [2, 1], [0.001f, 0]), builder.Vector("be", 4f), name: "geographic_extent");
        builder.Gemm(features, builder.Constant<float>("wo", [2, 1], [0, 0.001f]), builder.Vector("bo", 3f), name: "opacity");
        builder.Output("geographic_extent", OnnxElementType.Float32, ["N", 1]);
        builder.Output("opacity", OnnxElementType.Float32, ["N", 1]);
        if (outputs)
        {
            builder.Output(logits, OnnxElementType.Float32, ["N", 3]);
            builder.Output(features, OnnxElementType.Float32, ["N", 2]);
        }
        OnnxModel model = builder.Build();
        new ModelContract
        {
            Name = "small",
            Version = "1",
            Labels = labels ?? ["A", "B", "C"],
            OperatingPoints = operatingPoints ?? [],
        }.Write(model.Metadata);
        return new ModelFile(model.ToArray(), "small.onnx");
    }
}
