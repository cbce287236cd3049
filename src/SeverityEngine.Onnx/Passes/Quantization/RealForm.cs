namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// The network in real numbers that a quantized one stands for: the same steps, scales and saturation without the rounding, and so with a
/// gradient. Its scores differ from the quantized network's by what rounding does.
/// </summary>
static class RealForm
{
    static readonly long[] s_toChannelsFirst = [0, 3, 1, 2], s_toChannelsLast = [0, 2, 3, 1];

    /// <summary>Whether a graph has quantized values.</summary>
    public static bool IsQuantized(OnnxGraph graph) => graph.Nodes.Any(n => n.Is("QuantizeLinear"));

    /// <summary>Rewrites what <see cref="QuantizedNetwork"/> writes; what is quantized in other ways stays.</summary>
    public static void Apply(OnnxModel model)
    {
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(model.Graph);
        Writer writer = new(model);
        foreach (OnnxNode node in model.Graph.Nodes.ToArray())
        {
            bool isOfBytes = values.GetValueOrDefault(node.Outputs[0])?.ElementType == OnnxElementType.UInt8;
            bool wasOfBytes = node.Inputs.Count > 0 && values.GetValueOrDefault(node.Inputs[0])?.ElementType == OnnxElementType.UInt8
                && model.Graph.Constant(node.Inputs[0]) is null;
            string? real = node.Domain.Length == 0
                ? node.OpType switch
                {
                    "QuantizeLinear" when isOfBytes => writer.Quantize(node),
                    "Max" or "Min" when isOfBytes => writer.Bound(node),
                    "Cast" when wasOfBytes => writer.Identity(node),
                    "Conv" => writer.ConvOfStored(node),
                    _ => null,
                }
                : $"{node.Domain}.{node.OpType}" switch
                {
                    "com.microsoft.QLinearConv" when isOfBytes => writer.Conv(node),
                    "com.microsoft.QLinearAdd" when isOfBytes => writer.Add(node),
                    "com.microsoft.NhwcMaxPool" when isOfBytes => writer.MaxPool(node),
                    _ => null,
                };
            if (real is not null)
                writer.Replace(node, real);
        }
        model.Graph.ForgetDeclaredValues();
        model.Graph.SortTopologically();
        model.Graph.RemoveUnused();
        RemoveNoOps.Apply(model);
    }

    /// <summary>Writes nodes in place of one; null where it is of a form that is not known.</summary>
    sealed class Writer(OnnxModel model)
    {
        readonly GraphBuilder _builder = new(model);
        string? _least, _most;

        /// <summary>The last node of those that were written makes the value.</summary>
        public void Replace(OnnxNode node, string real)
        {
            string value = node.Outputs[0];
            model.Graph.Remove(node);
            model.Graph.Producer(real)!.SetOutput(0, value);
        }

        public string? Quantize(OnnxNode node) =>
            Number(node, 1) is { } scale && scale != 0 && Number(node, 2) is { } zero
                ? Saturated(Linear(node.Inputs[0], 1 / scale, zero)) : null;

        /// <summary>max(x, bound) = relu(x - bound) + bound, and min(x, bound) = bound - relu(bound - x).</summary>
        public string? Bound(OnnxNode node)
        {
            if (node.Inputs.Count != 2 || model.Graph.Constant(node.Inputs[1]) is not { ElementType: OnnxElementType.UInt8 } bytes)
                return null;
            float[] numbers = Array.ConvertAll(bytes.Values<byte>().ToArray(), b => (float)b);
            string bound = _builder.Constant<float>("bound", [.. bytes.Dimensions], numbers), x = node.Inputs[0];
            return node.Is("Max") ? _builder.Add(_builder.Relu(_builder.Sub(x, bound)), bound)
                : _builder.Sub(bound, _builder.Relu(_builder.Sub(bound, x)));
        }

        public string? Identity(OnnxNode node) => _builder.Identity(node.Inputs[0]);

        /// <summary>The weights that <see cref="ByteStorage"/> keeps, as one constant.</summary>
        public string? ConvOfStored(OnnxNode node)
        {
            if (!ByteStorage.TryFind(model.Graph, node.Inputs[1], out OnnxTensor? bytes, out OnnxTensor? steps))
                return null;
            string[] inputs = [.. node.Inputs];
            inputs[1] = Weight(bytes, steps.Values<float>().ToArray());
            OnnxNode real = _builder.Node("Conv", inputs);
            CopyAttributes(node, real, ["strides", "pads", "dilations", "group"]);
            return real.Outputs[0];
        }

