using System.Numerics.Tensors;

namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// A convolution's constants as QLinearConv takes them, between two encodings: with both scales 1, what they hold goes into the weights.
/// </summary>
/// <param name="Dimensions">Of the weights: outputs, inputs, height, width.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Scales">The weights' scale, for each output.</param>
/// <param name="Bias">What is added to the sums of products, for each output.</param>
/// <param name="InputZero">The zero point of the input, which padding has.</param>
sealed record QuantizedKernel(long[] Dimensions, sbyte[] Weights, float[] Scales, int[] Bias, byte InputZero)
{
    /// <param name="dimensions">Of the weight: outputs, inputs, height, width.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">For each output.</param>
    /// <param name="input">What the convolution reads.</param>
    /// <param name="result">The quantized channels to make of the weight's outputs.</param>
    public static QuantizedKernel Of(
        long[] dimensions, ReadOnlySpan<float> weight, double[] bias, QuantizationParameters input, IReadOnlyList<QuantizedChannel> result)
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
            // Bias correction: the quantized sum is on average the network's own.
            QuantizedChannel channel = result[output];
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
            biases[output] =
                (int)Math.Clamp(Math.Round((wanted / channel.Scale / scales[output]) - made), int.MinValue / 2, int.MaxValue / 2);
        }
        return new QuantizedKernel([outputs, inputs, .. dimensions.AsSpan(2)], weights, scales, biases, zero);

        int Source(int output, int channel, int place) =>
            (((result[output].Source * sources) + input.Channels[channel].Source) * places) + place;
    }
}

/// <summary>
/// Quantizes real weights to int8 with one scale for each output channel, such that every processor computes the same: where there are no
/// instructions for sums of four products (VNNI), AVX2 adds two products of uint8 and int8 into 16 bits and saturates. Two
/// neighboring weights whose sum is within ±128 cannot reach that with any activations.
/// </summary>
static class WeightRounding
{
    const int Largest = 127, LargestPair = 128; // 255 x 128 is below 32767
    const int Sweeps = 12, LargestFeedback = 640;

    /// <summary>
    /// The scales that are tried, as parts of the one at which the largest weight is 127; below 1 the largest are cut off.
    /// </summary>
    static readonly double[] s_scales = [1, 1.2, 0.9, 0.8];

    /// <summary>
    /// Rounds each row such that its products with the inputs change least: an error in one weight is made good by its neighbors', as far
    /// as the inputs vary together.
    /// </summary>
    /// <param name="weights">
    /// Rows of one output channel; the order within is that in which the runtime multiplies: place in the window, then input channel.
    /// </param>
    /// <param name="covariance">Of the inputs, columns by columns.</param>
    /// <param name="bytes">Receives the int8 weights.</param>
    /// <returns>The scale of each row.</returns>
    public static float[] Round(double[] weights, float[] covariance, sbyte[] bytes)
    {
        int columns = (int)Math.Sqrt(covariance.Length);
        float[] scales = new float[weights.Length / columns];
        double total = 0;
        for (int i = 0; i < columns; i++)
            total += covariance[(i * columns) + i];
        // What the samples have not seen may yet come: no direction is without cost.
        float slack = (float)Math.Max(total / columns * 1e-3, 1e-6);
        for (int i = 0; i < columns; i++)
            covariance[(i * columns) + i] += slack;
        float[]? feedback = columns <= LargestFeedback ? Feedback(covariance, columns) : null;
        Parallel.For(0, scales.Length, row =>
            scales[row] = Best(weights.AsSpan(row * columns, columns), covariance, feedback, bytes.AsSpan(row * columns, columns)));
        return scales;
    }

    static float Best(ReadOnlySpan<double> weights, ReadOnlySpan<float> covariance, ReadOnlySpan<float> feedback, Span<sbyte> bytes)
    {
        double largest = Math.Abs(TensorPrimitives.MaxMagnitude(weights));
        if (largest == 0)
            return 1;
        Span<sbyte> trial = new sbyte[bytes.Length];
        double least = double.PositiveInfinity;
        float best = 1;
        foreach (double part in s_scales)
        {
            float scale = (float)(largest / Largest * part);
            foreach (bool diffused in (ReadOnlySpan<bool>)[false, true])
            {
                if (diffused && feedback.IsEmpty)
                    continue;
                Fill(weights, diffused ? feedback : [], scale, trial);
                double error = Improve(weights, covariance, scale, trial) * scale * scale;
                if (error < least)
                {
                    (least, best) = (error, scale);
                    trial.CopyTo(bytes);
                }
            }
        }
        return best;
    }

