using SeverityEngine.Onnx.Graphs;

namespace SeverityEngine.Onnx.Shapes;

/// <summary>Operators that arrange elements anew and change none.</summary>
static class LayoutShapes
{
    public static void Constant(OperatorContext context)
    {
        OnnxTensor? value = context.Node.ConstantValue();
        context.Output(0, value?.ElementType ?? OnnxElementType.Undefined, value?.Shape);
    }

    public static void ConstantOfShape(OperatorContext context) => context.Output(0,
        context.Attributes.GetTensor("value")?.ElementType ?? OnnxElementType.Float32,
        context.ConstantIndices(0) is { } lengths ? OnnxShape.Of(lengths) : null);

    public static void Expand(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        OnnxShape? shape = input.Shape is { } from && context.ConstantIndices(1) is { } wanted
            ? ElementwiseShapes.Broadcast(context, from, OnnxShape.Of(wanted))
            : null;
        context.Output(0, input.ElementType, shape);
    }

    public static void Shape(OperatorContext context)
    {
        if (context.Input(0).Shape is not { } shape)
        {
            context.Output(0, OnnxElementType.Int64, [default]);
            return;
        }
        (int start, int end) = PartOf(context, shape);
        context.Output(0, OnnxElementType.Int64, [Math.Max(0, end - start)]);
    }

    /// <summary>From version 15 on a part of the shape can be asked for; places beyond it mean its ends.</summary>
    public static (int Start, int End) PartOf(OperatorContext context, OnnxShape shape)
    {
        return (Place(context.Attributes.GetInt("start", 0)), Place(context.Attributes.GetInt("end", shape.Rank)));

        int Place(long place) => (int)Math.Clamp(place < 0 ? place + shape.Rank : place, 0, shape.Rank);
    }

    public static void Tile(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        long[]? repeats = context.ConstantIndices(1);
        if (input.Shape is not { } shape || repeats is null)
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        if (repeats.Length != shape.Rank || repeats.Any(r => r is < 0 or > int.MaxValue))
            context.Fail($"repeats {shape} [{string.Join(", ", repeats)}] times");
        context.Output(0, input.ElementType, new OnnxShape(shape.Select((d, i) =>
            repeats[i] == 1 ? d : d.IsFixed ? checked(d.Length * repeats[i]) : default(OnnxDimension))));
    }

    public static void Concat(OperatorContext context)
    {
        OnnxElementType type = context.CommonType([.. Enumerable.Range(0, context.InputCount)]);
        long stated = context.Attributes.GetInt("axis") ?? long.MaxValue;
        if (stated == long.MaxValue)
            context.Fail("lacks the attribute 'axis'");
        OnnxShape? joined = context.Input(0).Shape;
        for (int i = 1; i < context.InputCount && joined is not null; i++)
        {
            OnnxShape? next = context.Input(i).Shape;
            if (next is null)
            {
                joined = null;
                break;
            }
            if (next.Rank != joined.Rank)
                context.Fail($"joins {joined} and '{context.Input(i).Name}' of {next}");
            int axis = context.Axis(stated, joined.Rank);
            OnnxDimension[] dimensions = new OnnxDimension[joined.Rank];
            for (int d = 0; d < dimensions.Length; d++)
            {
                if (d == axis)
                    dimensions[d] = joined[d].IsFixed && next[d].IsFixed ? joined[d].Length + next[d].Length : default(OnnxDimension);
                else if (!joined[d].Agrees(next[d]))
                    context.Fail($"joins {joined} and '{context.Input(i).Name}' of {next} along axis {axis}");
                else
                    dimensions[d] = joined[d].Merge(next[d]);
            }
            joined = new OnnxShape(dimensions);
        }
        if (joined is not null)
            context.Axis(stated, joined.Rank);
        context.Output(0, type, joined);
    }

    public static void Flatten(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        if (input.Shape is not { } shape)
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        long axis = context.Attributes.GetInt("axis", 1);
        int split = axis == shape.Rank ? shape.Rank : context.Axis(axis, shape.Rank);
        context.Output(0, input.ElementType, [Product(shape.Take(split)), Product(shape.Skip(split))]);
    }

