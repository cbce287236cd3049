namespace SeverityEngine.Onnx.Shapes;

/// <summary>
/// Follows whole numbers that a graph computes of shapes, as exporters write them: what Shape gives, and what Gather, Slice, Concat and
/// their like make of it. Only where every length is known; longer lists than any shape's are left alone.
/// </summary>
static class KnownIndices
{
    const int Most = 16;

    public static void Follow(OperatorContext context)
    {
        OnnxNode node = context.Node;
        if (node.Domain.Length > 0 || node.Outputs is not [{ Length: > 0 }])
            return;
        long[]? made = node.OpType switch
        {
            "Shape" => OfShape(context),
            "Identity" or "Cast" or "Squeeze" or "Unsqueeze" => context.IsIndex(0) ? context.ConstantIndices(0) : null,
            "Gather" => Gather(context),
            "Slice" => Slice(context),
            "Concat" => Concat(context),
            _ => null,
        };
        if (made is { Length: <= Most } && context.IsIndex(node.Outputs[0]))
            context.Know(node.Outputs[0], made);
    }

    static long[]? OfShape(OperatorContext context)
    {
        if (context.Input(0).Shape is not { } shape)
            return null;
        (int start, int end) = LayoutShapes.PartOf(context, shape);
        OnnxDimension[] part = [.. shape.Take(end).Skip(start)];
        return part.All(d => d.IsFixed) ? [.. part.Select(d => d.Length)] : null;
    }

    static long[]? Gather(OperatorContext context)
    {
        if (List(context) is not { } from || context.ConstantIndices(1) is not { } places)
            return null;
        return places.All(p => p >= -from.Length && p < from.Length)
            ? [.. places.Select(p => from[(int)(p < 0 ? p + from.Length : p)])] : null;
    }

    static long[]? Slice(OperatorContext context)
    {
        if (List(context) is not { } from || context.Indices("starts", 1) is not [var start]
            || context.Indices("ends", 2) is not [var end] || (context.Has(4) && context.ConstantIndices(4) is not [1]))
            return null;
        return [.. from.Take((int)Place(end)).Skip((int)Place(start))];

        long Place(long place) => Math.Clamp(place < 0 ? place + from.Length : place, 0, from.Length);
    }

    static long[]? Concat(OperatorContext context)
    {
        List<long> joined = [];
        for (int i = 0; i < context.InputCount; i++)
        {
            if (!context.IsIndex(i) || context.ConstantIndices(i) is not { } part)
                return null;
            joined.AddRange(part);
        }
        return [.. joined];
    }

    /// <summary>The first input, where it is a list of known whole numbers.</summary>
    static long[]? List(OperatorContext context) =>
        context.Input(0).Shape is { Rank: 1 } && context.IsIndex(0) ? context.ConstantIndices(0) : null;
}
