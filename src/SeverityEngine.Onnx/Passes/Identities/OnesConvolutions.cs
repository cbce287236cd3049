using SeverityEngine.Onnx.Graphs;

namespace SeverityEngine.Onnx.Passes.Identities;

/// <summary>1 x 1 convolutions of each channel by itself with a weight of one: nothing but what their bias adds.</summary>
static class OnesConvolutions
{
    /// <returns>How many were removed, or took over the convolution before them.</returns>
    public static int Remove(OnnxGraph graph)
    {
        ValueNames names = new(graph);
        Dictionary<OnnxNode, OnnxNode> merged = [];
        int removed = 0;
        foreach (OnnxNode ones in TopologicalOrder.Of(graph).Where(n => IsOnes(n, graph)))
        {
            string input = names.Of(ones.Inputs[0]);
            if (graph.Producer(input) is { } before && IsConv(before) && !merged.ContainsKey(before)
                && graph.TryGetOnlyConsumer(input, out OnnxNode? consumer) && consumer == ones
                && (before.Input(2) is null || AddsNothing(ones, graph)))
            {
                names.Drop(before);
                merged.Add(ones, before);
                removed++;
            }
            else if (AddsNothing(ones, graph) && names.TryDrop(ones, ones.Outputs[0], input))
            {
                removed++;
            }
        }
        foreach ((OnnxNode ones, OnnxNode convolution) in merged)
            TakeOver(ones, convolution);
        if (removed > 0)
            names.Apply();
        return removed;
    }

    static bool IsConv(OnnxNode node) => node.Is("Conv") && node.Inputs is [{ Length: > 0 }, { Length: > 0 }, ..] && node.Outputs is [{ Length: > 0 }];

    static bool IsOnes(OnnxNode node, OnnxGraph graph) =>
        IsConv(node) && node.IsPointwiseConv(graph)
        && graph.Constant(node.Inputs[1]) is { Dimensions: [var channels, 1, _, _] } weight && node.Attributes.GetInt("group", 1) == channels
        && !weight.Values<float>().ContainsAnyExcept(1f);

    static bool AddsNothing(OnnxNode node, OnnxGraph graph) =>
        node.Input(2) is not { } bias || (graph.Constant(bias) is { ElementType: OnnxElementType.Float32 } added && !added.Values<float>().ContainsAnyExcept(0f));

    /// <summary>The later node stays, since others know it and its value by name.</summary>
    static void TakeOver(OnnxNode ones, OnnxNode convolution)
    {
        string? bias = convolution.Input(2) ?? ones.Input(2);
        ones.SetInputs(convolution.Inputs[0], convolution.Inputs[1]);
        if (bias is not null)
            ones.SetInput(2, bias);
        ones.Proto.Attribute.Clear();
        ones.Proto.Attribute.AddRange(convolution.Proto.Attribute);
    }
}
