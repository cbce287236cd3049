namespace SeverityEngine.Onnx.Shapes;

/// <summary>Operators that slide a window over the image: convolution and pooling.</summary>
static class WindowShapes
{
    public static void Conv(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1, 2);
        OnnxShape? x = context.Input(0).Shape;
        OnnxShape? weight = context.Input(1).Shape;
        if (x is null || weight is null)
        {
            context.Output(0, type, null);
            return;
        }
        CheckRanks(context, x, weight);
        long group = context.Attributes.GetInt("group", 1);
        if (group < 1 || (weight[0].IsFixed && weight[0].Length % group != 0))
            context.Fail($"cannot divide its {weight[0]} output channels into {group} groups");
        if (x[1].IsFixed && weight[1].IsFixed && x[1].Length != Multiply(context, weight[1].Length, group))
            context.Fail($"reads {x[1]} channels, but its weight {weight} is for {weight[1]} in each of {group} groups");
        CheckBias(context, weight[0]);
        context.Output(0, type, new OnnxShape([x[0], weight[0], .. Windows(context, x, KernelOf(context, weight))]));
    }

    public static void ConvTranspose(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1, 2);
        OnnxShape? x = context.Input(0).Shape;
        OnnxShape? weight = context.Input(1).Shape;
        if (x is null || weight is null || context.Attributes.Contains("output_shape")
            || context.Attributes.GetText("auto_pad") is not (null or "NOTSET"))
        {
            context.Output(0, type, null);
            return;
        }
        CheckRanks(context, x, weight);
        if (!x[1].Agrees(weight[0]))
            context.Fail($"reads {x[1]} channels, but its weight {weight} is for {weight[0]}");
        long group = context.Attributes.GetInt("group", 1);
        if (group < 1 || (x[1].IsFixed && x[1].Length % group != 0))
            context.Fail($"cannot divide its {x[1]} channels into {group} groups");
        OnnxDimension channels = weight[1].IsFixed ? Multiply(context, weight[1].Length, group) : default;
        CheckBias(context, channels);
        int axes = x.Rank - 2;
        OnnxDimension[] kernel = KernelOf(context, weight);
        long[] strides = Numbers(context, "strides", axes, 1, 1), dilations = Numbers(context, "dilations", axes, 1, 1);
        long[] pads = Numbers(context, "pads", 2 * axes, 0, 0), extra = Numbers(context, "output_padding", axes, 0, 0);
        OnnxDimension[] lengths = new OnnxDimension[axes];
        for (int i = 0; i < axes; i++)
        {
            if (x[i + 2].IsFixed && kernel[i].IsFixed)
                lengths[i] = checked(((x[i + 2].Length - 1) * strides[i]) + extra[i] + ((kernel[i].Length - 1) * dilations[i])
                    + 1 - pads[i] - pads[i + axes]);
        }
        context.Output(0, type, new OnnxShape([x[0], channels, .. lengths]));
    }

    public static void Pool(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        OnnxShape? shape = null;
        if (input.Shape is { } x)
        {
            if (x.Rank < 3)
                context.Fail($"reads '{input.Name}' of {x}, where a batch, channels and an image are needed");
            long[] kernel = Numbers(context, "kernel_shape", x.Rank - 2, null, 1);
            shape = new OnnxShape([x[0], x[1], .. Windows(context, x, [.. kernel.Select(k => new OnnxDimension(k))])]);
        }
        context.Output(0, input.ElementType, shape);
        context.Output(1, OnnxElementType.Int64, shape); // MaxPool's indices
    }

    public static void GlobalPool(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        if (input.Shape is { Rank: < 3 } low)
            context.Fail($"reads '{input.Name}' of {low}, where a batch, channels and an image are needed");
        context.Output(
            0, input.ElementType, input.Shape is { } x ? new OnnxShape(x.Select((d, i) => i < 2 ? d : new OnnxDimension(1))) : null);
    }

    static void CheckRanks(OperatorContext context, OnnxShape x, OnnxShape weight)
    {
        if (x.Rank < 3 || weight.Rank != x.Rank)
            context.Fail($"reads an image of {x} with a weight of {weight}");
    }

    static void CheckBias(OperatorContext context, OnnxDimension channels)
    {
        if (context.Has(2) && context.ShapeOfRank(2, 1) is { } bias && !bias[0].Agrees(channels))
            context.Fail($"has a bias of {bias} for {channels} channels");
    }

    static OnnxDimension[] KernelOf(OperatorContext context, OnnxShape weight)
    {
        OnnxDimension[] kernel = [.. weight.Skip(2)];
        if (context.Attributes.GetInts("kernel_shape") is { } stated && !new OnnxShape(kernel).Agrees(OnnxShape.Of(stated)))
            context.Fail($"states the kernel {OnnxShape.Of(stated)}, but its weight is {weight}");
        return kernel;
    }

    public static OnnxDimension[] Windows(OperatorContext context, OnnxShape x, OnnxDimension[] kernel)
    {
        int axes = x.Rank - 2;
        long[] strides = Numbers(context, "strides", axes, 1, 1), dilations = Numbers(context, "dilations", axes, 1, 1);
        long[] pads = Numbers(context, "pads", 2 * axes, 0, 0);
        bool ceiling = context.Attributes.GetInt("ceil_mode", 0) != 0;
        string automatic = context.Attributes.GetText("auto_pad") ?? "NOTSET";
        OnnxDimension[] lengths = new OnnxDimension[axes];
        for (int i = 0; i < axes; i++)
        {
            if (!x[i + 2].IsFixed || !kernel[i].IsFixed)
                continue;
            long length = x[i + 2].Length, window = Multiply(context, kernel[i].Length - 1, dilations[i]) + 1;
            lengths[i] = automatic switch
            {
                "SAME_UPPER" or "SAME_LOWER" => ((length - 1) / strides[i]) + 1,
                "VALID" => Positions(context, length, window, strides[i], 0, 0, ceiling),
                _ => Positions(context, length, window, strides[i], pads[i], pads[i + axes], ceiling),
            };
        }
        return lengths;
    }

    static long Positions(OperatorContext context, long length, long window, long stride, long before, long after, bool ceiling)
    {
        long room = length + before + after - window;
        if (room < 0)
            context.Fail($"slides a window of {window} over {length} pixels padded by {before} and {after}: it does not fit");
        long positions = ((ceiling ? room + stride - 1 : room) / stride) + 1;
        // Rounding up must not place a window that lies in the padding alone.
        return ceiling && (positions - 1) * stride >= length + before ? positions - 1 : positions;
    }

    static long Multiply(OperatorContext context, long a, long b)
    {
        long product = Math.BigMul(a, b, out long low) == low >> 63 ? low : long.MaxValue;
        if (product > int.MaxValue)
            context.Fail($"multiplies {a} by {b}, beyond any image");
        return product;
    }

    public static long[] Numbers(OperatorContext context, string name, int count, long? absent, long least)
    {
        long[]? numbers = context.Attributes.GetInts(name);
        if (numbers is null)
        {
            if (absent is null)
                context.Fail($"lacks the attribute '{name}'");
            return [.. Enumerable.Repeat(absent.Value, count)];
        }
        if (numbers.Length != count || numbers.Any(n => n < least || n > int.MaxValue))
            context.Fail($"has {name} [{string.Join(", ", numbers)}], where {count} numbers of at least {least} are needed");
        return numbers;
    }
}

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

    /// <summary>The operator of <see cref="DenseLayerOperator"/>: the image's shape stays, which has room for what is made.</summary>
    public static void DenseLayer(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1, 2, 3, 4, 5);
        OnnxShape? x = context.ShapeOfRank(0, 4), scale = context.ShapeOfRank(1, 1), shift = context.ShapeOfRank(2, 1);
        OnnxShape? first = context.ShapeOfRank(3, 4), bias = context.ShapeOfRank(4, 1), second = context.ShapeOfRank(5, 4);
        if (x is not null && scale is not null && shift is not null && first is not null && bias is not null && second is not null
            && (!scale[0].Agrees(shift[0]) || !scale[0].Agrees(first[1]) || !first[0].Agrees(bias[0]) || !first[0].Agrees(second[1])
                || !first[2].Agrees(1) || !first[3].Agrees(1) || !second[2].Agrees(3) || !second[3].Agrees(3)
                || (x[3].IsFixed && scale[0].IsFixed && second[0].IsFixed && x[3].Length < scale[0].Length + second[0].Length)))
        {
            context.Fail($"reads an image of {x} with a scale of {scale}, a shift of {shift}, weights of {first} and {second} and a bias "
                + $"of {bias}");
        }
        context.Output(0, type, x);
    }

    /// <summary>
    /// The operator of <see cref="DenseClampOperator"/>: the image's shape stays, and its first channels are a second result.
    /// </summary>
    public static void DenseClamp(OperatorContext context)
    {
        (OnnxElementType type, OnnxShape? clamped) = Clamped(context);
        context.Output(0, type, context.Input(0).Shape);
        context.Output(1, type, clamped);
    }

    /// <summary>
    /// The operator of <see cref="DensePoolOperator"/>: half the rows and columns of what <see cref="DenseClamp"/> has for its second
    /// result.
    /// </summary>
    public static void DensePool(OperatorContext context)
    {
        (OnnxElementType type, OnnxShape? clamped) = Clamped(context);
        context.Output(0, type, clamped?.With(1, Half(clamped[1])).With(2, Half(clamped[2])));

        static OnnxDimension Half(OnnxDimension length) => length.IsFixed ? length.Length / 2 : default(OnnxDimension);
    }

    /// <summary>The operator of <see cref="DenseRoomOperator"/>.</summary>
    public static void DenseRoom(OperatorContext context)
    {
        OnnxValue input = context.Input(0);
        OnnxShape? x = context.ShapeOfRank(0, 4);
        long[]? room = context.ConstantIndices(1);
        if (input.ElementType is not (OnnxElementType.Float32 or OnnxElementType.UInt8 or OnnxElementType.Undefined))
            context.Fail($"reads an image of {input.ElementType}, where Float32 or UInt8 is needed");
        if (room is not null and not [> 0 and <= int.MaxValue])
            context.Fail($"makes room for [{string.Join(", ", room)}] channels");
        context.Output(0, input.ElementType, x?.With(3, x[3].IsFixed && room is [var more] ? x[3].Length + more : default(OnnxDimension)));
    }

    static (OnnxElementType Type, OnnxShape? Clamped) Clamped(OperatorContext context)
    {
        OnnxElementType type = context.CommonType(0, 1, 2, 3);
        OnnxShape? x = context.ShapeOfRank(0, 4), added = context.ShapeOfRank(1, 4);
        OnnxShape? floor = context.ShapeOfRank(2, 1), ceiling = context.ShapeOfRank(3, 1);
        OnnxDimension channels = floor is null ? default : floor[0];
        if (x is not null && added is not null && ceiling is not null
            && (!x.With(3, added[3]).Agrees(added) || !channels.Agrees(ceiling[0])
                || (channels.IsFixed && ((x[3].IsFixed && x[3].Length < channels.Length)
                    || (added[3].IsFixed && added[3].Length > channels.Length)))))
        {
            context.Fail($"reads an image of {x} and channels of {added} with a floor of {floor} and a ceiling of {ceiling}");
        }
        return (type, x?.With(3, channels));
    }

    static OnnxShape ChannelsFirst(OnnxShape x) => new(x[0], x[3], x[1], x[2]);
}
