using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// Adds <c>com.microsoft.QLinearConv</c> to a graph as this engine writes it: on uint8 values <c>[N, H, W, C]</c>, whose scales are 1 and
/// have gone into the weights'.
/// </summary>
sealed class QuantizedConvolutions(GraphBuilder builder)
{
    const string Domain = "com.microsoft", OpType = "QLinearConv";

    string? _one, _zero, _noOffset;

    /// <summary>The scale of values.</summary>
    public string One => _one ??= builder.Scalar("one", 1f);

    /// <summary>The zero point of most.</summary>
    public string Zero => _zero ??= builder.Scalar("zero.u8", (byte)0);

    string NoOffset => _noOffset ??= builder.Scalar("zero.s8", (sbyte)0);

    public string ZeroPoint(string value, byte zero) => zero == 0 ? Zero : builder.Scalar($"{value}.zero", zero);

    /// <summary>Adds a convolution; where its windows lie is left to the caller.</summary>
    /// <param name="name">What its constants' names begin with, and its own.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="kernel">Its constants.</param>
    public OnnxNode Add(string name, string input, QuantizedKernel kernel)
    {
        OnnxNode node = builder.Node(OpType,
        [
            input, One, ZeroPoint(input, kernel.InputZero),
            builder.Constant<sbyte>($"{name}.weight", kernel.Dimensions, kernel.Weights),
            builder.Vector<float>($"{name}.scale", kernel.Scales), NoOffset,
            One, Zero, builder.Vector<int>($"{name}.bias", kernel.Bias),
        ], $"{name}.q", Domain);
        node.Attributes.Set("channels_last", 1);
        node.Attributes.Set("kernel_shape", kernel.Dimensions.AsSpan(2));
        return node;
    }

    /// <summary>Adds an average pooling: as a convolution of each channel by itself it has the runtime's faster kernel.</summary>
    /// <param name="name">As of <see cref="Add"/>.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="channels">How many channels that has.</param>
    /// <param name="window">Rows and columns of a window.</param>
    public OnnxNode AddAverage(string name, string input, int channels, ReadOnlySpan<long> window)
    {
        int places = (int)(window[0] * window[1]);
        sbyte[] ones = new sbyte[channels * places];
        ones.AsSpan().Fill(1);
        float[] scales = new float[channels];
        scales.AsSpan().Fill(1f / places);
        OnnxNode node = Add(name, input, new QuantizedKernel([channels, 1, .. window], ones, scales, new int[channels], 0));
        node.Attributes.Set("group", channels);
        return node;
    }

    /// <summary>Whether a node averages every 2 x 2 pixels, and no pixel belongs to two windows.</summary>
    public static bool IsAverageOfFour(OnnxNode node, OnnxGraph graph) =>
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
