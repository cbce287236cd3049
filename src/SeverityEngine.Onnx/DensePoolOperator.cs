namespace SeverityEngine.Onnx;

/// <summary>
/// The operator that ends a DenseNet's block in 8 bits: to X <c>[N, H, W, S]</c>, M <c>[N, H, W, G]</c> and constants floor and ceiling
/// <c>[C]</c>, S at least C and C at least G, all uint8, it takes X's first C - G channels and those of M behind them, each within its
/// bounds as <see cref="DenseClampOperator"/> says, and gives the average of every 2 x 2 pixels <c>[N, H / 2, W / 2, C]</c>, rounded to the
/// nearest, halves to the even number; a last row or column without a second is left out. A model that uses it carries it as a function of
/// standard operators too, so that any runtime can run the file.
/// </summary>
public static class DensePoolOperator
{
    /// <summary>The operator's name in the domain <see cref="WinogradOperator.Domain"/>, in its version.</summary>
    public const string OpType = "DensePool";
}
