namespace SeverityEngine.Onnx.Passes;

/// <summary>What passes ask of convolutions and poolings.</summary>
static class Windows
{
    /// <summary>A 1 x 1 convolution with a constant weight, no padding and a step of 1.</summary>
    public static bool IsPointwiseConv(this OnnxNode node, OnnxGraph graph) =>
        node.HasKernel(graph, 1) && node.HasOnly("strides", 1) && node.HasOnly("pads", 0) && node.IsExplicit();

    /// <summary>A convolution over images whose constant weight is square, of this size; dilation counts as another size.</summary>
    public static bool HasKernel(this OnnxNode node, OnnxGraph graph, long size) =>
        node.Is("Conv") && graph.WeightShape(node.Input(1)) is [_, _, var h, var w]
        && h == size && w == size && (size == 1 || node.HasOnly("dilations", 1));

    /// <summary>The shape of a constant weight, or of one that <see cref="ByteStorage"/> keeps; null where it is neither.</summary>
    public static IReadOnlyList<long>? WeightShape(this OnnxGraph graph, string? weight) =>
        graph.Constant(weight) is { } constant ? constant.ElementType == OnnxElementType.Float32 ? constant.Dimensions : null
        : ByteStorage.TryFind(graph, weight, out OnnxTensor? bytes, out _) ? bytes.Dimensions : null;

    /// <summary>A pooling without padding whose last window ends within the image.</summary>
    public static bool IsPlainWindow(this OnnxNode node) =>
        node.HasOnly("pads", 0) && node.IsExplicit() && node.Attributes.GetInt("ceil_mode", 0) == 0 && node.HasOnly("dilations", 1);

    public static bool MakesFewerPixels(this OnnxNode node) => node.Attributes.GetInts("strides") is { } strides && strides.Any(s => s > 1);

    /// <summary>Padding is stated in numbers, not left to the runtime.</summary>
    public static bool IsExplicit(this OnnxNode node) => node.Attributes.GetText("auto_pad") is null or "NOTSET";

    /// <summary>An attribute is absent, its default being this number, or holds it alone.</summary>
    public static bool HasOnly(this OnnxNode node, string attribute, long number) =>
        node.Attributes.GetInts(attribute) is not { } numbers || numbers.All(n => n == number);
}
