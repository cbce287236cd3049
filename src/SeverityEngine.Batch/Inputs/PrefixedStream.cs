using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>Bytes of a stream that were read already, and the rest.</summary>
/// <param name="prefix">The bytes.</param>
/// <param name="rest">The stream, which stands behind them; closed with this one.</param>
sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ReadOnlyStream
{
    ReadOnlyMemory<byte> _left = prefix;

    public override long Length => rest.Length;

    public override int Read(Span<byte> buffer)
    {
        if (_left.IsEmpty)
            return rest.Read(buffer);
        int taken = Math.Min(buffer.Length, _left.Length);
        _left.Span[..taken].CopyTo(buffer);
        _left = _left[taken..];
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
