using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Passes.Layers;

/// <summary>
/// Average pooling of a uint8 value <c>[N, H, W, C]</c> as a quantized convolution of each channel by itself, which is the faster kernel of
/// the runtime's.
/// </summary>
static class ByteAverage
{
    const string Domain = "com.microsoft", OpType = "QLinearConv";

    /// <summary>Adds the node; its windows' places are left to the caller.</summary>
    /// <param name="builder">Of the model.</param>
    /// <param name="name">The node's and its result's.</param>
    /// <param name="input">What is pooled.</param>
    /// <param name="channels">How many channels it has.</param>
    /// <param name="window">Rows and columns of a window.</param>
    public static OnnxNode Add(GraphBuilder builder, string name, string input, int channels, ReadOnlySpan<long> window)
    {
        int places = checked((int)(window[0] * window[1]));
        sbyte[] ones = new sbyte[channels * places];
        ones.AsSpan().Fill(1);
        float[] scales = new float[channels];
        scales.AsSpan().Fill(1f / places);
        string one = builder.Scalar($"{name}.one", 1f), zero = builder.Scalar($"{name}.zero", (byte)0);
        OnnxNode node = builder.Node(OpType,
        [
            input, one, zero, builder.Constant<sbyte>($"{name}.weight", [channels, 1, .. window], ones),
            builder.Vector<float>($"{name}.scale", scales), builder.Scalar($"{name}.offset", (sbyte)0), one, zero,
            builder.Vector<int>($"{name}.bias", new int[channels]),
        ], name, Domain);
        node.Attributes.Set("channels_last", 1);
        node.Attributes.Set("kernel_shape", window);
        node.Attributes.Set("group", channels);
        return node;
    }

    /// <summary>Whether a node averages every 2 x 2 pixels, and no pixel belongs to two windows.</summary>
    public static bool IsOfFour(OnnxNode node, OnnxGraph graph) =>
        node is { OpType: OpType, Domain: Domain } && node.Attributes.GetInt("channels_last", 0) == 1 && node.IsExplicit()
        && node.Attributes.GetInts("strides") is [2, 2] && node.HasOnly("pads", 0) && node.HasOnly("dilations", 1)
        && graph.Constant(node.Input(3)) is { ElementType: OnnxElementType.Int8, Dimensions: [var channels, 1, 2, 2] } weights
        && node.Attributes.GetInt("group", 1) == channels && !weights.Values<sbyte>().ContainsAnyExcept((sbyte)1)
        && IsOnly(node, graph, 1, 1f) && IsOnly(node, graph, 2, (byte)0) && IsOnly(node, graph, 4, 0.25f)
        && IsOnly(node, graph, 5, (sbyte)0) && IsOnly(node, graph, 6, 1f) && IsOnly(node, graph, 7, (byte)0)
        && (node.Input(8) is null || IsOnly(node, graph, 8, 0));

    static bool IsOnly<T>(OnnxNode node, OnnxGraph graph, int input, T number)
        where T : unmanaged, IEquatable<T> =>
        graph.Constant(node.Input(input)) is { } constant && constant.ElementType == ElementTypes.Of<T>()
        && !constant.Values<T>().ContainsAnyExcept(number);
}
