namespace SeverityEngine.Onnx;

/// <summary>
/// The operator that makes room for the channels of a DenseNet's block: X <c>[N, H, W, C]</c>, float or uint8, and a constant R of int64
/// <c>[1]</c>, above 0, give <c>[N, H, W, C + R]</c>, X's channels and zeros behind them. A model that uses it carries it as a function of
/// standard operators too, so that any runtime can run the file.
/// </summary>
public static class DenseRoomOperator
{
    /// <summary>The operator's name in the domain <see cref="WinogradOperator.Domain"/>, in its version.</summary>
    public const string OpType = "DenseRoom";
}
