using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>
/// A strip's or tile's bytes from their runs (TIFF 6.0, section 9), which some writers lead on from row to row. The memory must stay in
/// place while it is read.
/// </summary>
sealed unsafe class TiffPackBitsStream(byte* data, int length) : ReadOnlyStream
{
    int _at, _left;
    bool _repeats;

    /// <returns>Fewer bytes than asked for where the data end.</returns>
    public override int Read(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && (_left > 0 || ReadHead()))
        {
            int count = Math.Min(_left, buffer.Length - done);
            if (_repeats)
                buffer.Slice(done, count).Fill(data[_at]);
            else
                new ReadOnlySpan<byte>(data + _at, count = Math.Min(count, length - _at)).CopyTo(buffer[done..]);
            if (count == 0)
                break; // the data end within a run
            done += count;
            _left -= count;
            if (!_repeats)
                _at += count;
            else if (_left == 0)
                _at++;
        }
        return done;
    }

    /// <returns>False at the end.</returns>
    bool ReadHead()
    {
        while (_at < length)
        {
            int head = data[_at++];
            if (head == 128)
                continue; // it means nothing
            if (_at == length)
                break; // the data end within a run
            _repeats = head > 128;
            _left = _repeats ? 257 - head : head + 1;
            return true;
        }
        return false;
    }
}
