namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// The passes for a model that this engine will run in floating point: <see cref="ExactPasses"/>, and <see cref="WinogradConvolutions"/>, whose
/// operator the engine brings. Other runtimes run the model too, at the speed that it had.
/// </summary>
public static class EnginePasses
{
    /// <summary>Applies them all.</summary>
    /// <returns>What was done, in words; nothing where no pass found what it looks for.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the model was not sound.</exception>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        List<string> done = [.. ExactPasses.Apply(model)];
        if (WinogradConvolutions.Apply(model) is > 0 and int rewritten)
        {
            done.Add($"{rewritten} convolutions of 3 x 3 use Winograd's algorithm");
            GraphChecker.Check(model, allowUnknownOperators: true);
        }
        return done;
    }
}
