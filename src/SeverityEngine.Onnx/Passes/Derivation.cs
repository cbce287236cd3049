namespace SeverityEngine.Onnx.Passes;

/// <summary>What passes begin with that add an output to a copy of a model.</summary>
static class Derivation
{
    /// <summary>The copy, in standard operators as far as the model says what its own are.</summary>
    /// <param name="model">The model; it stays as it is.</param>
    /// <param name="output">An output that it must have.</param>
    /// <param name="input">An input that it must have.</param>
    /// <param name="added">The output that will be added, which it must not have.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>, <see cref="OnnxFault.Unsupported"/>.</exception>
    public static OnnxModel Start(OnnxModel model, string output, string input, string added)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        if (!graph.IsInput(input) || !graph.IsOutput(output))
            throw new OnnxException(OnnxFault.Invalid, $"the model has no input '{input}' or no output '{output}'");
        if (graph.IsOutput(added) || graph.Producer(added) is not null)
            throw new OnnxException(OnnxFault.Unsupported, $"the model has a value '{added}' already; use the original model");
        OnnxModel derived = model.Clone();
        StandardOperators.Restore(derived);
        return derived;
    }
}
