using System.Buffers.Binary;
using System.Text;

namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>Reads a pickle's bytes in order. Every length is held against the bytes that are left before anything is done with it.</summary>
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
            throw TooLong(length, context.Limits.MaxBytesLength, nameof(PickleLimits.MaxBytesLength));
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
            throw TooLong(length, context.Limits.MaxStringBytes, nameof(PickleLimits.MaxStringBytes));
        ReadOnlySpan<byte> bytes = Take(length).Span;
        context.Charge(ReadContext.NodeCost + 2L * bytes.Length);
        return bytes;
    }

    SeverityException TooLong(ulong length, int limit, string limitName) =>
        context.Invalid($"has {length} bytes in one piece, beyond the limit of {limit}", ReadContext.Raise(limitName));
}
