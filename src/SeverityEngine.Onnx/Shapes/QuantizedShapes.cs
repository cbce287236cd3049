namespace SeverityEngine.Onnx.Shapes;

/// <summary>Steps between real numbers and small whole ones.</summary>
static class QuantizedShapes
{
    public static void QuantizeLinear(OperatorContext context)
    {
        CheckScale(context);
        OnnxElementType stated = (OnnxElementType)context.Attributes.GetInt("output_dtype", 0);
        OnnxElementType type = context.Optional(2)?.ElementType ?? (stated == OnnxElementType.Undefined ? OnnxElementType.UInt8 : stated);
        context.Output(0, type, context.Input(0).Shape);
    }

    public static void DequantizeLinear(OperatorContext context)
    {
        CheckScale(context);
        context.CommonType(0, 2);
        context.Output(0, context.Input(1).ElementType, context.Input(0).Shape);
    }

    /// <summary>One scale for all elements, or one for each place along an axis.</summary>
    static void CheckScale(OperatorContext context)
    {
        OnnxShape? shape = context.Input(0).Shape, scale = context.Input(1).Shape;
        if (context.Optional(2)?.Shape is { } zero && scale is not null && !zero.Agrees(scale))
            context.Fail($"has scales of {scale} and zero points of {zero}");
        if (shape is null || scale is not { Rank: 1 } || scale[0] == 1)
            return;
        int axis = context.Axis(context.Attributes.GetInt("axis", 1), shape.Rank);
        if (!scale[0].Agrees(shape[axis]))
            context.Fail($"has {scale[0]} scales for axis {axis} of {shape}");
    }
}
