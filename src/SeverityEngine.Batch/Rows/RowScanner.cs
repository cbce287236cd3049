namespace SeverityEngine.Batch.Rows;

/// <summary>Goes through a file of rows, one after the other, in memory that one row bounds.</summary>
sealed class RowScanner(FileStream file, bool hasQuotes)
{
    /// <summary>Far above any row that is written here; what has no end by then is no row.</summary>
    const int LongestRow = 16 << 20;

    byte[] _buffer = new byte[256 << 10];
    int _start;
    int _filled;
    long _bufferAt;

    /// <summary>Where the row that was read last starts in the file.</summary>
    public long RowStart { get; private set; }

    /// <summary>Where it ends, its line's end included.</summary>
    public long RowEnd { get; private set; }

    /// <summary>The next row, its line's end included; false at the end, or where what is left has no line's end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> row)
    {
        int scanned = _start;
        bool quoted = false;
        while (true)
        {
            int end = FindEnd(ref scanned, ref quoted);
            if (end >= 0)
            {
                row = _buffer.AsSpan(_start, end + 1 - _start);
                RowStart = _bufferAt + _start;
                RowEnd = _bufferAt + end + 1;
                _start = end + 1;
                return true;
            }
            if (!Fill(ref scanned))
            {
                row = _buffer.AsSpan(_start, _filled - _start);
                RowStart = _bufferAt + _start;
                RowEnd = _bufferAt + _filled;
                return false;
            }
        }
    }

    int FindEnd(ref int scanned, ref bool quoted)
    {
        while (scanned < _filled)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(scanned, _filled - scanned);
            int at = !hasQuotes ? rest.IndexOf((byte)'\n') : quoted ? rest.IndexOf((byte)'"') : rest.IndexOfAny((byte)'"', (byte)'\n');
            if (at < 0)
            {
                scanned = _filled;
                return -1;
            }
            scanned += at + 1;
            if (rest[at] == '\n' && !quoted)
                return scanned - 1;
            quoted ^= rest[at] == '"';
        }
        return -1;
    }

    bool Fill(ref int scanned)
    {
        int kept = _filled - _start;
        if (kept >= LongestRow)
            return false;
        byte[] target = kept == _buffer.Length ? new byte[2 * kept] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(target);
        scanned -= _start;
        _bufferAt += _start;
        (_buffer, _start, _filled) = (target, 0, kept);
        int read = RandomAccess.Read(file.SafeFileHandle, _buffer.AsSpan(kept), _bufferAt + kept);
        _filled += read;
        return read > 0;
    }
}
