using SeverityEngine.Onnx.Passes.Functions;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Writes the bodies of a model's functions out wherever they are called, so that whatever reads the graph sees the operators that are at work.
/// </summary>
public static class InlineFunctions
{
    /// <summary>The most nodes that the bodies may come to; a few lines of functions that call each other can stand for any number.</summary>
    public const int MostNodes = 100_000;

    /// <summary>
    /// Applies the pass. No functions are left behind it, and no domain that they alone were of; values and nodes of the bodies have new names,
    /// which begin with the name of the node that called.
    /// </summary>
    /// <returns>How many calls of the graph were written out.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: a function calls itself, a call does not fit its function,
    /// the two are of different versions of the operators, or the bodies come to more than any network needs. The model stays as it is.</exception>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Functions.Count > 0 ? new FunctionWriter(model).Run() : 0;
    }
}