    /// <summary>
    /// Each weight takes the nearest int8, or with feedback the nearest to what the errors before it ask of it: so the errors' products
    /// with the inputs cancel, as far as the inputs vary together (Chee et al., QuIP, arXiv 2307.13304; the same as GPTQ's).
    /// </summary>
    static void Fill(ReadOnlySpan<double> weights, ReadOnlySpan<float> feedback, float scale, Span<sbyte> bytes)
    {
        int columns = weights.Length;
        float[] error = new float[columns];
        for (int k = 0; k < columns; k++)
        {
            double exact = weights[k] / scale;
            double asked = feedback.IsEmpty ? exact : exact + TensorPrimitives.Dot(error.AsSpan(0, k), feedback.Slice(k * columns, k));
            // The second of a pair yields to the first.
            bytes[k] = (sbyte)Math.Clamp(Math.Round(asked), Lowest(bytes, k, k & 1), Highest(bytes, k, k & 1));
            error[k] = (float)(exact - bytes[k]);
        }
    }

    /// <summary>One weight after the other takes the value that is best beside the others, until none moves.</summary>
    /// <returns>The average square of the error that is left in the sum of products, in units of the weights' scale.</returns>
    static double Improve(ReadOnlySpan<double> weights, ReadOnlySpan<float> covariance, float scale, Span<sbyte> bytes)
    {
        int columns = weights.Length;
        float[] error = new float[columns], gradient = new float[columns];
        for (int k = 0; k < columns; k++)
            error[k] = (float)((weights[k] / scale) - bytes[k]);
        for (int k = 0; k < columns; k++)
            gradient[k] = TensorPrimitives.Dot(covariance.Slice(k * columns, columns), error);
        bool moved = true;
        for (int sweep = 0; sweep < Sweeps && moved; sweep++)
        {
            moved = false;
            for (int k = 0; k < columns; k++)
            {
                ReadOnlySpan<float> line = covariance.Slice(k * columns, columns);
                int best = (int)Math.Clamp(MathF.Round(bytes[k] + (gradient[k] / line[k])), Lowest(bytes, k, 1), Highest(bytes, k, 1));
                int change = best - bytes[k];
                if (change == 0)
                    continue;
                bytes[k] = (sbyte)best;
                error[k] -= change;
                TensorPrimitives.MultiplyAdd(line, -change, gradient, gradient);
                moved = true;
            }
        }
        return TensorPrimitives.Dot<float>(error, gradient);
    }

    /// <summary>The strictly upper factor U of the covariance as (U + I) D (U + I)', column by column.</summary>
    static float[] Feedback(float[] covariance, int columns)
    {
        double[] rest = Array.ConvertAll(covariance, c => (double)c);
        float[] factor = new float[covariance.Length];
        double[] line = new double[columns];
        for (int k = columns - 1; k > 0; k--)
        {
            ReadOnlySpan<double> column = rest.AsSpan(k * columns, k); // of a symmetric matrix, of which the lower half is kept
            TensorPrimitives.Divide(column, rest[(k * columns) + k], line.AsSpan(0, k));
            for (int i = 0; i < k; i++)
            {
                factor[(k * columns) + i] = (float)line[i];
                Span<double> row = rest.AsSpan(i * columns, i + 1);
                TensorPrimitives.MultiplyAdd(line.AsSpan(0, i + 1), -column[i], row, row);
            }
        }
        return factor;
    }

    /// <summary>What a weight may be beside its neighbor in the pair, where that counts.</summary>
    static int Highest(ReadOnlySpan<sbyte> bytes, int k, int counts) => Math.Min(Largest, LargestPair - (counts * Neighbor(bytes, k)));

    static int Lowest(ReadOnlySpan<sbyte> bytes, int k, int counts) => Math.Max(-Largest, -LargestPair - (counts * Neighbor(bytes, k)));

    static int Neighbor(ReadOnlySpan<sbyte> bytes, int k) => (k ^ 1) < bytes.Length ? bytes[k ^ 1] : 0;
}
