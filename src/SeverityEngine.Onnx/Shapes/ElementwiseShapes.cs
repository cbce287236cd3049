using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Shapes;

/// <summary>Operators that work on each element by itself.</summary>
static class ElementwiseShapes
{
    public static void Same(OperatorContext context) => context.Output(0, context.Input(0).ElementType, context.Input(0).Shape);

    public static void Clip(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1, 2);
        foreach (int bound in (int[])[1, 2])
        {
            if (context.Optional(bound)?.Shape is { ElementCount: not 1 } shape)
                context.Fail($"has a bound of {shape}, where one number is needed");
        }
        context.Output(0, type, context.Input(0).Shape);
    }

    public static void Cast(OperatorContext context)
    {
        long to = context.Attributes.GetInt("to", 0);
        if (!Enum.IsDefined((OnnxElementType)to) || to == 0)
            context.Fail($"casts to the unknown type {to}");
        context.Output(0, (OnnxElementType)to, context.Input(0).Shape);
    }

    public static void BatchNormalization(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        for (int i = 1; i <= 4; i++)
        {
            OnnxShape? parameter = context.ShapeOfRank(i, 1);
            if (input.Shape is { Rank: < 2 } low)
                context.Fail($"reads '{input.Name}' of {low}, which has no channels");
            if (parameter is not null && input.Shape is { } x && !parameter[0].Agrees(x[1]))
                context.Fail($"normalizes {x[1]} channels with '{context.Input(i).Name}' of {parameter}");
        }
        if (ElementTypes.IsFloat(input.ElementType))
            context.CommonType(1, 2);
        context.Output(0, input.ElementType, input.Shape);
    }

    public static void Where(OperatorContext context)
    {
        if (context.Input(0).ElementType is not (OnnxElementType.Boolean or OnnxElementType.Undefined))
            context.Fail($"chooses by '{context.Input(0).Name}' of {context.Input(0).ElementType}, which is not Boolean");
        context.Output(0, context.CommonType(1, 2), Broadcast(context));
    }

    /// <summary>The exponent may be of another type.</summary>
    public static void Pow(OperatorContext context) => context.Output(0, context.Input(0).ElementType, Broadcast(context));

    public static void Dropout(OperatorContext context)
    {
        Same(context);
        context.Output(1, OnnxElementType.Boolean, context.Input(0).Shape);
    }

    public static void LocalResponseNormalization(OperatorContext context)
    {
        if (context.Attributes.GetInt("size", 0) is < 1 and var size)
            context.Fail($"sums over {size} channels");
        Same(context);
    }

    public static void GroupNormalization(OperatorContext context)
    {
        long groups = context.Attributes.GetInt("num_groups", 0);
        if (groups < 1 || (context.Input(0).Shape is [_, { IsFixed: true } channels, ..] && channels.Length % groups != 0))
            context.Fail($"cannot divide the channels of {context.Input(0)} into {groups} groups");
        Same(context);
    }

    /// <summary>The mean and the inverse deviation have a length of 1 from the axis on.</summary>
    public static void LayerNormalization(OperatorContext context)
    {
        Same(context);
        if (context.Input(0).Shape is not { } shape)
            return;
        int axis = context.Axis(context.Attributes.GetInt("axis", -1), shape.Rank);
        OnnxShape moments = new(shape.Select((d, i) => i < axis ? d : new OnnxDimension(1)));
        context.Output(1, OnnxElementType.Float32, moments);
        context.Output(2, OnnxElementType.Float32, moments);
    }

    /// <param name="context">The node.</param>
    /// <param name="type">The result's type; <see cref="OnnxElementType.Undefined"/> for that of the inputs.</param>
    public static void Broadcast(OperatorContext context, OnnxElementType type)
    {
        OnnxElementType common = context.CommonType([.. Enumerable.Range(0, context.InputCount)]);
        context.Output(0, type == OnnxElementType.Undefined ? common : type, Broadcast(context));
    }

    static OnnxShape? Broadcast(OperatorContext context)
    {
        OnnxShape? result = context.Input(0).Shape;
        for (int i = 1; i < context.InputCount && result is not null; i++)
            result = context.Input(i).Shape is { } next ? Broadcast(context, result, next) : null;
        return result;
    }

    /// <summary>Dimensions are matched from the last; a length of 1 stretches to the other's.</summary>
    public static OnnxShape Broadcast(OperatorContext context, OnnxShape a, OnnxShape b)
    {
        OnnxDimension[] result = new OnnxDimension[Math.Max(a.Rank, b.Rank)];
        for (int fromEnd = 1; fromEnd <= result.Length; fromEnd++)
        {
            OnnxDimension x = fromEnd <= a.Rank ? a[^fromEnd] : 1, y = fromEnd <= b.Rank ? b[^fromEnd] : 1;
            if (x.IsFixed && x.Length == 1)
                result[^fromEnd] = y;
            else if ((y.IsFixed && y.Length == 1) || x == y)
                result[^fromEnd] = x;
            else if (!x.Agrees(y))
                context.Fail($"combines {a} with {b}");
            else if (x.IsFixed || y.IsFixed) // a symbol beside a number above 1 stands for that number, or for 1
                result[^fromEnd] = x.Merge(y);
        }
        return new OnnxShape(result);
    }
}

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

    /// <summary>com.microsoft.QLinearAdd: two addends and their sum, each with its scale and its zero point.</summary>
    public static void Add(OperatorContext context)
    {
        foreach (int scale in (ReadOnlySpan<int>)[1, 4, 6])
        {
            if (context.Input(scale).Shape is { ElementCount: not (null or 1) } shape)
                context.Fail($"has scales of {shape}, where one is needed");
        }
        context.Output(0, context.CommonType(0, 2, 3, 5, 7), context.Input(0).Shape is { } first && context.Input(3).Shape is { } second
            ? ElementwiseShapes.Broadcast(context, first, second) : null);
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
