namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>
/// Operators that work on each element by itself, and arithmetic with broadcasting. Where a derivative can be told from what a node made,
/// it is told from that: the runtime can then still fuse the node with the convolution before it.
/// </summary>
static class ElementwiseGradient
{
    public static void Identity(GradientNode node) => node.Pass(0, node.Gradient);

    public static void Neg(GradientNode node) => node.Pass(0, node.Graph.Neg(node.Gradient));

    /// <summary>A positive result lets the gradient through.</summary>
    public static void Relu(GradientNode node) => node.Pass(0, node.Graph.Mul(node.Gradient, node.Graph.IsPositive(node.Output)));

    /// <summary>A result between the bounds lets the gradient through.</summary>
    public static void Clip(GradientNode node)
    {
        GradientGraph graph = node.Graph;
        if (node.IsActive(1) || node.IsActive(2))
            node.Fail("has bounds that depend on the image");
        string gradient = node.Gradient;
        if (node.Node.Input(1) is { } least)
            gradient = graph.Mul(gradient, graph.IsPositive(graph.Sub(node.Output, least)));
        if (node.Node.Input(2) is { } most)
            gradient = graph.Mul(gradient, graph.IsPositive(graph.Sub(most, node.Output)));
        node.Pass(0, gradient);
    }

    /// <summary>y' = y (1 - y).</summary>
    public static void Sigmoid(GradientNode node)
    {
        GradientGraph graph = node.Graph;
        node.Pass(0, graph.Mul(node.Gradient, graph.Sub(node.Output, graph.Mul(node.Output, node.Output))));
    }

    /// <summary>With the statistics of training held fast, a factor for each channel.</summary>
    public static void BatchNormalization(GradientNode node)
    {
        if (node.Attributes.GetInt("training_mode", 0) != 0)
            node.Fail("normalizes by the batch at hand (training_mode)");
        if (Enumerable.Range(1, 4).Any(node.IsActive))
            node.Fail("has parameters that depend on the image");
        double epsilon = node.Attributes.GetFloat("epsilon", 1e-5f);
        double[] scale = GradientGraph.Numbers(node.Constant(1)), variance = GradientGraph.Numbers(node.Constant(4));
        long[] shape = [.. Enumerable.Repeat(1L, node.InputShape(0).Rank - 1)];
        shape[0] = scale.Length;
        node.Pass(
            0, node.Graph.Mul(node.Gradient, node.Graph.Constant(shape, [.. scale.Zip(variance, (s, v) => s / Math.Sqrt(v + epsilon))])));
    }

    public static void Add(GradientNode node)
    {
        PassTo(node, 0, g => g);
        PassTo(node, 1, g => g);
    }

    public static void Sub(GradientNode node)
    {
        PassTo(node, 0, g => g);
        PassTo(node, 1, node.Graph.Neg);
    }

    public static void Mul(GradientNode node)
    {
        PassTo(node, 0, g => node.Graph.Mul(g, node.Input(1)));
        PassTo(node, 1, g => node.Graph.Mul(g, node.Input(0)));
    }

    /// <summary>For y = a / b: 1 / b, and -y / b.</summary>
    public static void Div(GradientNode node)
    {
        PassTo(node, 0, g => node.Graph.Div(g, node.Input(1)));
        PassTo(node, 1, g => node.Graph.Neg(node.Graph.Div(node.Graph.Mul(g, node.Output), node.Input(1))));
    }

    static void PassTo(GradientNode node, int index, Func<string, string> gradient)
    {
        if (node.IsActive(index))
            node.Pass(index, node.Graph.Unbroadcast(gradient(node.Gradient), node.Output, node.InputShape(index)));
    }
}
