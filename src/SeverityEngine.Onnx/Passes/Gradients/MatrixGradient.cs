namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>Matrix products: for y = a b the gradients are g bᵀ and aᵀ g.</summary>
static class MatrixGradient
{
    public static void Gemm(GradientNode node)
    {
        GradientGraph graph = node.Graph;
        bool transA = node.Attributes.GetInt("transA", 0) != 0, transB = node.Attributes.GetInt("transB", 0) != 0;
        float alpha = node.Attributes.GetFloat("alpha", 1), beta = node.Attributes.GetFloat("beta", 1);
        if (node.IsActive(0))
        {
            // One gradient for all rows gives one for all rows of a; of a transposed a, whose rows stand in columns, likewise.
            string gradient = graph.Dense(node.Gradient, node.OutputShape);
            node.Pass(0, transA
                ? graph.Gemm(node.Input(1), gradient, transB, true, alpha)
                : graph.Gemm(gradient, node.Input(1), false, !transB, alpha));
        }
        if (node.IsActive(1))
        {
            string gradient = graph.Full(node.Gradient, node.Output);
            node.Pass(1, transB
                ? graph.Gemm(gradient, node.Input(0), true, transA, alpha)
                : graph.Gemm(node.Input(0), gradient, !transA, false, alpha));
        }
        if (node.IsActive(2))
        {
            string gradient = graph.Unbroadcast(node.Gradient, node.Output, node.InputShape(2));
            node.Pass(2, beta == 1 ? gradient : graph.Mul(gradient, graph.Number(beta)));
        }
    }

    public static void MatMul(GradientNode node)
    {
        GradientGraph graph = node.Graph;
        OnnxShape left = node.InputShape(0), right = node.InputShape(1);
        string a = node.Input(0), b = node.Input(1);
        string gradient = node.IsActive(1) ? graph.Full(node.Gradient, node.Output) : graph.Dense(node.Gradient, node.OutputShape);
        // A vector is a row on the left and a column on the right; its dimension is put back first.
        if (right.Rank == 1)
        {
            b = graph.Unsqueeze(b, [1]);
            gradient = graph.Unsqueeze(gradient, [-1]);
        }
        if (left.Rank == 1)
        {
            a = graph.Unsqueeze(a, [0]);
            gradient = graph.Unsqueeze(gradient, [-2]);
        }
        if (node.IsActive(0))
        {
            string product = graph.MatMul(gradient, Turned(graph, b));
            product = graph.Unbroadcast(product, product, graph.ShapeOf(a)!);
            node.Pass(0, left.Rank == 1 ? graph.Squeeze(product, [0]) : product);
        }
        if (node.IsActive(1))
        {
            string product = graph.MatMul(Turned(graph, a), gradient);
            product = graph.Unbroadcast(product, product, graph.ShapeOf(b)!);
            node.Pass(1, right.Rank == 1 ? graph.Squeeze(product, [1]) : product);
        }
    }

    static string Turned(GradientGraph graph, string matrix)
    {
        int rank = graph.ShapeOf(matrix)!.Rank;
        long[] order = [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return graph.Transpose(matrix, order);
    }
}
