namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// The passes for a model that this engine will run: <see cref="ExactPasses"/>, and <see cref="DenseLayers"/>,
/// <see cref="WinogradConvolutions"/> and, in 8 bits, <see cref="DenseClamps"/>, whose operators the engine brings. Other runtimes run the
/// model too, by standard operators.
/// </summary>
public static class EnginePasses
{
    /// <summary>Applies them all.</summary>
    /// <returns>What was done, in words; nothing where no pass found what it looks for.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the model was not sound.</exception>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        List<string> done = [.. ExactPasses.Apply(model)];
        int layers = DenseLayers.Apply(model), convolutions = WinogradConvolutions.Apply(model), joins = DenseClamps.Apply(model);
        if (layers > 0)
            done.Add($"{layers} dense layers became one operator each");
        if (convolutions > 0)
            done.Add($"{convolutions} convolutions of 3 x 3 use Winograd's algorithm");
        if (joins > 0)
            done.Add($"{joins} concatenations and the bounds behind them became one operator each");
        if (layers + convolutions + joins > 0)
            GraphChecker.Check(model, allowUnknownOperators: true);
        return done;
    }
}

/// <summary>
/// The passes that leave a model's results as they are, to the rounding of its numbers: they may be applied to any model, and are of use to
/// every runtime and processor.
/// </summary>
public static class ExactPasses
{
    /// <summary>Applies them all.</summary>
    /// <returns>What was done, in words; nothing where no pass found what it looks for.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the model was not sound.</exception>
    public static IReadOnlyList<string> Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        List<string> done = [];
        if (FoldBatchNormalization.Apply(model) is > 0 and int folded)
            done.Add($"{folded} batch normalizations became part of the convolutions before them");
        if (PoolBeforeConvolution.Apply(model) is > 0 and int moved)
            done.Add($"{moved} average poolings were moved ahead of 1 x 1 convolutions");
        if (done.Count > 0)
            GraphChecker.Check(model, allowUnknownOperators: true);
        return done;
    }
}
