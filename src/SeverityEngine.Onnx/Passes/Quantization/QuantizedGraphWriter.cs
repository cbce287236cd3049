using SeverityEngine.Onnx.Passes.Layers;

namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>Writes a network's steps as quantized operations on uint8 activations <c>[N, H, W, C]</c>.</summary>
sealed class QuantizedGraphWriter(
    OnnxModel model, IReadOnlyDictionary<string, ActivationProbe> probes, IReadOnlyDictionary<string, ActivationStatistics> statistics,
    ResidualScales scales)
{
    const string Domain = "com.microsoft";

    readonly GraphBuilder _builder = new(model);
    readonly QuantizedConvolutions _convolutions = new(new GraphBuilder(model));
    readonly Dictionary<string, QuantizationParameters> _encodings = [];
    readonly IReadOnlyDictionary<string, OnnxValue> _shapes = ShapeInference.Infer(model.Graph);

    public void Write(IEnumerable<Step> steps)
    {
        foreach (Step step in steps)
        {
            switch (step)
            {
                case EntryStep entry:
                    WriteEntry(entry);
                    break;
                case ConvStep conv:
                    WriteConv(conv);
                    break;
                case ThresholdStep threshold:
                    WriteThreshold(threshold);
                    break;
                case MaxPoolStep pool:
                    WriteMaxPool(pool);
                    break;
                case AveragePoolStep pool:
                    WriteAveragePool(pool);
                    break;
                case AddStep add:
                    WriteAdd(add);
                    break;
                case ConcatStep concat:
                    WriteConcat(concat);
                    break;
                case ExitStep exit:
                    WriteExit(exit);
                    break;
            }
        }
    }

    /// <summary>The convolution makes quantized values before their rounding; QuantizeLinear saturates them at 0 and 255.</summary>
    void WriteEntry(EntryStep step)
    {
        ActivationStatistics seen = statistics[step.Output];
        IReadOnlyList<QuantizedChannel> channels = scales.Find(step.Output) ?? QuantizedRange.Channels(seen, step.Relu, splittable: true);
        OnnxTensor weight = model.Graph.Constant(step.Node.Inputs[1])!;
        ReadOnlySpan<float> given = weight.Values<float>();
        double[] bias = Bias(step.Node, seen.Channels);
        int size = given.Length / seen.Channels;
        float[] weights = new float[channels.Count * size], shifts = new float[channels.Count];
        for (int i = 0; i < channels.Count; i++)
        {
            QuantizedChannel channel = channels[i];
            for (int k = 0; k < size; k++)
                weights[(i * size) + k] = (float)(given[(channel.Source * size) + k] / channel.Scale);
            shifts[i] = (float)((bias[channel.Source] - channel.Offset - (channel.IsFirst ? 0 : channel.From)) / channel.Scale);
        }
        string name = step.Output;
        OnnxNode conv = _builder.Node("Conv", [step.Input,
            _builder.Constant<float>($"{name}.weight", [channels.Count, .. weight.Dimensions.Skip(1)], weights),
            _builder.Vector<float>($"{name}.bias", shifts)], $"{name}.steps");
        CopyWindow(step.Node, conv);
        string value = conv.Outputs[0];
        if (step.Pool is { } pool)
        {
            // Rounding keeps order, so the largest may be taken before it: the runtime pools its own float layout, and changes the layout
            // of less.
            value = MaxPool(pool, value, $"{name}.pooled", "MaxPool");
        }
        value = Node("QuantizeLinear", $"{name}.bytes",
            _builder.Transpose(value, [0, 2, 3, 1], $"{name}.nhwc"), _convolutions.One, _convolutions.Zero);
        _encodings.Add(name, new QuantizationParameters(value, channels, Samples(name, channels)));
    }

    EncodedSamples Samples(string value, IReadOnlyList<QuantizedChannel> channels)
    {
        ActivationProbe probe = probes[value];
        return EncodedSamples.Of(statistics[value], new SampleWindow(probe.Height, probe.Width, probe.Top, probe.Left), channels);
    }

    double[] Bias(OnnxNode conv, int channels)
    {
        double[] bias = new double[channels];
        if (conv.Input(2) is { } named)
            Array.ConvertAll(model.Graph.Constant(named)!.Values<float>().ToArray(), b => (double)b).CopyTo(bias, 0);
        return bias;
    }

    void WriteConv(ConvStep step)
    {
        QuantizationParameters input = _encodings[step.Input];
        ActivationStatistics seen = statistics[step.Output];
        IReadOnlyList<QuantizedChannel> channels = scales.Find(step.Output) ?? QuantizedRange.Channels(seen, step.Relu, splittable: false);
        OnnxTensor weight = model.Graph.Constant(step.Node.Inputs[1])!;
        if (input.Zero() is null && !step.Node.HasOnly("pads", 0))
        {
            throw new OnnxException(OnnxFault.Unsupported,
                $"{step.Node} pads with zeros what has been normalized since its ReLU, which is not quantized; "
                + "leave the model in floating point");
        }
        if (input.Samples.Under(SampleWindow.Of(step.Node, weight.Dimensions)) is not { } samples)
        {
            throw new OnnxException(OnnxFault.Unsupported,
                $"{step.Node} reads more than a pixel of what no convolution, pooling or addition has made, which is not quantized; "
                + "leave the model in floating point");
        }
        QuantizedKernel kernel = QuantizedKernel.Of(
            [.. weight.Dimensions], weight.Values<float>(), Bias(step.Node, seen.Channels), input with { Samples = samples }, channels);
        OnnxNode node = _convolutions.Add(step.Output, input.Name, kernel);
        CopyWindow(step.Node, node);
        _encodings.Add(step.Output, new QuantizationParameters(node.Outputs[0], channels, Samples(step.Output, channels)));
    }

    /// <summary>
    /// relu(a x + b) is a max(x, -b / a) + b for a above 0 and a min(x, -b / a) + b for a below: on quantized values one comparison, while
    /// a and b go into the scale and offset and from there into the next weights.
    /// </summary>
    void WriteThreshold(ThresholdStep step)
    {
        QuantizationParameters input = _encodings[step.Input];
        int count = input.Channels.Count;
        QuantizedChannel[] channels = [.. input.Channels];
        byte[] floor = new byte[count], ceiling = new byte[count];
        float[] real = [.. input.Samples.Real];
        byte[] bytes = [.. input.Samples.Bytes];
        ceiling.AsSpan().Fill(255);
        for (int i = 0; i < count; i++)
        {
            QuantizedChannel channel = channels[i];
            double a = step.Map?.Factor[channel.Source] ?? 1, b = step.Map?.Shift[channel.Source] ?? 0;
            double bound = a == 0 ? 0 : channel.Part(-b / a), added = channel.IsFirst ? b : 0;
            if (a == 0)
                added = Math.Max(added, 0);
            byte limit = channel.Quantize(bound);
            if (a * channel.Scale > 0)
                floor[i] = limit;
            else if (a * channel.Scale < 0)
                ceiling[i] = limit;
            for (int at = i; at < bytes.Length; at += count)
            {
                bytes[at] = Math.Min(Math.Max(bytes[at], floor[i]), ceiling[i]);
                real[at] = (float)((a * (a > 0 ? Math.Max(real[at], bound) : Math.Min(real[at], bound))) + added);
            }
            channels[i] = channel with { Scale = a * channel.Scale, Offset = (a * channel.Offset) + added };
        }
        string value = input.Name;
        if (floor.AsSpan().ContainsAnyExcept((byte)0))
            value = _builder.Max(value, Row($"{step.Output}.floor", floor, step.Output), $"{step.Output}.q");
        if (ceiling.AsSpan().ContainsAnyExcept((byte)255))
            value = _builder.Min(value, Row($"{step.Output}.ceiling", ceiling, step.Output), $"{step.Output}.q");
        _encodings.Add(step.Output, new QuantizationParameters(value, channels, input.Samples with { Real = real, Bytes = bytes }));
    }

    string Row(string name, byte[] bounds, string value)
    {
        int width = _shapes.GetValueOrDefault(value)?.Shape is { Rank: 4 } shape && shape[3].IsFixed ? (int)shape[3].Length : 1;
        return ChannelBounds.Constant(_builder, name, bounds, width);
    }

    void WriteMaxPool(MaxPoolStep step)
    {
        QuantizationParameters input = _encodings[step.Input];
        string pooled = MaxPool(step.Node, input.Name, $"{step.Output}.q", "NhwcMaxPool", Domain);
        _encodings.Add(step.Output, input.In(pooled, Samples(step.Output, input.Channels)));
    }

    string MaxPool(OnnxNode pool, string value, string name, string opType, string domain = "")
    {
        OnnxNode node = _builder.Node(opType, [value], name, domain);
        CopyWindow(pool, node);
        node.Attributes.Set("kernel_shape", pool.Attributes.GetInts("kernel_shape"));
        return node.Outputs[0];
    }

    /// <summary>The average of quantized values stands for the average of what they stand for.</summary>
    void WriteAveragePool(AveragePoolStep step)
    {
        QuantizationParameters input = _encodings[step.Input];
        OnnxNode node = _convolutions.AddAverage(
            step.Output, input.Name, input.Channels.Count, step.Node.Attributes.GetInts("kernel_shape")!);
        CopyWindow(step.Node, node);
        // Averages have the means of what they are made of, which is what samples are wanted for most.
        _encodings.Add(step.Output, input.In(node.Outputs[0], input.Samples.Under(SampleWindow.Pixel)!));
    }

    /// <summary>QLinearAdd saturates at 0 and 255, which is the ReLU where the sum's zero point is 0.</summary>
    void WriteAdd(AddStep step)
    {
        IReadOnlyList<QuantizedChannel> channels = scales.Find(step.Output)!;
        QuantizationParameters sum = new($"{step.Output}.q", channels, Samples(step.Output, channels));
        List<string> inputs = [];
        foreach (QuantizationParameters addend in (QuantizationParameters[])[_encodings[step.Input], _encodings[step.Second]])
        {
            if (addend.Zero() is not { } zero || addend.RatioTo(sum) is not { } ratio)
                throw new OnnxException(OnnxFault.Unsupported,
                    $"{step.Node} adds what has been normalized or joined, which is not quantized; leave the model in floating point");
            inputs.AddRange(
                [addend.Name, _builder.Scalar($"{addend.Name}.ratio", (float)ratio), _convolutions.ZeroPoint(addend.Name, zero)]);
        }
        OnnxNode node = _builder.Node("QLinearAdd",
            [.. inputs, _convolutions.One, _convolutions.ZeroPoint(sum.Name, sum.Zero()!.Value)], sum.Name, Domain);
        _encodings.Add(step.Output, sum with { Name = node.Outputs[0] });
    }

    void WriteConcat(ConcatStep step)
    {
        QuantizationParameters[] inputs = [.. step.Node.Inputs.Select(i => _encodings[i])];
        string joined = _builder.Concat([.. inputs.Select(i => i.Name)], 3, $"{step.Output}.q");
        List<QuantizedChannel> channels = [];
        int sources = 0;
        foreach (QuantizationParameters input in inputs)
        {
            channels.AddRange(input.Channels.Select(c => c with { Source = c.Source + sources }));
            sources += input.Channels[^1].Source + 1;
        }
        _encodings.Add(step.Output, new QuantizationParameters(joined, channels, EncodedSamples.Join(inputs.Select(i => i.Samples))));
    }

    void WriteExit(ExitStep step)
    {
        QuantizationParameters input = _encodings[step.Input];
        string name = step.Output;
        string steps = _builder.Transpose(_builder.Cast(input.Name, OnnxElementType.Float32, $"{name}.cast"), [0, 3, 1, 2], $"{name}.nchw");
        // As a convolution of each channel, its result is in the layout of what follows.
        long channels = input.Channels.Count;
        string scale = _builder.Constant<float>($"{name}.step", [channels, 1, 1, 1], [.. input.Channels.Select(c => (float)c.Scale)]);
        string offset = _builder.Vector<float>($"{name}.offset", [.. input.Channels.Select(c => (float)c.Offset)]);
        model.Graph.ReplaceUses(name, _builder.Conv(steps, scale, offset, group: channels, name: $"{name}.real"));
    }

    string Node(string opType, string name, params ReadOnlySpan<string?> inputs) => _builder.Node(opType, inputs, name).Outputs[0];

    static void CopyWindow(OnnxNode from, OnnxNode to)
    {
        foreach (string attribute in (string[])["strides", "pads"])
        {
            if (from.Attributes.GetInts(attribute) is { } numbers)
                to.Attributes.Set(attribute, numbers);
        }
    }
}
