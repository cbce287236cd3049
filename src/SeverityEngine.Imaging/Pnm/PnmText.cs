using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Pnm;

/// <summary>The decimal numbers of a PNM's header and of the plain forms' pictures, as netpbm's libnetpbm reads them.</summary>
/// <param name="file">The whole file.</param>
/// <param name="at">Where reading begins.</param>
/// <param name="name">The file, for messages.</param>
ref struct PnmText(ReadOnlySpan<byte> file, int at, string name)
{
    readonly ReadOnlySpan<byte> _file = file;

    /// <summary>Where reading goes on: behind the one character that ended the last number.</summary>
    public int At { get; private set; } = at;

    public static bool IsSpace(byte character) => character is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    /// <summary>The next number. One character must follow it: without that, the file may be cut within the number.</summary>
    /// <returns>The number; <see cref="int.MaxValue"/> for a larger one.</returns>
    /// <exception cref="SeverityException">The file ends first, or something else stands there.</exception>
    public int Next()
    {
        byte character = Read();
        while (IsSpace(character))
            character = Read();
        long number = 0;
        if (!char.IsAsciiDigit((char)character))
            throw NoNumber();
        for (; char.IsAsciiDigit((char)character); character = Read())
            number = Math.Min(10 * number + character - '0', int.MaxValue);
        return IsSpace(character) ? (int)number : throw NoNumber();
    }

    /// <summary>Goes past space and comments.</summary>
    /// <returns>Whether nothing else is left.</returns>
    public bool IsAtEnd()
    {
        while (At < _file.Length)
        {
            if (_file[At] == '#')
                SkipComment();
            else if (IsSpace(_file[At]))
                At++;
            else
                return false;
        }
        return true;
    }

    /// <summary>The next character; for a comment, the line's end that ends it.</summary>
    byte Read()
    {
        if (At < _file.Length && _file[At] == '#')
            SkipComment();
        return At < _file.Length ? _file[At++]
            : throw ImageChecks.Truncated(name, $"a number is not there, or not ended, at its last byte, {_file.Length}");
    }

    void SkipComment()
    {
        int length = _file[At..].IndexOfAny((byte)'\r', (byte)'\n');
        At = length < 0 ? _file.Length : At + length;
    }

    readonly SeverityException NoNumber() => ImageChecks.Corrupt(name, $"its byte {At - 1} belongs to no decimal number");
}
