using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>
/// Reads a pickle's bytes in order. Every length is held against the bytes that are left before anything is done with it.
/// </summary>
sealed class ByteCursor(ReadOnlyMemory<byte> data, int start, ReadContext context)
{
    // Invalid UTF-8 is an error, not a replacement character: names have to be what they were.
    static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public int Position { get; private set; } = start;

    public byte Byte() => Take(1).Span[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);

    public double DoubleBigEndian() => BinaryPrimitives.ReadDoubleBigEndian(Take(8).Span);

    /// <summary>The next bytes, as a view.</summary>
    public ReadOnlyMemory<byte> Take(ulong length)
    {
        int left = data.Length - Position;
        if (length > (ulong)left)
            throw context.Invalid($"needs {length} bytes where {left} are left");
        ReadOnlyMemory<byte> taken = data.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    public ReadOnlyMemory<byte> Bytes(ulong length)
    {
        if (length > (ulong)context.Limits.MaxBytesLength)
            throw TooLong(length, context.Limits.MaxBytesLength);
        return Take(length);
    }

    public string Utf8(ulong length) => Utf8(TextBytes(length));

    /// <summary>The bytes up to the next line feed, which is passed, as text.</summary>
    public string LineUtf8() => Utf8(Line());

    /// <summary>A byte string of Python 2, a character for each byte, so that it can stand for a text and for bytes.</summary>
    public string Latin1(ulong length) => Encoding.Latin1.GetString(TextBytes(length));

    /// <summary>The bytes up to the next line feed, which is passed.</summary>
    public ReadOnlySpan<byte> Line()
    {
        int length = data.Span[Position..].IndexOf((byte)'\n');
        if (length < 0)
            throw context.Invalid("has a line without an end");
        ReadOnlySpan<byte> line = TextBytes((ulong)length);
        Position++;
        return line;
    }

    string Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw context.Invalid("has a text that is not UTF-8");
        }
    }

    ReadOnlySpan<byte> TextBytes(ulong length)
    {
        if (length > (ulong)context.Limits.MaxStringBytes)
            throw TooLong(length, context.Limits.MaxStringBytes);
        ReadOnlySpan<byte> bytes = Take(length).Span;
        context.Charge(ReadContext.NodeCost + 2L * bytes.Length);
        return bytes;
    }

    SeverityException TooLong(ulong length, int limit) =>
        context.Invalid($"has {length} bytes in one piece, beyond the limit of {limit}", ReadContext.BeyondLimit);
}

/// <summary>The values that protocol 0 writes as text, and integers of any length.</summary>
static class PickleText
{
    // No number in a weights file is near this; parsing time grows with the square of the digits.
    const int MaxNumberBytes = 1024;

    public static object Integer(ReadOnlySpan<byte> line, ReadContext context)
    {
        if (line is [.., (byte)'L'])
            line = line[..^1];
        if (long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long small))
            return small;
        string text = Encoding.Latin1.GetString(line);
        if (line.Length <= MaxNumberBytes
            && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger big))
            return big;
        throw context.Invalid($"has no integer in {ReadContext.Quote(text)}");
    }

    public static object Float(ReadOnlySpan<byte> line, ReadContext context)
    {
        if (line.Length <= MaxNumberBytes && double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            return value;
        string text = Encoding.Latin1.GetString(line);
        return text switch
        {
            "nan" => double.NaN,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ => throw context.Invalid($"has no number in {ReadContext.Quote(text)}"),
        };
    }

    /// <summary>A little-endian two's complement integer.</summary>
    public static object Long(ReadOnlySpan<byte> bytes, ReadContext context)
    {
        if (bytes.Length > MaxNumberBytes)
            throw context.Invalid($"has an integer of {bytes.Length} bytes");
        BigInteger value = new(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    /// <summary>A byte string as Python 2 printed it: in quotes, with escapes.</summary>
    public static string QuotedString(ReadOnlySpan<byte> line, ReadContext context)
    {
        if (line.Length < 2 || line[0] is not ((byte)'\'' or (byte)'"') || line[^1] != line[0])
            throw context.Invalid("has a string without its quotes");
        return Unescape(line[1..^1], bytes: true, context);
    }

    /// <summary>A text in Python's raw-unicode-escape encoding.</summary>
    public static string RawUnicode(ReadOnlySpan<byte> line, ReadContext context) => Unescape(line, bytes: false, context);

    static string Unescape(ReadOnlySpan<byte> text, bool bytes, ReadContext context)
    {
        // The builder's characters, and a short text for each rune.
        context.Charge(ReadContext.NodeCost + 4L * text.Length);
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append((char)text[i]);
                continue;
            }
            char kind = i + 1 < text.Length ? (char)text[i + 1] : '\0';
            int digits = (kind, bytes) switch { ('x', true) => 2, ('u', false) => 4, ('U', false) => 8, _ => 0 };
            if (digits > 0)
            {
                if (i + 2 + digits > text.Length
                    || !uint.TryParse(
                    text.Slice(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code))
                    throw context.Invalid("has an escape without its digits");
                Append(result, code, context);
                i += 1 + digits;
            }
            else if (bytes)
            {
                result.Append(kind switch
                {
                    '\\' or '\'' or '"' => kind,
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    _ => throw context.Invalid("has an escape that Python's repr does not write"),
                });
                i++;
            }
            else
            {
                result.Append('\\');
            }
        }
        return result.ToString();
    }

    static void Append(StringBuilder result, uint code, ReadContext context)
    {
        if (code <= char.MaxValue)
            result.Append((char)code);
        else if (Rune.TryCreate(code, out Rune rune))
            result.Append(rune.ToString());
        else
            throw context.Invalid("has an escape beyond Unicode");
    }
}
