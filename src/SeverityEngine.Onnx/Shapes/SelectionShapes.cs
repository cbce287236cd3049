using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Shapes;

/// <summary>Operators that take a part of a tensor, or set it in a larger one.</summary>
static class SelectionShapes
{
    public static void Slice(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        if (input.Shape is not { } shape)
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        long[]? starts = context.Indices("starts", 1), ends = context.Indices("ends", 2), steps = context.ConstantIndices(4);
        long[]? axes = context.Indices("axes", 3)
            ?? (context.Has(3) ? null : [.. Enumerable.Range(0, starts?.Length ?? 0).Select(i => (long)i)]);
        if (starts is null || ends is null || axes is null || (steps is null && context.Has(4)))
        {
            context.Output(0, input.ElementType, new OnnxShape(new OnnxDimension[shape.Rank]));
            return;
        }
        if (ends.Length != starts.Length || axes.Length != starts.Length || (steps is not null && steps.Length != starts.Length))
            context.Fail("has starts, ends, axes and steps of different lengths");
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = context.Axis(axes[i], shape.Rank);
            long step = steps?[i] ?? 1;
            if (step == 0)
                context.Fail("has a step of 0");
            shape = shape.With(axis, shape[axis].IsFixed ? Length(shape[axis].Length, starts[i], ends[i], step) : default(OnnxDimension));
        }
        context.Output(0, input.ElementType, shape);
    }

    public static void Split(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        int parts = context.Node.Outputs.Count;
        long[]? lengths = context.Indices("split", 1);
        OnnxShape? shape = lengths is null && context.Has(1) ? null : input.Shape;
        int axis = shape is null ? 0 : context.Axis(context.Attributes.GetInt("axis", 0), shape.Rank);
        if (shape is not null && shape[axis].IsFixed)
        {
            // All equal, but the last may be shorter.
            long whole = shape[axis].Length, each = (whole + parts - 1) / parts;
            lengths ??= [.. Enumerable.Range(0, parts).Select(i => Math.Clamp(whole - (i * each), 0, each))];
            if (lengths.Length != parts || lengths.Any(l => l < 0) || lengths.Sum() != whole)
                context.Fail($"splits axis {axis} of {shape} into {parts} parts of [{string.Join(", ", lengths)}]");
        }
        for (int i = 0; i < parts; i++)
        {
            context.Output(i, input.ElementType,
                shape?.With(axis, shape[axis].IsFixed ? lengths![i] : default(OnnxDimension)));
        }
    }

    public static void Gather(OperatorContext context)
    {
        OnnxValue data = context.Input(0), indices = context.Input(1);
        if (indices.ElementType != OnnxElementType.Undefined && !ElementTypes.IsIndex(indices.ElementType))
            context.Fail($"reads indices of {indices.ElementType}, where whole numbers are needed");
        if (data.Shape is not { } shape || indices.Shape is not { } places)
        {
            context.Output(0, data.ElementType, null);
            return;
        }
        int axis = context.Axis(context.Attributes.GetInt("axis", 0), shape.Rank);
        if (shape[axis].IsFixed && context.ConstantIndices(1) is { } known)
        {
            foreach (long index in known.Where(k => k < -shape[axis].Length || k >= shape[axis].Length))
                context.Fail($"takes index {index} of axis {axis} of {shape}");
        }
        context.Output(0, data.ElementType, new OnnxShape([.. shape.Take(axis), .. places, .. shape.Skip(axis + 1)]));
    }

    public static void Pad(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        if (input.Shape is not { } shape || context.Indices("pads", 1) is not { } pads)
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        long[]? stated = context.ConstantIndices(3);
        if (stated is null && context.Has(3))
        {
            context.Output(0, input.ElementType, new OnnxShape(new OnnxDimension[shape.Rank]));
            return;
        }
        long[] axes = stated ?? [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
        if (pads.Length != 2 * axes.Length || pads.Any(p => Math.Abs(p) > int.MaxValue))
            context.Fail($"has pads [{string.Join(", ", pads)}] for {axes.Length} axes");
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = context.Axis(axes[i], shape.Rank);
            long pad = pads[i] + pads[i + axes.Length];
            if (pad == 0)
                continue;
            if (shape[axis].IsFixed && shape[axis].Length + pad < 0)
                context.Fail($"cuts {-pad} from axis {axis} of {shape}");
            shape = shape.With(axis, shape[axis].IsFixed ? shape[axis].Length + pad : default(OnnxDimension));
        }
        context.Output(0, input.ElementType, shape);
    }

    public static void ScatterElements(OperatorContext context)
    {
        OnnxValue data = context.Input(0), indices = context.Input(1);
        if (indices.ElementType != OnnxElementType.Undefined && !ElementTypes.IsIndex(indices.ElementType))
            context.Fail($"reads indices of {indices.ElementType}, where whole numbers are needed");
        if (indices.Shape is { } places && context.Input(2).Shape is { } updates && !places.Agrees(updates))
            context.Fail($"sets {updates} at places of {places}");
        context.Output(0, context.CommonType(0, 2), data.Shape);
    }

    /// <summary>As Python slices: places beyond the tensor mean its ends.</summary>
    static long Length(long length, long start, long end, long step)
    {
        if (length == 0)
            return 0;
        step = Math.Clamp(step, -length - 1, length + 1); // a longer step takes the same one element
        start = start < 0 ? start + length : start;
        end = end < 0 ? end + length : end;
        return step > 0
            ? Math.Max(0, (Math.Clamp(end, 0, length) - Math.Clamp(start, 0, length) + step - 1) / step)
            : Math.Max(0, (Math.Clamp(start, 0, length - 1) - Math.Clamp(end, -1, length - 1) - step - 1) / -step);
    }
}
