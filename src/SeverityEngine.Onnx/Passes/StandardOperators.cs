namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Undoes what was done to a network for one runtime's sake, <see cref="WinogradConvolutions"/> above all: whatever must know each of a network's
/// operators begins with it.
/// </summary>
public static class StandardOperators
{
    /// <summary>Writes out the functions, and removes what then comes to nothing.</summary>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>, as <see cref="InlineFunctions.Apply"/> raises it.</exception>
    public static void Restore(OnnxModel model)
    {
        InlineFunctions.Apply(model);
        RemoveNoOps.Apply(model);
    }
}
