namespace SeverityEngine.Onnx.Shapes;

/// <summary>Matrix products.</summary>
static class MatrixShapes
{
    public static void Gemm(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1, 2);
        OnnxShape? a = context.ShapeOfRank(0, 2), b = context.ShapeOfRank(1, 2);
        if (a is null || b is null)
        {
            context.Output(0, type, null);
            return;
        }
        bool transA = context.Attributes.GetInt("transA", 0) != 0, transB = context.Attributes.GetInt("transB", 0) != 0;
        if (!a[transA ? 0 : 1].Agrees(b[transB ? 1 : 0]))
            context.Fail($"multiplies {a}{(transA ? " transposed" : "")} by {b}{(transB ? " transposed" : "")}");
        OnnxShape product = [a[transA ? 1 : 0], b[transB ? 0 : 1]];
        if (context.Optional(2)?.Shape is { } c && !ElementwiseShapes.Broadcast(context, product, c).Agrees(product))
            context.Fail($"adds {c} to a product of {product}");
        context.Output(0, type, product);
    }

    public static void MatMul(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1);
        OnnxShape? a = context.Input(0).Shape, b = context.Input(1).Shape;
        if (a is null || b is null)
        {
            context.Output(0, type, null);
            return;
        }
        if (a.Rank == 0 || b.Rank == 0)
            context.Fail("multiplies a scalar");
        // A vector is a row on the left and a column on the right, and its added dimension is dropped from the product.
        OnnxShape left = a.Rank == 1 ? [1, a[0]] : a, right = b.Rank == 1 ? [b[0], 1] : b;
        if (!left[^1].Agrees(right[^2]))
            context.Fail($"multiplies {a} by {b}");
        OnnxShape batch = ElementwiseShapes.Broadcast(context, new OnnxShape(left.SkipLast(2)), new OnnxShape(right.SkipLast(2)));
        List<OnnxDimension> product = [.. batch];
        if (a.Rank > 1)
            product.Add(left[^2]);
        if (b.Rank > 1)
            product.Add(right[^1]);
        context.Output(0, type, new OnnxShape(product));
    }
}

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
        HashSet<int> axes = stated is null or []
            ? [.. Enumerable.Range(0, shape.Rank)] : [.. stated.Select(a => context.Axis(a, shape.Rank))];
        bool keep = context.Attributes.GetInt("keepdims", 1) != 0;
        IEnumerable<OnnxDimension> reduced = keep
            ? shape.Select((d, i) => axes.Contains(i) ? 1 : d)
            : shape.Where((_, i) => !axes.Contains(i));
        context.Output(0, input.ElementType, new OnnxShape(reduced));
    }
}
