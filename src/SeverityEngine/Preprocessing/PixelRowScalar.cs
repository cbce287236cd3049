namespace SeverityEngine.Preprocessing;

/// <summary>A pixel at a time.</summary>
sealed class PixelRowScalar : PixelRow
{
    protected override void FromBytes(ReadOnlySpan<byte> source, Span<float> destination) => FromBytes(source, 0, destination);

    protected override void FromUInt16(ReadOnlySpan<ushort> source, Span<float> destination) => FromUInt16(source, 0, destination);

    protected override void FromThreeBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination) =>
        FromBytes(source, 3, channel, 0, destination);

    protected override void FromFourBytes(ReadOnlySpan<byte> source, int channel, Span<float> destination) =>
        FromBytes(source, 4, channel, 0, destination);
}
