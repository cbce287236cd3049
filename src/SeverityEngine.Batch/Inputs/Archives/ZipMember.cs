using System.Buffers.Binary;
using System.Text;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>One entry of a zip archive's directory.</summary>
sealed class ZipMember
{
    /// <summary>An entry without its name, extra fields and comment.</summary>
    public const int FixedBytes = 46;

    const ushort UnicodePath = 0x7075, Zip64 = 1;

    // Code page 437 from 0x80 on: the names of DOS, which the format has where nothing else is said.
    const string HighLetters = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
        + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0";

    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads an entry of the directory.</summary>
    /// <param name="entry">The entry, with its name, extra fields and comment.</param>
    /// <exception cref="InvalidDataException">Its extra fields are damaged.</exception>
    public ZipMember(ReadOnlySpan<byte> entry)
    {
        Flags = U16(entry, 8);
        Method = U16(entry, 10);
        Crc32 = U32(entry, 16);
        PackedBytes = U32(entry, 20);
        Bytes = U32(entry, 24);
        int nameBytes = U16(entry, 28), extraBytes = U16(entry, 30);
        long disk = U16(entry, 34);
        At = U32(entry, 42);
        // A Unix mode stands in the upper half of the attributes.
        IsLink = entry[5] == 3 && (U16(entry, 40) & 0xF000) == 0xA000;
        RawName = entry.Slice(FixedBytes, nameBytes).ToArray();
        Name = Text(RawName);
        ReadOnlySpan<byte> extra = entry.Slice(FixedBytes + nameBytes, extraBytes);
        while (extra.Length >= 4)
        {
            int length = U16(extra, 2);
            if (length > extra.Length - 4)
                throw new InvalidDataException($"the extra fields of {Name} are damaged");
            ReadOnlySpan<byte> field = extra.Slice(4, length);
            if (U16(extra, 0) == Zip64)
                ReadLarge(field, ref disk);
            else if (U16(extra, 0) == UnicodePath && field.Length > 5 && field[0] == 1
                && U32(field, 1) == System.IO.Hashing.Crc32.HashToUInt32(RawName))
                Name = Text(field[5..]);
            extra = extra[(4 + length)..];
        }
        if (disk != 0)
            throw new InvalidDataException($"{Name} is in another part of the archive; put its parts together");
    }

    public byte[] RawName { get; }

    public string Name { get; }

    public ushort Flags { get; }

    public ushort Method { get; }

    public uint Crc32 { get; }

    public long PackedBytes { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Where its own header stands, from the beginning of the archive.</summary>
    public long At { get; private set; }

    public bool IsLink { get; }

    public bool IsEncrypted => (Flags & 1) != 0;

    /// <summary>
    /// A name: UTF-8 where it is that, whether flagged or not, as macOS leaves the flag out; else code page 437. So two names never
    /// become one.
    /// </summary>
    public static string Text(ReadOnlySpan<byte> name)
    {
        try
        {
            return s_strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            char[] letters = new char[name.Length];
            for (int i = 0; i < letters.Length; i++)
                letters[i] = name[i] < 0x80 ? (char)name[i] : HighLetters[name[i] - 0x80];
            return new string(letters);
        }
    }

    public static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    public static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    /// <summary>Of the numbers that have no room in the entry, the large ones follow one another.</summary>
    void ReadLarge(ReadOnlySpan<byte> field, ref long disk)
    {
        Bytes = Large(ref field, Bytes);
        PackedBytes = Large(ref field, PackedBytes);
        At = Large(ref field, At);
        if (disk == ushort.MaxValue && field.Length >= 4)
            disk = U32(field, 0);

        long Large(ref ReadOnlySpan<byte> field, long small)
        {
            if (small != uint.MaxValue)
                return small;
            if (field.Length < 8 || BinaryPrimitives.ReadInt64LittleEndian(field) is not (>= 0 and var value))
                throw new InvalidDataException($"the extra fields of {Name} are damaged");
            field = field[8..];
            return value;
        }
    }
}
