namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// How a tensor of bytes <c>[N, H, W, C]</c> stands for real numbers: <c>scale q + offset</c> in each channel. A channel of the network may be
/// held in two: one of fine steps for the part of a number up to a limit, and one of coarse steps for what goes beyond.
/// </summary>
/// <param name="Name">The tensor.</param>
/// <param name="Channels">Its channels.</param>
/// <param name="Samples">What it stands for under some windows, as numbers and as bytes; from the calibration.</param>
sealed record QuantizationParameters(string Name, IReadOnlyList<ByteChannel> Channels, EncodedSamples Samples)
{
    /// <summary>The byte that stands for 0 in every channel; null where there is none.</summary>
    public byte? Zero()
    {
        double zero = Math.Round(-Channels[0].Offset / Channels[0].Scale);
        return zero is >= 0 and <= 255 && Channels.All(c => Math.Abs((c.Scale * zero) + c.Offset) <= 1e-9 * Math.Abs(c.Scale)) ? (byte)zero : null;
    }

    /// <summary>The same channels in another tensor.</summary>
    public QuantizationParameters In(string name, EncodedSamples samples) => new(name, Channels, samples);
}
