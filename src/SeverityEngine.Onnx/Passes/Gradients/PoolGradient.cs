namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>Operators that draw several elements together.</summary>
static class PoolGradient
{
    /// <summary>Each window's gradient goes to where its largest element stood; where windows overlap, they add up.</summary>
    public static void MaxPool(GradientNode node)
    {
        GradientGraph graph = node.Graph;
        if (node.Attributes.GetInt("storage_order", 0) != 0)
            node.Fail("counts columns first (storage_order)");
        WindowAxis[] axes = WindowAxis.Of(node, node.Attributes.GetInts("kernel_shape"));
        bool overlap = axes.Any(a => a.Extent > a.Stride);
        if (overlap)
            graph.NeedOpset(16, $"{node.Node} with overlapping windows");
        string indices = node.Node.Outputs is [_, { Length: > 0 } made] ? made : graph.AddSecondOutput(node.Node, $"{node.Output}.indices");
        string sums = graph.ScatterAdd(graph.Full(node.Gradient, node.Output), indices, node.Input(0), overlap);
        OnnxShape shape = node.InputShape(0);
        node.Pass(0, graph.Reshape(sums, [-1, node.Length(shape, 1), axes[0].Length, axes[1].Length]));
    }

    /// <summary>Each window's gradient goes to all its elements alike.</summary>
    public static void AveragePool(GradientNode node)
    {
        GradientGraph graph = node.Graph;
        WindowAxis[] axes = WindowAxis.Of(node, node.Attributes.GetInts("kernel_shape"));
        WindowAxis h = axes[0], w = axes[1];
        long channels = node.Length(node.InputShape(0), 1);
        bool countPads = node.Attributes.GetInt("count_include_pad", 0) != 0;
        double[] countsH = Counts(h, countPads), countsW = Counts(w, countPads);
        bool areSame = countsH.All(c => c == countsH[0]) && countsW.All(c => c == countsW[0]);
        string gradient = graph.Dense(node.Gradient, node.OutputShape);
        double share = areSame ? 1 / (countsH[0] * countsW[0]) : 1;
        if (!areSame)
            gradient = graph.Mul(
                gradient, graph.Constant([1, 1, h.Positions, w.Positions], [.. countsH.SelectMany(y => countsW.Select(x => 1 / (y * x)))]));

        if (Tiles(h) && Tiles(w))
        {
            // Windows side by side: each value is repeated over its window.
            gradient = graph.Reshape(gradient, [0, channels, h.Positions, 1, w.Positions, 1]);
            double[] shares = new double[h.Kernel * w.Kernel];
            Array.Fill(shares, share);
            gradient = graph.Mul(gradient, graph.Constant([1, 1, 1, h.Kernel, 1, w.Kernel], shares));
            gradient = graph.Reshape(gradient, [0, channels, h.Positions * h.Kernel, w.Positions * w.Kernel]);
            node.Pass(0, graph.Pad(gradient, [0, 0, 0, 0, 0, 0, h.Length - (h.Positions * h.Kernel), w.Length - (w.Positions * w.Kernel)]));
            return;
        }
        // The transpose of a convolution of each channel with a constant kernel.
        double[] kernel = new double[channels * h.Kernel * w.Kernel];
        Array.Fill(kernel, share);
        node.Pass(0, ConvGradient.Transposed(node, gradient, kernel, channels, channels, channels, axes));
    }

    public static void GlobalAveragePool(GradientNode node)
    {
        OnnxShape shape = node.InputShape(0);
        long count = 1;
        for (int axis = 2; axis < shape.Rank; axis++)
            count *= node.Length(shape, axis);
        node.Pass(0, node.Graph.Mul(node.Gradient, node.Graph.Number(1.0 / count)));
    }

    public static void ReduceMean(GradientNode node) => Reduce(node, isMean: true);

    public static void ReduceSum(GradientNode node) => Reduce(node, isMean: false);

    static void Reduce(GradientNode node, bool isMean)
    {
        OnnxShape shape = node.InputShape(0);
        long[]? stated = node.Attributes.GetInts("axes") ?? node.Indices(1);
        if (stated is null or [] && node.Attributes.GetInt("noop_with_empty_axes", 0) != 0)
        {
            node.Pass(0, node.Gradient);
            return;
        }
        if (stated is null or [])
            stated = [.. Enumerable.Range(0, shape.Rank)];
        long[] axes = [.. stated.Select(a => (long)GradientNode.Axis(a, shape.Rank)).Order()];
        string gradient = node.Gradient;
        if (node.Attributes.GetInt("keepdims", 1) == 0)
            gradient = node.Graph.Unsqueeze(gradient, axes);
        if (isMean)
        {
            long count = axes.Aggregate(1L, (product, a) => product * node.Length(shape, (int)a));
            gradient = node.Graph.Mul(gradient, node.Graph.Number(1.0 / count));
        }
        node.Pass(0, gradient);
    }

    static bool Tiles(WindowAxis axis) => axis is { Before: 0, Dilation: 1 } && axis.Kernel == axis.Stride;

    /// <summary>By how many elements each window divides: those in the image, or in the image and its padding, but never beyond.</summary>
    static double[] Counts(WindowAxis axis, bool countPads)
    {
        double[] counts = new double[axis.Positions];
        long first = countPads ? -axis.Before : 0, end = axis.Length + (countPads ? axis.After : 0);
        for (long position = 0; position < axis.Positions; position++)
        {
            for (long element = 0; element < axis.Kernel; element++)
            {
                long place = (position * axis.Stride) - axis.Before + (element * axis.Dilation);
                if (place >= first && place < end)
                    counts[position]++;
            }
        }
        return counts;
    }
}