        public string? Conv(OnnxNode node)
        {
            if (node.Inputs.Count != 9 || Number(node, 1) is not { } inputScale || Number(node, 2) is not { } inputZero
                || model.Graph.Constant(node.Inputs[3]) is not
                { ElementType: OnnxElementType.Int8, Dimensions: [> 0 and var channels, _, _, _] } bytes
                || model.Graph.Constant(node.Inputs[4]) is not { ElementType: OnnxElementType.Float32 } scales
                || (scales.Count != 1 && scales.Count != channels)
                || model.Graph.Constant(node.Input(8)) is not { ElementType: OnnxElementType.Int32 } bias || bias.Count != channels
                || Number(node, 5) is not 0 || Number(node, 6) is not { } scale || scale == 0 || Number(node, 7) is not { } zero)
            {
                return null;
            }
            int outputs = (int)channels;
            float[] steps = new float[outputs], biases = new float[outputs];
            ReadOnlySpan<int> given = bias.Values<int>();
            for (int output = 0; output < outputs; output++)
            {
                steps[output] = (float)(inputScale * scales.Values<float>()[output % scales.Count] / scale);
                biases[output] = (float)((steps[output] * (double)given[output]) + zero);
            }
            string image = _builder.Transpose(Linear(node.Inputs[0], 1, -inputZero), s_toChannelsFirst);
            OnnxNode real = _builder.Node("Conv", [image, Weight(bytes, steps), _builder.Vector<float>("bias", biases)]);
            CopyAttributes(node, real, ["strides", "pads", "dilations", "group"]);
            return _builder.Transpose(Saturated(real.Outputs[0]), s_toChannelsLast);
        }

        public string? Add(OnnxNode node)
        {
            if (node.Inputs.Count != 8 || Number(node, 6) is not { } scale || scale == 0 || Number(node, 7) is not { } zero)
                return null;
            string? sum = null;
            for (int at = 0; at < 6; at += 3)
            {
                if (Number(node, at + 1) is not { } step || Number(node, at + 2) is not { } from)
                    return null;
                string addend = Linear(node.Inputs[at], step / scale, -from * step / scale);
                sum = sum is null ? addend : _builder.Add(sum, addend);
            }
            return Saturated(Linear(sum!, 1, zero));
        }

        public string? MaxPool(OnnxNode node)
        {
            OnnxNode real = _builder.Node("MaxPool", [_builder.Transpose(node.Inputs[0], s_toChannelsFirst)]);
            CopyAttributes(node, real, ["kernel_shape", "strides", "pads", "dilations"]);
            return _builder.Transpose(real.Outputs[0], s_toChannelsLast);
        }

        /// <summary>What a uint8 may be.</summary>
        string Saturated(string x) => _builder.Clip(x, _least ??= _builder.Scalar("least", 0f), _most ??= _builder.Scalar("most", 255f));

        string Linear(string x, double factor, double added)
        {
            if (factor != 1)
                x = _builder.Mul(x, _builder.Scalar("factor", (float)factor));
            return added == 0 ? x : _builder.Add(x, _builder.Scalar("added", (float)added));
        }

        string Weight(OnnxTensor bytes, ReadOnlySpan<float> steps)
        {
            ReadOnlySpan<sbyte> whole = bytes.Values<sbyte>();
            float[] weights = new float[whole.Length];
            int size = whole.Length / (int)bytes.Dimensions[0];
            for (int i = 0; i < weights.Length; i++)
                weights[i] = whole[i] * steps[i / size % steps.Length];
            return _builder.Constant<float>("weight", [.. bytes.Dimensions], weights);
        }

        /// <summary>An input that is one constant number; null where it is none.</summary>
        double? Number(OnnxNode node, int index) => model.Graph.Constant(node.Input(index)) is not { Count: 1 } number ? null
            : number.ElementType switch
            {
                OnnxElementType.Float32 => number.Values<float>()[0],
                OnnxElementType.UInt8 => number.Values<byte>()[0],
                OnnxElementType.Int8 => number.Values<sbyte>()[0],
                _ => null,
            };

        static void CopyAttributes(OnnxNode from, OnnxNode to, string[] names)
        {
            foreach (string name in names)
            {
                if (name == "group")
                    to.Attributes.Set(name, from.Attributes.GetInt(name, 1));
                else if (from.Attributes.GetInts(name) is { } numbers)
                    to.Attributes.Set(name, numbers);
            }
        }
    }
}
