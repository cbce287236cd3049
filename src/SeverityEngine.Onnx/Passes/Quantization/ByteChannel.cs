namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>One channel of bytes: <c>scale q + offset</c> is the part between two limits of a channel of the network.</summary>
/// <param name="Source">The channel of the network.</param>
/// <param name="Scale">A step; below 0 where a normalization turned the channel's sign, 0 where the channel is constant.</param>
/// <param name="Offset">What the byte 0 stands for.</param>
/// <param name="From">The number from which on this channel holds a part; what is below is in the channel before.</param>
/// <param name="To">The number up to which this channel holds a part.</param>
readonly record struct ByteChannel(
    int Source, double Scale, double Offset, double From = double.NegativeInfinity, double To = double.PositiveInfinity)
{
    /// <summary>Whether the channel holds its source's part from minus infinity on, and with it what is added to it as a whole.</summary>
    public bool IsFirst => double.IsNegativeInfinity(From);

    /// <summary>The part of a number that this channel holds.</summary>
    public double Part(double number) => IsFirst ? Math.Min(number, To) : Math.Max(number, From) - From;

    /// <summary>The byte for a part.</summary>
    public byte Byte(double part) => Scale == 0 ? (byte)0 : (byte)Math.Clamp(Math.Round((part - Offset) / Scale), 0, 255);
}
