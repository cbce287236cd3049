using SeverityEngine.Onnx.Passes.Identities;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Removes nodes that come to nothing: two Transposes in a row of which the second undoes the first, and 1 x 1 convolutions of each channel by
/// itself with a weight of one. Where the latter stand behind another convolution, it takes their place, name and bias.
/// </summary>
public static class RemoveNoOps
{
    /// <summary>Applies the pass. The graph's outputs keep their names.</summary>
    /// <returns>How many nodes are gone.</returns>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        int before = graph.Nodes.Count;
        if (TransposePairs.Remove(graph) + OnesConvolutions.Remove(graph) == 0)
            return 0;
        graph.SortTopologically();
        return before - graph.Nodes.Count;
    }
}
