namespace SeverityEngine.Onnx;

/// <summary>
/// The operator that convolves by Winograd's minimal filtering, F(4 x 4, 3 x 3) (Lavin and Gray 2015, arXiv 1509.09308):
/// X <c>[N, H, W, C]</c> and W <c>[M, C, 3, 3]</c>, a constant in ONNX's own layout, to Y <c>[N, H, W, M]</c>, all
/// float32; stride 1, padding 1 on each side, no bias. A model that uses it carries it as a function of standard
/// operators too, so that any runtime can run the file.
/// </summary>
public static class WinogradOperator
{
    /// <summary>The domain of the operator: <c>severity</c>.</summary>
    public const string Domain = "severity";

    /// <summary>The operator's name in its domain.</summary>
    public const string OpType = "WinogradConv";

    /// <summary>The version of the domain among a model's operator sets.</summary>
    public const int Version = 1;
}
