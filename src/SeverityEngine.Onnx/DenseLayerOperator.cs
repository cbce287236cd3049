namespace SeverityEngine.Onnx;

/// <summary>
/// The operator that is a DenseNet's layer (Huang et al. 2017, arXiv 1608.06993), in place: of X <c>[N, H, W, S]</c> it reads the first C
/// channels and puts G new ones behind them; those that follow stay. With constants scale <c>[C]</c>, shift <c>[C]</c>, W1
/// <c>[M, C, 1, 1]</c>, B1 <c>[M]</c> and W2 <c>[G, M, 3, 3]</c>, S at least C + G, all float32, the new ones are
/// <c>conv3x3(W2, relu(conv1x1(W1, relu(scale x + shift)) + B1))</c>, padding 1 on each side. A model that uses it carries it as a function
/// of standard operators too, so that any runtime can run the file.
/// </summary>
public static class DenseLayerOperator
{
    /// <summary>The operator's name in the domain <see cref="WinogradOperator.Domain"/>, in its version.</summary>
    public const string OpType = "DenseLayer";
}
