using System.Diagnostics.CodeAnalysis;

namespace SeverityEngine.Onnx.Shapes;

/// <summary>Operators that give an image another size.</summary>
static class ResizeShapes
{
    /// <summary>Lengths are stated, or the input's times a scale, rounded down.</summary>
    public static void Resize(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        // Version 10 has no region of interest before the scales.
        int at = context.InputCount == 2 ? 1 : 2;
        long[]? sizes = context.Has(3) ? context.ConstantIndices(3) : null;
        float[]? scales = context.Has(at) ? context.ConstantNumbers(at) : null;
        if (input.Shape is not { } shape || context.Attributes.GetText("keep_aspect_ratio_policy") is not (null or "stretch")
            || (sizes is not { Length: > 0 } && scales is not { Length: > 0 }))
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        long[] axes = context.Attributes.GetInts("axes") ?? [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
        if (axes.Length != (sizes is { Length: > 0 } ? sizes.Length : scales!.Length))
            context.Fail($"has another number of scales or sizes than axes, {axes.Length}");
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = context.Axis(axes[i], shape.Rank);
            if (sizes is { Length: > 0 })
            {
                if (sizes[i] is <= 0 or > int.MaxValue)
                    context.Fail($"has the size {sizes[i]}");
                shape = shape.With(axis, sizes[i]);
                continue;
            }
            if (!(scales![i] > 0 && scales[i] < int.MaxValue))
                context.Fail($"has the scale {scales[i]}");
            if (scales[i] != 1)
                shape = shape.With(axis, shape[axis].IsFixed ? checked((long)(shape[axis].Length * scales[i])) : default(OnnxDimension));
        }
        context.Output(0, input.ElementType, shape);
    }

    /// <summary>Channels to places of the image.</summary>
    public static void DepthToSpace(OperatorContext context)
    {
        if (Block(context, out OnnxShape? x, out long block))
        {
            context.Output(0, context.Input(0).ElementType,
                [x[0], Divided(context, x[1], block * block), x[2].Length * block, x[3].Length * block]);
        }
    }

    /// <summary>Places of the image to channels.</summary>
    public static void SpaceToDepth(OperatorContext context)
    {
        if (Block(context, out OnnxShape? x, out long block))
        {
            context.Output(0, context.Input(0).ElementType,
                [x[0], x[1].Length * block * block, Divided(context, x[2], block), Divided(context, x[3], block)]);
        }
    }

    static bool Block(OperatorContext context, [NotNullWhen(true)] out OnnxShape? shape, out long block)
    {
        block = context.Attributes.GetInt("blocksize", 0);
        if (block is < 1 or > short.MaxValue)
            context.Fail($"has blocks of {block}");
        shape = context.ShapeOfRank(0, 4);
        if (shape is not null && shape.Skip(1).All(d => d.IsFixed))
            return true;
        context.Output(0, context.Input(0).ElementType, null);
        return false;
    }

    static long Divided(OperatorContext context, OnnxDimension length, long by) =>
        length.Length % by == 0 ? length.Length / by : throw context.FaultOf($"cannot divide {length} by {by}");
}
