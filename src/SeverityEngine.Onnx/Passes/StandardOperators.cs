using SeverityEngine.Onnx.Passes.Functions;
using SeverityEngine.Onnx.Passes.Identities;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Undoes what was done to a network for one runtime's sake, <see cref="DenseLayers"/>, <see cref="DenseClamps"/> and
/// <see cref="WinogradConvolutions"/> above all: whatever must know each of a network's operators begins with it.
/// </summary>
public static class StandardOperators
{
    /// <summary>Writes out the functions, and removes what then comes to nothing.</summary>
    /// <param name="model">The model, which is changed.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>, as <see cref="InlineFunctions.Apply"/> raises it.</exception>
    public static void Restore(OnnxModel model)
    {
        DenseLayers.Undo(model);
        DenseClamps.Undo(model);
        InlineFunctions.Apply(model);
        RemoveNoOps.Apply(model);
    }
}

/// <summary>
/// Writes the bodies of a model's functions out wherever they are called, so that whatever reads the graph sees the operators that are at
/// work.
/// </summary>
public static class InlineFunctions
{
    /// <summary>
    /// The most nodes that the bodies may come to; a few lines of functions that call each other can stand for any number.
    /// </summary>
    public const int MostNodes = 100_000;

    /// <summary>
    /// Applies the pass. No functions are left behind it, and no domain that they alone were of; values and nodes of the bodies have new
    /// names, which begin with the name of the node that called.
    /// </summary>
    /// <returns>How many calls of the graph were written out.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: a function calls itself, a call does not fit its function,
    /// the two are of different versions of the operators, or the bodies come to more than any network needs. The model stays as it
    /// is.</exception>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ApplyBut(model, _ => false);
    }

    /// <summary>Applies the pass to all functions but those that <paramref name="stays"/> names.</summary>
    internal static int ApplyBut(OnnxModel model, Func<OnnxFunction, bool> stays) =>
        model.Functions.Count > 0 ? new FunctionWriter(model, stays).Run() : 0;
}

/// <summary>
/// Removes nodes that come to nothing: two Transposes in a row of which the second undoes the first, and 1 x 1 convolutions of each channel
/// by itself with a weight of one. Where the latter stand behind another convolution, it takes their place, name and bias.
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
