namespace SeverityEngine.Onnx.Shapes;

/// <summary>ONNX Runtime's and this engine's own operators on images whose channels stand last, <c>[N, H, W, C]</c>.</summary>
static class ChannelsLastShapes
{
    const int Weight = 3, OutputZero = 7;

    /// <summary>QLinearConv: x, its scale and zero, the weight, its scales and zero, the result's scale and zero, and a bias.</summary>
    public static void Conv(OperatorContext context)
    {
        OnnxElementType type = context.Input(OutputZero).ElementType;
        OnnxShape? x = context.ShapeOfRank(0, 4), weight = context.ShapeOfRank(Weight, 4);
        long group = context.Attributes.GetInt("group", 1);
        if (context.Attributes.GetInt("channels_last", 0) != 1)
            context.Fail("is known with channels_last 1 alone");
        if (x is null || weight is null)
        {
            context.Output(0, type, null);
            return;
        }
        if (x[3].IsFixed && weight[1].IsFixed && x[3].Length != weight[1].Length * group)
            context.Fail($"reads {x[3]} channels, but its weight {weight} is for {weight[1]} in each of {group} groups");
        OnnxDimension[] lengths = WindowShapes.Windows(context, ChannelsFirst(x), [weight[2], weight[3]]);
        context.Output(0, type, new OnnxShape(x[0], lengths[0], lengths[1], weight[0]));
    }

    public static void MaxPool(OperatorContext context)
    {
        OnnxShape? shape = null;
        if (context.ShapeOfRank(0, 4) is { } x)
        {
            long[] kernel = WindowShapes.Numbers(context, "kernel_shape", 2, null, 1);
            OnnxDimension[] lengths = WindowShapes.Windows(context, ChannelsFirst(x), [kernel[0], kernel[1]]);
            shape = new OnnxShape(x[0], lengths[0], lengths[1], x[3]);
        }
        context.Output(0, context.Input(0).ElementType, shape);
    }

    /// <summary>The operator of <see cref="WinogradOperator"/>: the image's size stays.</summary>
    public static void WinogradConv(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1);
        OnnxShape? shape = null;
        if (context.ShapeOfRank(0, 4) is { } x && context.ShapeOfRank(1, 4) is { } weight)
        {
            if (!x[3].Agrees(weight[1]) || !weight[2].Agrees(3) || !weight[3].Agrees(3))
                context.Fail($"reads an image of {x} with a weight of {weight}");
            shape = x.With(3, weight[0]);
        }
        context.Output(0, type, shape);
    }

    static OnnxShape ChannelsFirst(OnnxShape x) => new(x[0], x[3], x[1], x[2]);
}
