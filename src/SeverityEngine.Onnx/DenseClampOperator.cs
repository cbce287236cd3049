namespace SeverityEngine.Onnx;

/// <summary>
/// The operator that gives a DenseNet's layer in 8 bits what it reads, and takes up what the layer before made, in place: to X
/// <c>[N, H, W, S]</c>, M <c>[N, H, W, G]</c> and constants floor and ceiling <c>[C]</c>, S at least C and C at least G, all uint8, the
/// first result is X with M for its channels C - G to C; those that follow stay. The second is its first C channels <c>[N, H, W, C]</c>,
/// <c>min(max(x, floor), ceiling)</c>: with scales that differ from channel to channel, normalization and ReLU are no more than that. A
/// model that uses it carries it as a function of standard operators too, so that any runtime can run the file.
/// </summary>
public static class DenseClampOperator
{
    /// <summary>The operator's name in the domain <see cref="WinogradOperator.Domain"/>, in its version.</summary>
    public const string OpType = "DenseClamp";
}
