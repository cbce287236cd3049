namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>Operators that arrange elements anew and change none.</summary>
static class LayoutGradient
{
    public static void Reshape(GradientNode node) => node.Pass(0, node.Graph.Reshaped(node.Gradient, node.Output, node.Input(0)));

    public static void Transpose(GradientNode node)
    {
        int rank = node.InputShape(0).Rank;
        long[] order = node.Attributes.GetInts("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
        long[] back = new long[rank];
        for (int i = 0; i < rank; i++)
            back[order[i]] = i;
        node.Pass(0, node.Graph.Transpose(node.Gradient, back));
    }

    public static void Concat(GradientNode node)
    {
        int axis = GradientNode.Axis(node.Attributes.GetInt("axis", 0), node.OutputShape.Rank);
        bool same = node.Graph.ShapeOf(node.Gradient)![axis] == new OnnxDimension(1); // one gradient for all along the axis
        long start = 0;
        for (int i = 0; i < node.InputCount; i++)
        {
            long length = node.Length(node.InputShape(i), axis);
            if (node.IsActive(i))
                node.Pass(i, same ? node.Gradient : node.Graph.Slice(node.Gradient, axis, start, start + length));
            start += length;
        }
    }
}
