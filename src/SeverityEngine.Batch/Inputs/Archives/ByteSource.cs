namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>A stream's bytes through a buffer, of which the last few can be given back.</summary>
/// <param name="stream">The stream; who made it closes it.</param>
sealed class ByteSource(Stream stream)
{
    /// <summary>How many bytes can be given back: as many as a register of bits holds.</summary>
    const int Kept = 8;

    readonly byte[] _buffer = new byte[Kept + (64 << 10)];
    int _at = Kept;
    int _end = Kept;

    /// <summary>What is in the buffer and not taken yet.</summary>
    public ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_at, _end - _at);

    /// <summary>Takes bytes that are in the buffer.</summary>
    public void Take(int count) => _at += count;

    /// <summary>Gives back bytes that were taken last.</summary>
    public void GiveBack(int count) => _at -= count;

    /// <summary>Reads more into the buffer; false at the stream's end.</summary>
    public bool Fill()
    {
        int kept = _at - Kept;
        _buffer.AsSpan(kept, _end - kept).CopyTo(_buffer);
        _at -= kept;
        _end -= kept;
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }

    /// <summary>The next byte; -1 at the stream's end.</summary>
    public int ReadByte() => _at < _end || Fill() ? _buffer[_at++] : -1;

    /// <summary>Fills a span as far as there are bytes.</summary>
    public int Read(Span<byte> destination)
    {
        int filled = 0;
        while (filled < destination.Length && (_at < _end || Fill()))
        {
            int count = Math.Min(destination.Length - filled, _end - _at);
            _buffer.AsSpan(_at, count).CopyTo(destination[filled..]);
            _at += count;
            filled += count;
        }
        return filled;
    }
}
