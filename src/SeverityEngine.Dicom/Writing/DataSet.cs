using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SeverityEngine.Dicom.Writing;

/// <summary>
/// A data set that is being made, written as explicit VR little endian with elements in ascending order (PS3.5, 7 and A.2). Sequences and
/// items have defined lengths.
/// </summary>
sealed class DataSet
{
    /// <summary>Those of the representations used here whose length has 32 bits (PS3.5, 7.1.2).</summary>
    const string LongForms = "OB SQ UN UT";

    const uint Item = 0xFFFE_E000;

    readonly SortedDictionary<uint, (string Vr, ReadOnlyMemory<byte> Value)> _elements = [];

    /// <summary>Sets a value of bytes, which are padded to an even length: texts with a space, all others with a zero.</summary>
    public DataSet Bytes(uint tag, string vr, ReadOnlyMemory<byte> value)
    {
        if (value.Length % 2 != 0)
        {
            byte[] padded = new byte[value.Length + 1];
            value.CopyTo(padded);
            padded[^1] = vr is "UI" or "OB" ? (byte)0 : (byte)' ';
            value = padded;
        }
        _elements[tag] = (vr, value);
        return this;
    }

    /// <summary>Sets a text; what is not printable ASCII becomes a question mark.</summary>
    public DataSet Text(uint tag, string vr, string value) => Bytes(tag, vr, AsciiText.Bytes(value));

    /// <summary>Sets an unsigned number of 16 bits.</summary>
    public DataSet Short(uint tag, int value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
        return Bytes(tag, "US", bytes);
    }

    /// <summary>Sets an unsigned number of 32 bits.</summary>
    public DataSet Long(uint tag, int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Bytes(tag, "UL", bytes);
    }

    /// <summary>Sets a number of 64 bits, floating-point.</summary>
    public DataSet Double(uint tag, double value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return Bytes(tag, "FD", bytes);
    }

    /// <summary>Sets numbers of 32 bits, floating-point.</summary>
    public DataSet Singles(uint tag, params ReadOnlySpan<float> values)
    {
        byte[] bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return Bytes(tag, "FL", bytes);
    }

    /// <summary>Sets a number as text.</summary>
    public DataSet Integer(uint tag, int value) => Text(tag, "IS", value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets a sequence; without items it is there and empty.</summary>
    public DataSet Sequence(uint tag, params IReadOnlyList<DataSet> items)
    {
        ArrayBufferWriter<byte> value = new();
        foreach (DataSet item in items)
        {
            byte[] encoded = item.Encode();
            Head(value, Item);
            Length32(value, encoded.Length);
            value.Write(encoded);
        }
        _elements[tag] = ("SQ", value.WrittenMemory);
        return this;
    }

    /// <summary>Adds all elements of another.</summary>
    public DataSet Add(DataSet other)
    {
        foreach ((uint tag, (string Vr, ReadOnlyMemory<byte> Value) element) in other._elements)
            _elements[tag] = element;
        return this;
    }

    /// <summary>The bytes.</summary>
    public byte[] Encode()
    {
        ArrayBufferWriter<byte> data = new(_elements.Values.Sum(element => element.Value.Length + 12) + 1);
        foreach ((uint tag, (string vr, ReadOnlyMemory<byte> value)) in _elements)
        {
            Head(data, tag);
            data.Write(AsciiText.Bytes(vr));
            if (LongForms.Contains(vr, StringComparison.Ordinal))
            {
                data.Write<byte>([0, 0]);
                Length32(data, value.Length);
            }
            else
            {
                Span<byte> length = data.GetSpan(2);
                BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)value.Length));
                data.Advance(2);
            }
            data.Write(value.Span);
        }
        return data.WrittenSpan.ToArray();
    }

    static void Head(ArrayBufferWriter<byte> data, uint tag)
    {
        Span<byte> head = data.GetSpan(4);
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)tag);
        data.Advance(4);
    }

    static void Length32(ArrayBufferWriter<byte> data, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(data.GetSpan(4), length);
        data.Advance(4);
    }
}

/// <summary>The engine's own texts, which have no other characters than printable ASCII: every character set holds those.</summary>
static class AsciiText
{
    /// <summary>A text as bytes; a question mark for each other character.</summary>
    public static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(Of(text));

    /// <summary>A text with a question mark for each other character.</summary>
    public static string Of(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.Value is >= ' ' and <= '~' ? (char)rune.Value : '?'));

    /// <summary>A text of one value, which no backslash divides, and of so many characters at most.</summary>
    public static string One(string text, int most)
    {
        string one = Of(text).Replace('\\', '/');
        return one.Length <= most ? one : one[..most];
    }
}
