namespace SeverityEngine.Onnx.Passes;

/// <summary>What was seen of a value of a network over a set of images, channel by channel.</summary>
/// <param name="Minimum">The smallest value of each channel.</param>
/// <param name="Maximum">The largest value of each channel.</param>
/// <param name="Mean">The average of each channel.</param>
/// <param name="Samples">The value under some places of the probe's window, as <see cref="ActivationProbe"/> says.</param>
public sealed record ActivationStatistics(float[] Minimum, float[] Maximum, float[] Mean, float[] Samples)
{
    /// <summary>The number of channels.</summary>
    public int Channels => Minimum.Length;
}
