namespace SeverityEngine.Imaging.Formats;

/// <summary>
/// An image's bytes for a decoder that does not notice their end. Reading past it is noted and answered with zeros, which bring the decoder
/// to its own end: throwing instead would leave its native memory behind. The memory must stay in place while it is read.
/// </summary>
/// <param name="data">The first byte.</param>
/// <param name="length">How many there are.</param>
/// <param name="patience">How many bytes past the end are given before the decoder is taken to be lost and stopped by an exception.</param>
sealed unsafe class GuardedStream(byte* data, int length, long patience) : Stream
{
    long _at;
    long _past;

    /// <summary>Whether the decoder has asked for more than there is.</summary>
    public bool Overrun => _past > 0;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => _at; set => Seek(value, SeekOrigin.Begin); }

    public override int ReadByte() => _at < length ? data[_at++] : BytePastEnd();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int present = (int)Math.Clamp(length - _at, 0, buffer.Length);
        new ReadOnlySpan<byte>(data + Math.Min(_at, length), present).CopyTo(buffer);
        _at += present;
        for (int i = present; i < buffer.Length; i++)
            buffer[i] = BytePastEnd();
        return buffer.Length;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = offset + (origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _at, _ => length });
        if (target > length)
            _past++; // a skip beyond the end
        return _at = Math.Clamp(target, 0, length);
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    byte BytePastEnd()
    {
        if (++_past > patience)
            throw new EndOfStreamException();
        return 0;
    }
}
