namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>A convolution's constants as QLinearConv takes them, between two encodings: with both scales 1, what they hold goes into the weights.</summary>
/// <param name="Dimensions">Of the weights: outputs, inputs, height, width.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Scales">The weights' scale, for each output.</param>
/// <param name="Bias">What is added to the sums of products, for each output.</param>
/// <param name="InputZero">The byte that padding has.</param>
sealed record QuantizedKernel(long[] Dimensions, sbyte[] Weights, float[] Scales, int[] Bias, byte InputZero)
{
    /// <param name="dimensions">Of the weight: outputs, inputs, height, width.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">For each output.</param>
    /// <param name="input">What the convolution reads.</param>
    /// <param name="result">The channels of bytes to make of the weight's outputs.</param>
    public static QuantizedKernel Of(long[] dimensions, ReadOnlySpan<float> weight, double[] bias, QuantizationParameters input, IReadOnlyList<ByteChannel> result)
    {
        int outputs = result.Count, inputs = input.Channels.Count, sources = (int)dimensions[1];
        int places = (int)(dimensions[2] * dimensions[3]), columns = places * inputs;
        double[] lines = new double[outputs * columns];
        for (int output = 0; output < outputs; output++)
        {
            for (int channel = 0; channel < inputs; channel++)
            {
                for (int place = 0; place < places; place++)
                {
                    lines[(output * columns) + (place * inputs) + channel] =
                        weight[Source(output, channel, place)] * input.Channels[channel].Scale / result[output].Scale;
                }
            }
        }
        (double[] realMean, double[] byteMean) = input.Samples.Means();
        sbyte[] rounded = new sbyte[lines.Length], weights = new sbyte[lines.Length];
        float[] scales = WeightRounding.Round(lines, input.Samples.Covariance(byteMean), rounded);
        byte zero = input.Zero() ?? 0;
        int[] biases = new int[outputs];
        for (int output = 0; output < outputs; output++)
        {
            // The bias is such that the bytes' sum is on average the network's own.
            ByteChannel channel = result[output];
            double wanted = bias[channel.Source] - channel.Offset - (channel.IsFirst ? 0 : channel.From), made = 0;
            for (int place = 0; place < places; place++)
            {
                for (int from = 0; from < inputs; from++)
                {
                    int column = (place * inputs) + from;
                    wanted += weight[Source(output, from, place)] * realMean[column];
                    made += rounded[(output * columns) + column] * (byteMean[column] - zero);
                    weights[(((output * inputs) + from) * places) + place] = rounded[(output * columns) + column];
                }
            }
            biases[output] = (int)Math.Clamp(Math.Round((wanted / channel.Scale / scales[output]) - made), int.MinValue / 2, int.MaxValue / 2);
        }
        return new QuantizedKernel([outputs, inputs, .. dimensions.AsSpan(2)], weights, scales, biases, zero);

        int Source(int output, int channel, int place) =>
            (((result[output].Source * sources) + input.Channels[channel].Source) * places) + place;
    }
}
