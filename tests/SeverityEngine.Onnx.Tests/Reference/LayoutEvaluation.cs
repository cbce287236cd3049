namespace SeverityEngine.Onnx.Tests.Reference;

/// <summary>Operators that move elements, for <see cref="DoubleInterpreter"/>.</summary>
static class LayoutEvaluation
{
    public static DoubleTensor[] Run(OnnxNode node, DoubleTensor?[] inputs)
    {
        DoubleTensor x = inputs[0]!;
        return [node.OpType switch
        {
            "Flatten" => x with { Shape =
                [DoubleTensor.Product(x.Shape.Take(Axis(node, 1, x.Rank))), DoubleTensor.Product(x.Shape.Skip(Axis(node, 1, x.Rank)))] },
            "Reshape" => Reshape(x, inputs[1]!.Indices()),
            "Squeeze" => x with { Shape = [.. x.Shape.Where((_, i) => !Axes(inputs[1]!, x.Rank).Contains(i))] },
            "Unsqueeze" => Unsqueeze(x, inputs[1]!),
            "Transpose" =>
            Transpose(x, node.Attributes.GetInts("perm")?.Select(p => (int)p).ToArray() ?? [.. Enumerable.Range(0, x.Rank).Reverse()]),
            "Concat" => Concat([.. inputs.Select(i => i!)], Axis(node, 0, x.Rank)),
            "Slice" => Slice(x, inputs),
            "Gather" => Gather(x, inputs[1]!, Axis(node, 0, x.Rank)),
            "Pad" => Pad(x, inputs[1]!.Indices()),
            "Shape" => new DoubleTensor([x.Rank], [.. x.Shape.Select(d => (double)d)]),
            "ConstantOfShape" => DoubleTensor.Zeros(x.Indices()),
            "ScatterElements" => Scatter(x, inputs[1]!, inputs[2]!, node.Attributes.GetText("reduction") == "add"),
            _ => throw new NotSupportedException(node.ToString()),
        }];
    }

    public static DoubleTensor Transpose(DoubleTensor x, int[] order)
    {
        int[] strides = x.Strides();
        return Fill([.. order.Select(i => x.Shape[i])], place => x.Values[order.Select((axis, i) => place[i] * strides[axis]).Sum()]);
    }

    static int Axis(OnnxNode node, long absent, int rank)
    {
        int axis = (int)node.Attributes.GetInt("axis", absent);
        return axis < 0 ? axis + rank : axis;
    }

    static int[] Axes(DoubleTensor axes, int rank) => [.. axes.Indices().Select(a => a < 0 ? a + rank : a)];

    static DoubleTensor Reshape(DoubleTensor x, int[] shape)
    {
        int[] given = [.. shape.Select((d, i) => d == 0 ? x.Shape[i] : d)];
        return x with { Shape = [.. given.Select(d => d == -1 ? x.Count / -DoubleTensor.Product(given) : d)] };
    }

    static DoubleTensor Unsqueeze(DoubleTensor x, DoubleTensor axes)
    {
        List<int> shape = [.. x.Shape];
        foreach (int axis in Axes(axes, x.Rank + axes.Count).Order())
            shape.Insert(axis, 1);
        return x with { Shape = [.. shape] };
    }

    static DoubleTensor Concat(DoubleTensor[] parts, int axis)
    {
        int[] shape = [.. parts[0].Shape];
        shape[axis] = parts.Sum(p => p.Shape[axis]);
        return Fill(shape, place =>
        {
            int at = place[axis], part = 0;
            while (at >= parts[part].Shape[axis])
                at -= parts[part++].Shape[axis];
            return At(parts[part], [.. place[..axis], at, .. place[(axis + 1)..]]);
        });
    }

    static DoubleTensor Slice(DoubleTensor x, DoubleTensor?[] inputs)
    {
        int[] starts = inputs[1]!.Indices(), ends = inputs[2]!.Indices();
        int[] axes = inputs.ElementAtOrDefault(3) is { } given ? Axes(given, x.Rank) : [.. Enumerable.Range(0, starts.Length)];
        int[] steps = inputs.ElementAtOrDefault(4)?.Indices() ?? [.. Enumerable.Repeat(1, starts.Length)];
        for (int i = 0; i < axes.Length; i++)
        {
            int length = x.Shape[axes[i]], step = steps[i];
            int start = starts[i] < 0 ? starts[i] + length : starts[i], end = ends[i] < 0 ? ends[i] + length : ends[i];
            List<int> kept = [];
            for (long at = step > 0 ? Math.Max(0, start) : Math.Min(length - 1, start);
                step > 0 ? at < Math.Min(length, end) : at > Math.Max(-1, end); at += step)
                kept.Add((int)at);
            x = Gather(x, new DoubleTensor([kept.Count], [.. kept.Select(k => (double)k)]), axes[i]);
        }
        return x;
    }

    static DoubleTensor Gather(DoubleTensor x, DoubleTensor indices, int axis)
    {
        int[] places = Axes(indices, x.Shape[axis]);
        int[] strides = indices.Strides();
        return Fill([.. x.Shape.Take(axis), .. indices.Shape, .. x.Shape.Skip(axis + 1)], place =>
        {
            int at = place[axis..(axis + indices.Rank)].Zip(strides, (p, s) => p * s).Sum();
            return At(x, [.. place[..axis], places[at], .. place[(axis + indices.Rank)..]]);
        });
    }

    static DoubleTensor Pad(DoubleTensor x, int[] pads) => Fill([.. x.Shape.Select((d, i) => d + pads[i] + pads[i + x.Rank])], place =>
    {
        int[] from = [.. place.Select((p, i) => p - pads[i])];
        return from.Zip(x.Shape).All(p => p.First >= 0 && p.First < p.Second) ? At(x, from) : 0;
    });

    static DoubleTensor Scatter(DoubleTensor x, DoubleTensor indices, DoubleTensor updates, bool add)
    {
        Assert.Equal(1, x.Rank);
        double[] values = [.. x.Values];
        for (int i = 0; i < indices.Count; i++)
            values[(int)indices.Values[i]] = updates.Values[i] + (add ? values[(int)indices.Values[i]] : 0);
        return x with { Values = values };
    }

    static double At(DoubleTensor x, int[] place)
    {
        int at = 0;
        for (int i = 0; i < place.Length; i++)
            at = (at * x.Shape[i]) + place[i];
        return x.Values[at];
    }

    static DoubleTensor Fill(int[] shape, Func<int[], double> value)
    {
        DoubleTensor result = DoubleTensor.Zeros(shape);
        int[] place = new int[shape.Length];
        for (int i = 0; i < result.Count; i++)
        {
            result.Values[i] = value(place);
            for (int axis = shape.Length - 1; axis >= 0 && ++place[axis] == shape[axis]; axis--)
                place[axis] = 0;
        }
        return result;
    }
}
