namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Average pooling behind a 1 x 1 convolution is moved ahead of it. Both are linear and the one works along the image while the other works
/// along the channels, so their order does not matter; but the convolution then runs on the pooled pixels alone, a quarter of them for 2 x
/// 2.
/// </summary>
/// <remarks>
/// DenseNet's transitions are made this way round. Pooling with padding is left alone where a bias would have been averaged with the
/// padding, and so is a convolution that others read too.
/// </remarks>
public static class PoolBeforeConvolution
{
    /// <summary>Applies the pass.</summary>
    /// <returns>How many poolings were moved.</returns>
    public static int Apply(OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        int moved = 0;
        foreach (OnnxNode pool in graph.Nodes.Where(n => n.Is("AveragePool")).ToArray())
        {
            if (graph.Producer(pool.Inputs[0]) is not { } conv || !conv.IsPointwiseConv(graph)
                || !graph.TryGetOnlyConsumer(conv.Outputs[0], out _) || !pool.IsPlainWindow() || !pool.MakesFewerPixels())
            {
                continue;
            }
            string pooled = graph.FreshName($"{pool.Outputs[0]}.input"), result = pool.Outputs[0];
            pool.SetInput(0, conv.Inputs[0]);
            pool.SetOutput(0, pooled);
            conv.SetInput(0, pooled);
            conv.SetOutput(0, result);
            moved++;
        }
        if (moved > 0)
        {
            graph.ForgetDeclaredValues();
            graph.SortTopologically();
        }
        return moved;
    }
}
