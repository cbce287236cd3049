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

/// <summary>Operators that take a part of a tensor, or set it in a larger one.</summary>
static class SelectionGradient
{
    public static void Slice(GradientNode node)
    {
        OnnxShape shape = node.InputShape(0);
        long[] starts = node.Indices(1) ?? [], ends = node.Indices(2) ?? [];
        long[] axes = node.Indices(3) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = node.Indices(4) ?? [.. Enumerable.Repeat(1L, starts.Length)];
        string gradient = node.Gradient;
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = GradientNode.Axis(axes[i], shape.Rank);
            if (starts[i] == 0 && ends[i] >= int.MaxValue && steps[i] == 1)
                continue; // the whole axis, whatever its length
            gradient = Scattered(node, gradient, axis, Places(node.Length(shape, axis), starts[i], ends[i], steps[i]), shape[axis].Length);
        }
        node.Pass(0, gradient);
    }

    public static void Gather(GradientNode node)
    {
        OnnxShape shape = node.InputShape(0);
        int axis = GradientNode.Axis(node.Attributes.GetInt("axis", 0), shape.Rank);
        long length = node.Length(shape, axis);
        OnnxTensor indices = node.Constant(1);
        long[] places = [.. indices.ToIndices().Select(i => i < 0 ? i + length : i)];
        string gradient = node.Gradient;
        if (indices.Dimensions.Count == 0)
        {
            gradient = node.Graph.Unsqueeze(gradient, [axis]);
        }
        else if (indices.Dimensions.Count > 1)
        {
            // The indices' axes become one.
            OnnxShape made = node.OutputShape;
            gradient = node.Graph.Dense(gradient, made);
            long[] joined = [.. made.Take(axis).Select(Given), places.Length, .. made.Skip(axis + indices.Dimensions.Count).Select(Given)];
            if (joined.Count(l => l < 0) > 1)
                node.Fail($"makes {made}, of which more than one length is not fixed");
            gradient = node.Graph.Reshape(gradient, joined);
        }
        node.Pass(0, Scattered(node, gradient, axis, places, length));

        static long Given(OnnxDimension dimension) => dimension.IsFixed ? dimension.Length : -1;
    }

    public static void Pad(GradientNode node)
    {
        if (node.Attributes.GetText("mode") is not (null or "constant"))
            node.Fail($"pads by '{node.Attributes.GetText("mode")}', where 'constant' is supported");
        int rank = node.InputShape(0).Rank;
        long[] pads = node.Indices(1) ?? [];
        long[] axes = node.Indices(3) ?? [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        long[] cut = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = GradientNode.Axis(axes[i], rank);
            (cut[axis], cut[axis + rank]) = (-pads[i], -pads[i + axes.Length]);
        }
        node.Pass(0, node.Graph.Pad(node.Graph.Dense(node.Gradient, node.OutputShape), cut));
    }

    /// <summary>Sets each slice of a gradient at its place along an axis of this length; places named twice get the sum.</summary>
    /// <remarks>
    /// In place of a scatter, each place gathers what it is to have: a runtime does that faster, and it needs no batch size.
    /// </remarks>
    static string Scattered(GradientNode node, string gradient, int axis, long[] places, long length)
    {
        GradientGraph graph = node.Graph;
        OnnxShape shape = graph.ShapeOf(gradient)!;
        if (shape[axis] != new OnnxDimension(places.Length))
            gradient = graph.Dense(gradient, shape.With(axis, places.Length));
        bool isRun = places.Length > 0 && places.Select((p, i) => p == places[0] + i).All(b => b);
        if (isRun)
            return graph.Pad(gradient, axis, places[0], length - places[^1] - 1);

        ILookup<long, int> sources = Enumerable.Range(0, places.Length).ToLookup(i => places[i]);
        int most = Math.Max(1, places.Length == 0 ? 1 : sources.Max(s => s.Count()));
        long[] indices = new long[length * most];
        Array.Fill(indices, places.Length); // where nothing goes, the zero that is put at the end
        for (long place = 0; place < length; place++)
        {
            long at = place * most;
            foreach (int source in sources[place])
                indices[at++] = source;
        }
        gradient = graph.Pad(gradient, axis, 0, 1);
        return most == 1
            ? graph.Gather(gradient, axis, [length], indices)
            : graph.ReduceSum(graph.Gather(gradient, axis, [length, most], indices), [axis + 1], keepDimensions: false);
    }

    /// <summary>The places that a slice takes, as Python counts them.</summary>
    static long[] Places(long length, long start, long end, long step)
    {
        step = Math.Clamp(step, -length - 1, length + 1); // a longer step takes the same one element
        start = start < 0 ? start + length : start;
        end = end < 0 ? end + length : end;
        start = step > 0 ? Math.Clamp(start, 0, length) : Math.Clamp(start, 0, length - 1);
        end = step > 0 ? Math.Clamp(end, 0, length) : Math.Clamp(end, -1, length - 1);
        List<long> places = [];
        for (long place = start; step > 0 ? place < end : place > end; place += step)
            places.Add(place);
        return [.. places];
    }
}