    public static void Reshape(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        if (context.ConstantIndices(1) is not { } wanted)
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        bool zeroIsZero = context.Attributes.GetInt("allowzero", 0) != 0;
        OnnxDimension[] dimensions = new OnnxDimension[wanted.Length];
        int open = -1;
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] < -1 || (wanted[i] == -1 && open >= 0))
                context.Fail($"cannot give the shape {OnnxShape.Of(wanted)}");
            if (wanted[i] == -1)
                open = i;
            else if (wanted[i] != 0 || zeroIsZero)
                dimensions[i] = wanted[i];
            else if (input.Shape is { } source)
                dimensions[i] = i < source.Rank ? source[i] : throw new OnnxException(OnnxFault.Invalid,
                    $"{context.Node} keeps dimension {i} of {source}, which it does not have");
        }
        if (input.Shape is { } from)
            Solve(context, from, dimensions, open);
        context.Output(0, input.ElementType, new OnnxShape(dimensions));
    }

    public static void Transpose(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        if (input.Shape is not { } shape)
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        long[] order = context.Attributes.GetInts("perm") ?? [.. Enumerable.Range(0, shape.Rank).Reverse().Select(i => (long)i)];
        if (order.Length != shape.Rank || !order.Order().SequenceEqual(Enumerable.Range(0, shape.Rank).Select(i => (long)i)))
            context.Fail($"has the order [{string.Join(", ", order)}] for {shape.Rank} dimensions");
        context.Output(0, input.ElementType, new OnnxShape(order.Select(i => shape[(int)i])));
    }

    public static void Squeeze(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        long[]? stated = context.Indices("axes", 1);
        if (input.Shape is not { } shape || (stated is null && (context.Has(1) || !shape.All(d => d.IsFixed))))
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        HashSet<int> axes = stated is not null
            ? [.. stated.Select(a => context.Axis(a, shape.Rank))]
            : [.. Enumerable.Range(0, shape.Rank).Where(i => shape[i].Length == 1)];
        foreach (int axis in axes.Where(a => !shape[a].Agrees(1)))
            context.Fail($"squeezes axis {axis} of {shape}");
        context.Output(0, input.ElementType, new OnnxShape(shape.Where((_, i) => !axes.Contains(i))));
    }

    public static void Unsqueeze(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        if (input.Shape is not { } shape || context.Indices("axes", 1) is not { } stated)
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        int rank = shape.Rank + stated.Length;
        HashSet<int> axes = [.. stated.Select(a => context.Axis(a, rank))];
        if (axes.Count != stated.Length)
            context.Fail("adds the same axis twice");
        Queue<OnnxDimension> rest = new(shape);
        context.Output(0, input.ElementType, new OnnxShape(Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : rest.Dequeue())));
    }

    /// <summary>The product of dimensions as far as it can be told: a number, one symbol, or unknown.</summary>
    static OnnxDimension Product(IEnumerable<OnnxDimension> dimensions)
    {
        OnnxDimension product = 1;
        foreach (OnnxDimension dimension in dimensions)
        {
            if (product.IsFixed && product.Length == 1)
                product = dimension;
            else if (product.IsFixed && dimension.IsFixed)
                product = checked(product.Length * dimension.Length);
            else if (!dimension.IsFixed || dimension.Length != 1)
                return default;
        }
        return product;
    }

    /// <summary>Finds the open dimension, or checks that the two shapes hold as many elements. Symbols on both sides cancel.</summary>
    static void Solve(OperatorContext context, OnnxShape from, OnnxDimension[] to, int open)
    {
        List<OnnxDimension> left = [.. from], right = [.. to.Where((_, i) => i != open)];
        foreach (OnnxDimension dimension in right.Where(d => !d.IsFixed && !d.IsUnknown).ToArray())
        {
            if (left.Remove(dimension))
                right.Remove(dimension);
        }
        OnnxDimension have = Product(left), need = Product(right);
        if (open < 0)
        {
            if (!have.Agrees(need))
                context.Fail($"gives {from} the shape {new OnnxShape(to)}, which holds another number of elements");
            return;
        }
        if (have.IsFixed && need.IsFixed)
        {
            if (need.Length == 0 || have.Length % need.Length != 0)
                context.Fail($"cannot give {from} the shape {new OnnxShape(to)}");
            to[open] = have.Length / need.Length;
        }
        else if (need.IsFixed && need.Length == 1)
        {
            to[open] = have;
        }
        else if (need.IsFixed)
        {
            // [N, 1024, 1, 1] to [-1, 1024]: what is left over when the numbers match is the symbol.
            OnnxDimension[] symbols = [.. left.Where(d => !d.IsFixed)];
            OnnxDimension numbers = Product(left.Where(d => d.IsFixed));
            if (symbols.Length == 1 && numbers == need)
                to[open] = symbols[0];
        }
    }
}
