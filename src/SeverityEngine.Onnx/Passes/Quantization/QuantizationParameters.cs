namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// How a uint8 tensor <c>[N, H, W, C]</c> stands for real numbers: <c>scale q + offset</c> in each channel, whose zero point is
/// <c>-offset / scale</c>. A channel of the network may be split in two: one of a fine scale for the part of a number up to a limit, and
/// one of a coarse scale for what goes beyond.
/// </summary>
/// <param name="Name">The tensor.</param>
/// <param name="Channels">Its channels.</param>
/// <param name="Samples">What it stands for under some windows, real and quantized; from the calibration.</param>
sealed record QuantizationParameters(string Name, IReadOnlyList<QuantizedChannel> Channels, EncodedSamples Samples)
{
    /// <summary>The zero point that all channels share; null where there is none.</summary>
    public byte? Zero()
    {
        double zero = Math.Round(-Channels[0].Offset / Channels[0].Scale);
        return zero is >= 0 and <= 255 && Channels.All(c => Math.Abs((c.Scale * zero) + c.Offset) <= 1e-9 * Math.Abs(c.Scale))
            ? (byte)zero : null;
    }

    /// <summary>How many of another tensor's steps one of this one's is, in every channel; null where channels differ in it.</summary>
    public double? RatioTo(QuantizationParameters other)
    {
        double ratio = Channels[0].Scale / other.Channels[0].Scale;
        return Channels.Count == other.Channels.Count
            && Channels.Zip(other.Channels).All(p => Math.Abs((p.First.Scale / p.Second.Scale) - ratio) <= 1e-6 * ratio) ? ratio : null;
    }

    /// <summary>The same channels in another tensor.</summary>
    public QuantizationParameters In(string name, EncodedSamples samples) => new(name, Channels, samples);
}

/// <summary>One quantized channel: <c>scale q + offset</c> is the part between two limits of a channel of the network.</summary>
/// <param name="Source">The channel of the network.</param>
/// <param name="Scale">The scale; below 0 where a normalization turned the channel's sign, 0 where the channel is constant.</param>
/// <param name="Offset">What the quantized value 0 stands for.</param>
/// <param name="From">The number from which on this channel holds a part; what is below is in the channel before.</param>
/// <param name="To">The number up to which this channel holds a part.</param>
readonly record struct QuantizedChannel(
    int Source, double Scale, double Offset, double From = double.NegativeInfinity, double To = double.PositiveInfinity)
{
    /// <summary>Whether the channel holds its source's part from minus infinity on, and with it what is added to it as a whole.</summary>
    public bool IsFirst => double.IsNegativeInfinity(From);

    /// <summary>The part of a number that this channel holds.</summary>
    public double Part(double number) => IsFirst ? Math.Min(number, To) : Math.Max(number, From) - From;

    /// <summary>Quantizes a part.</summary>
    public byte Quantize(double part) => Scale == 0 ? (byte)0 : (byte)Math.Clamp(Math.Round((part - Offset) / Scale), 0, 255);
}

/// <summary>
/// The quantized channels of what a convolution makes. Their ranges span all that the calibration saw: clipping the rare extremes was
/// measured to cost more than a finer scale gains, because the extremes carry the images that are unlike the others.
/// </summary>
static class QuantizedRange
{
    /// <summary>
    /// How much farther from 0 a range ends than what was seen in it: other images reach beyond. Without, a residual network that was
    /// calibrated on phantoms scored X-rays' extent 0.08 too high on average. Ranges that were widened alike at both ends, whatever lay
    /// there, made a DenseNet's differences four times as large.
    /// </summary>
    public const double Headroom = 1.25;

    /// <summary>The share of rounding noise in a channel's variance beyond which it is split in two.</summary>
    const double LargestNoise = 1e-3;

    const double FineSteps = 16;

    /// <param name="statistics">Of the value.</param>
    /// <param name="positive">Whether a ReLU leaves nothing below 0.</param>
    /// <param name="splittable">Whether a channel may be split in two.</param>
    public static List<QuantizedChannel> Channels(ActivationStatistics statistics, bool positive, bool splittable)
    {
        List<QuantizedChannel> channels = [];
        for (int source = 0; source < statistics.Channels; source++)
        {
            double low = positive ? 0 : statistics.Minimum[source], high = statistics.Maximum[source];
            if (!(high - low > 1e-12 * Math.Max(1, Math.Abs(low))))
            {
                channels.Add(new QuantizedChannel(source, 1.0 / 255, low)); // it never changes
                continue;
            }
            low = Math.Min(low, low * Headroom);
            high = Math.Max(high, high * Headroom);
            float[] samples = Samples(statistics, source);
            double step = (high - low) / 255;
            if (splittable && positive && step * step / 12 > LargestNoise * Variance(samples))
            {
                double limit = step * 255 / FineSteps;
                channels.Add(new QuantizedChannel(source, step / FineSteps, 0, To: limit));
                channels.Add(new QuantizedChannel(source, (high - limit) / 255, 0, From: limit));
            }
            else
            {
                channels.Add(new QuantizedChannel(source, step, low));
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
