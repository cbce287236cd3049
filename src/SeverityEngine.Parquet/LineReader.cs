namespace SeverityEngine.Parquet;

/// <summary>Takes a stream apart into its lines, as they lie in a buffer that grows to the longest of them.</summary>
sealed class LineReader(Stream input)
{
    byte[] _buffer = new byte[1 << 18];
    int _start, _end;

    /// <summary>The next line, without its end, until the one behind it is read.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int looked = _start;
        while (true)
        {
            int length = _buffer.AsSpan(looked, _end - looked).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = _buffer.AsSpan(_start, looked + length - _start);
                _start = looked + length + 1;
                return true;
            }
            looked = MakeRoom();
            int read = input.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                line = _buffer.AsSpan(_start, _end - _start);
                _start = _end;
                return !line.IsEmpty;
            }
            _end += read;
        }
    }

    /// <summary>Moves what is left to the front, and gives its end.</summary>
    int MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        return _end;
    }
}
