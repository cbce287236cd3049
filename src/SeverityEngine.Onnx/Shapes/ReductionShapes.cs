namespace SeverityEngine.Onnx.Shapes;

/// <summary>Operators that sum or average over axes.</summary>
static class ReductionShapes
{
    public static void Reduce(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        long[]? stated = context.Indices("axes", 1);
        if (input.Shape is not { } shape || (stated is null && context.Has(1)))
        {
            context.Output(0, input.ElementType, null);
            return;
        }
        if (stated is null or [] && context.Attributes.GetInt("noop_with_empty_axes", 0) != 0)
        {
            context.Output(0, input.ElementType, shape);
            return;
        }
        HashSet<int> axes = stated is null or [] ? [.. Enumerable.Range(0, shape.Rank)] : [.. stated.Select(a => context.Axis(a, shape.Rank))];
        bool keep = context.Attributes.GetInt("keepdims", 1) != 0;
        IEnumerable<OnnxDimension> reduced = keep
            ? shape.Select((d, i) => axes.Contains(i) ? 1 : d)
            : shape.Where((_, i) => !axes.Contains(i));
        context.Output(0, input.ElementType, new OnnxShape(reduced));
    }
}
