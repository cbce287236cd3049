using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>
/// A strip's or tile's bytes from their LZW code (TIFF 6.0, section 13). Codes have their highest bit first, and get wider one code before
/// the table needs it. The memory must stay in place while it is read.
/// </summary>
/// <param name="name">The file, for messages.</param>
sealed unsafe class TiffLzwStream(string name) : ReadOnlyStream
{
    const int LeastBits = 9, MostBits = 12, MostCodes = 1 << MostBits, Clear = 256, End = 257, First = 258;

    // A string is another one and a byte more.
    readonly ushort[] _before = new ushort[MostCodes];
    readonly ushort[] _length = new ushort[MostCodes];
    readonly byte[] _first = new byte[MostCodes];
    readonly byte[] _last = new byte[MostCodes];
    readonly byte[] _string = new byte[MostCodes];
    byte* _data;
    int _left, _next, _width, _code, _bitCount, _stringAt, _stringEnd;
    uint _bits;
    bool _isBegun, _isEnded;

    /// <summary>Goes to a strip's or tile's data.</summary>
    /// <exception cref="SeverityException">They are in the form of TIFF 5.0, whose codes have their lowest bit first.</exception>
    public void Open(byte* data, int length)
    {
        if (length > 1 && data[0] == 0 && (data[1] & 1) == 1)
            throw ImageChecks.Unsupported(name, "a TIFF compressed by LZW of the old style, which is not read");
        _data = data;
        (_left, _bits, _bitCount, _stringAt, _stringEnd, _isBegun, _isEnded) = (length, 0, 0, 0, 0, false, false);
        ClearTable();
    }

    /// <returns>Fewer bytes than asked for where the data end.</returns>
    public override int Read(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && (_stringAt < _stringEnd || ReadString()))
        {
            int count = Math.Min(buffer.Length - done, _stringEnd - _stringAt);
            _string.AsSpan(_stringAt, count).CopyTo(buffer[done..]);
            _stringAt += count;
            done += count;
        }
        return done;
    }

    /// <summary>Decodes one code.</summary>
    /// <returns>False at the end.</returns>
    bool ReadString()
    {
        int code = _isEnded ? End : NextCode();
        while (code == Clear)
        {
            _isBegun = true;
            ClearTable();
            code = NextCode();
        }
        if (code == End)
        {
            _isEnded = true;
            return false;
        }
        if (!_isBegun)
            throw ImageChecks.Corrupt(name, "its compressed data do not begin with a clear code");
        // A string that is being made is the last one and its own first byte again; the first after a clear makes none.
        if (code > _next || code == _next && _code < 0)
            throw ImageChecks.Corrupt(name, $"its compressed data name string {code} of {_next}");
        if (_code >= 0 && _next < MostCodes)
            AddString(code == _next ? _first[_code] : _first[code]);
        else if (code == _next)
            throw ImageChecks.Corrupt(name, "its compressed data go on beyond their table");
        _code = code;
        (_stringAt, _stringEnd) = (0, _length[code]);
        for (int i = _stringEnd - 1; i >= 0; i--, code = _before[code])
            _string[i] = _last[code];
        return true;
    }

    void AddString(byte last)
    {
        (_before[_next], _length[_next], _first[_next], _last[_next]) = ((ushort)_code, (ushort)(_length[_code] + 1), _first[_code], last);
        if (++_next == (1 << _width) - 1 && _width < MostBits)
            _width++;
    }

    void ClearTable()
    {
        (_next, _width, _code) = (First, LeastBits, -1);
        for (int i = 0; i < Clear; i++)
            (_length[i], _first[i], _last[i]) = (1, (byte)i, (byte)i);
    }

    /// <summary>The next code; the end code where the data end before it does.</summary>
    int NextCode()
    {
        while (_bitCount < _width)
        {
            if (_left == 0)
                return End;
            _bits = _bits << 8 | *_data++;
            _left--;
            _bitCount += 8;
        }
        _bitCount -= _width;
        return (int)(_bits >> _bitCount) & (1 << _width) - 1;
    }
}
