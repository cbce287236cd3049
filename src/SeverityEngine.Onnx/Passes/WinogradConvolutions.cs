using SeverityEngine.Onnx.Passes.Layers;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Lets convolutions of 3 x 3 over large enough images use the operator of <see cref="WinogradOperator"/>, and defines it in the model for
/// runtimes that do not have it. Results stay to rounding. <see cref="StandardOperators"/> is the way back.
/// </summary>
/// <remarks>
/// Behind each stands a 1 x 1 convolution of each channel by itself with a weight of one. It brings ONNX Runtime's blocked layout back,
/// without which the concatenations and convolutions that follow would each be converted, and takes up the bias and a Relu.
/// </remarks>
public static class WinogradConvolutions
{
    /// <summary>The transformed weights are four times as large, which fewer pixels do not repay: on 7 x 7 nothing was gained.</summary>
    const long LeastLength = 14;

    /// <summary>
    /// How many weights (input channels times output channels) there may be for each tile of the image: the transformed ones are all read
    /// in each run, and beyond this that takes the time which the saved multiplications gain. 64 to 64 channels on 28 x 28 pixels took an
    /// eighth less time, 128 to 128 on 14 x 14 no less; a DenseNet's 128 to 32 gain on both.
    /// </summary>
    const long MostWeightsOfTile = 512;

    /// <summary>Rows and columns of results that a tile makes.</summary>
    const long TileLength = 4;

    /// <summary>Channels that the operator works on at once.</summary>
    const long Block = 16;

    /// <summary>Applies the pass.</summary>
    /// <returns>How many convolutions were rewritten.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the model was not sound.</exception>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Opset() is not { } opset || !EngineFunctions.MayBeAddedTo(model))
            return 0;
        Dictionary<OnnxNode, long> chosen = Choose(model.Graph);
        if (chosen.Count == 0)
            return 0;
        Rewrite(model, chosen);
        EngineFunctions.Add(model, EngineFunctions.Winograd(opset));
        model.Graph.RemoveUnused();
        return chosen.Count;
    }

    /// <summary>The convolutions to rewrite, with the number of channels that each makes.</summary>
    static Dictionary<OnnxNode, long> Choose(OnnxGraph graph)
    {
        OnnxNode[] convolutions = [.. graph.Nodes.Where(n => IsOfItsForm(n, graph))];
        if (convolutions.Length == 0)
            return [];
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        return convolutions
            .Where(n => values.GetValueOrDefault(n.Inputs[0])?.Shape is [_, _, { IsFixed: true } height, { IsFixed: true } width]
                && height.Length >= LeastLength && width.Length >= LeastLength && Repays(graph.WeightShape(n.Inputs[1])!, height, width))
            .ToDictionary(n => n, n => graph.WeightShape(n.Inputs[1])![0]);
    }

    static bool Repays(IReadOnlyList<long> weight, OnnxDimension height, OnnxDimension width) =>
        weight[0] * weight[1] <= MostWeightsOfTile * Tiles(height.Length) * Tiles(width.Length);

    static long Tiles(long length) => (length + TileLength - 1) / TileLength;

    static bool IsOfItsForm(OnnxNode node, OnnxGraph graph) =>
        node.HasKernel(graph, 3) && node.Outputs is [{ Length: > 0 }]
        && graph.WeightShape(node.Inputs[1]) is [> 0 and var outputs, > 0 and var inputs, _, _]
        && outputs % Block == 0 && inputs % Block == 0 && node.Attributes.GetInt("group", 1) == 1
        && node.HasOnly("strides", 1) && node.IsExplicit() && node.Attributes.GetInts("pads") is [1, 1, 1, 1];

    static void Rewrite(OnnxModel model, Dictionary<OnnxNode, long> chosen)
    {
        OnnxGraph graph = model.Graph;
        GraphBuilder builder = new(model);
        Dictionary<long, string> ones = [];
        List<OnnxNode> nodes = [];
        foreach (OnnxNode node in graph.Nodes)
        {
            if (chosen.TryGetValue(node, out long channels))
            {
                if (!ones.TryGetValue(channels, out string? weight))
                {
                    weight = builder.Constant<float>($"ones.{channels}", [channels, 1, 1, 1], [.. Enumerable.Repeat(1f, (int)channels)]);
                    ones.Add(channels, weight);
                }
                string name = node.NameOrOutput;
                string image = graph.FreshName($"{name}.nhwc"), made = graph.FreshName($"{name}.winograd"),
                    back = graph.FreshName($"{name}.nchw");
                nodes.Add(ChannelsLast.Transpose(image, node.Inputs[0], image, ChannelsLast.From));
                nodes.Add(new OnnxNode(WinogradOperator.OpType, made, [image, node.Inputs[1]], [made], WinogradOperator.Domain));
                nodes.Add(ChannelsLast.Transpose(back, made, back, ChannelsLast.To));
                Become(node, back, weight, channels);
            }
            nodes.Add(node);
        }
        graph.SetNodes(nodes);
    }

    /// <summary>The node keeps its name, value and bias.</summary>
    static void Become(OnnxNode node, string input, string ones, long channels)
    {
        node.SetInput(0, input);
        node.SetInput(1, ones);
        foreach (string attribute in node.Attributes.Names.ToArray())
            node.Attributes.Remove(attribute);
        node.Attributes.Set("group", channels);
    }
}
