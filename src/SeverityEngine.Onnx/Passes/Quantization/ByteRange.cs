namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// The bytes for what a convolution makes. They span all that was seen: cutting off the rare extremes was measured to cost more than finer steps
/// bring, for they carry the images that are unlike the others.
/// </summary>
static class ByteRange
{
    /// <summary>The share of rounding noise in a channel's variance beyond which it is held in two.</summary>
    const double LargestNoise = 1e-3;

    const double FineSteps = 16;

    /// <param name="statistics">Of the value.</param>
    /// <param name="positive">Whether a ReLU leaves nothing below 0.</param>
    /// <param name="splittable">Whether a channel may be held in two.</param>
    public static List<ByteChannel> Channels(ActivationStatistics statistics, bool positive, bool splittable)
    {
        List<ByteChannel> channels = [];
        for (int source = 0; source < statistics.Channels; source++)
        {
            double low = positive ? 0 : statistics.Minimum[source], high = statistics.Maximum[source];
            if (!(high - low > 1e-12 * Math.Max(1, Math.Abs(low))))
            {
                channels.Add(new ByteChannel(source, 1.0 / 255, low)); // it never changes
                continue;
            }
            float[] samples = Samples(statistics, source);
            double step = (high - low) / 255;
            if (splittable && positive && step * step / 12 > LargestNoise * Variance(samples))
            {
                double limit = step * 255 / FineSteps;
                channels.Add(new ByteChannel(source, step / FineSteps, 0, To: limit));
                channels.Add(new ByteChannel(source, (high - limit) / 255, 0, From: limit));
            }
            else
            {
                channels.Add(new ByteChannel(source, step, low));
            }
        }
        return channels;
    }

    static float[] Samples(ActivationStatistics statistics, int channel)
    {
        float[] samples = new float[statistics.Samples.Length / statistics.Channels];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = statistics.Samples[(i * statistics.Channels) + channel];
        return samples;
    }

    static double Variance(float[] samples)
    {
        double mean = samples.Average(s => (double)s);
        return samples.Average(s => (s - mean) * (s - mean));
    }
}
