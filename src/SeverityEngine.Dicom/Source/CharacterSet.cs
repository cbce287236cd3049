using System.Text;

namespace SeverityEngine.Dicom.Source;

/// <summary>
/// How a data set's texts are coded (PS3.3, C.12.1.1.2; PS3.5, 6.1). Texts stay as they are; this tells which are sound, and where their
/// characters and delimiters are, which bytes alone do not show: the second byte of a Chinese character may look like a backslash.
/// </summary>
sealed class CharacterSet
{
    /// <summary>What stands for a character that is not ASCII in a text's shape.</summary>
    public const char Other = '\uFFFD';

    const byte Escape = 0x1B;

    enum Coding : byte
    {
        Ascii,
        SingleByte,
        Utf8,
        Chinese,
        Extensions,
    }

    static readonly HashSet<string> s_parts =
        ["6", "100", "101", "109", "110", "144", "127", "126", "138", "148", "203", "13", "166", "87", "159", "149", "58"];

    // Those sets that only extend another.
    static readonly HashSet<string> s_wide = ["87", "159", "149", "58"];

    readonly Coding _coding;

    CharacterSet(string name, Coding coding)
    {
        Name = name;
        _coding = coding;
    }

    /// <summary>The value of SpecificCharacterSet that says so; empty for ASCII.</summary>
    public string Name { get; }

    /// <summary>
    /// The character set of a SpecificCharacterSet. Of a value that PS3.3 does not know, what is ASCII is sound in any case.
    /// </summary>
    public static CharacterSet Find(string value)
    {
        string[] terms = [.. value.Split('\\').Select(term => term.Trim(' ', '\0'))];
        string name = string.Join('\\', terms);
        if (terms is [{ } one])
        {
            if (one is "ISO_IR 192")
                return new CharacterSet(name, Coding.Utf8);
            if (one is "GB18030" or "GBK")
                return new CharacterSet(name, Coding.Chinese);
            if (Part(one, "ISO_IR ") is { } part && part != "6" && !s_wide.Contains(part))
                return new CharacterSet(name, Coding.SingleByte);
        }
        bool isExtended = name.Length > 0 && terms.Skip(1).All(term => Part(term, "ISO 2022 IR ") is not null)
            && (terms[0].Length == 0 || Part(terms[0], "ISO 2022 IR ") is { } first && (!s_wide.Contains(first) || terms.Length == 1));
        return isExtended ? new CharacterSet(name, Coding.Extensions) : new CharacterSet("", Coding.Ascii);
    }

    /// <summary>
    /// A text with ASCII characters as they are, and one character for each other; null where its bytes are none of this set, or control
    /// characters.
    /// </summary>
    public string? Shape(ReadOnlySpan<byte> text)
    {
        StringBuilder shape = new(text.Length);
        bool isSound = _coding switch
        {
            Coding.Utf8 => AddUtf8(text, shape),
            Coding.Chinese => AddChinese(text, shape),
            Coding.Extensions => AddExtended(text, shape),
            _ => AddBytes(text, shape, _coding == Coding.SingleByte),
        };
        return isSound ? shape.ToString() : null;
    }

    static string? Part(string term, string start) =>
        term.StartsWith(start, StringComparison.Ordinal) && s_parts.Contains(term[start.Length..]) ? term[start.Length..] : null;

    static bool AddBytes(ReadOnlySpan<byte> text, StringBuilder shape, bool withUpper)
    {
        foreach (byte letter in text)
        {
            if (!Add(letter, shape, withUpper))
                return false;
        }
        return true;
    }

    static bool Add(byte letter, StringBuilder shape, bool withUpper)
    {
        if (letter is >= 0x20 and < 0x7F)
            shape.Append((char)letter);
        else if (withUpper && letter >= 0xA0)
            shape.Append(Other);
        else
            return false;
        return true;
    }

    static bool AddUtf8(ReadOnlySpan<byte> text, StringBuilder shape)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out Rune rune, out int bytes) != System.Buffers.OperationStatus.Done || Rune.IsControl(rune))
                return false;
            shape.Append(rune.IsAscii ? (char)rune.Value : Other);
            text = text[bytes..];
        }
        return true;
    }

    /// <summary>GB18030 and its part GBK: one, two or four bytes a character.</summary>
    static bool AddChinese(ReadOnlySpan<byte> text, StringBuilder shape)
    {
        for (int at = 0; at < text.Length;)
        {
            if (text[at] < 0x80)
            {
                if (!Add(text[at++], shape, withUpper: false))
                    return false;
                continue;
            }
            if (text[at] is 0x80 or 0xFF || at + 1 >= text.Length)
                return false;
            int bytes = text[at + 1] is >= 0x30 and <= 0x39 ? 4 : 2;
            if (at + bytes > text.Length || bytes == 2 && text[at + 1] is < 0x40 or 0x7F or 0xFF)
                return false;
            shape.Append(Other);
            at += bytes;
        }
        return true;
    }

    /// <summary>Sets that escape sequences choose (PS3.5, 6.1.2.5): in some, a character has two bytes.</summary>
    static bool AddExtended(ReadOnlySpan<byte> text, StringBuilder shape)
    {
        bool isWide = false, isUpperWide = false;
        for (int at = 0; at < text.Length;)
        {
            ReadOnlySpan<byte> rest = text[at..];
            if (rest[0] == Escape)
            {
                int length = Sequence(rest, ref isWide, ref isUpperWide);
                if (length == 0)
                    return false;
                at += length;
            }
            else if (isWide && rest[0] < 0x80 || isUpperWide && rest[0] >= 0xA0)
            {
                if (rest.Length < 2 || (rest[0] & 0x7F) < 0x21 || (rest[0] ^ rest[1]) >= 0x80 || (rest[1] & 0x7F) is < 0x21 or 0x7F)
                    return false;
                shape.Append(Other);
                at += 2;
            }
            else if (Add(rest[0], shape, withUpper: true))
            {
                at++;
            }
            else
            {
                return false;
            }
        }
        // A text ends as it begins, or what follows it could not be read.
        return !isWide;
    }

    /// <summary>The length of an escape sequence of PS3.3's tables C.12-3 and C.12-4; 0 for any other.</summary>
    static int Sequence(ReadOnlySpan<byte> at, ref bool isWide, ref bool isUpperWide)
    {
        ReadOnlySpan<byte> sequence = at[1..Math.Min(at.Length, 4)];
        if (sequence is [(byte)'$', (byte)'B', ..])
            isWide = true;
        else if (sequence is [(byte)'(', (byte)'B' or (byte)'J', ..])
            isWide = false;
        else if (sequence is [(byte)')', (byte)'I', ..] or [(byte)'-', (>= (byte)'A' and <= (byte)'M') or (byte)'T' or (byte)'b', ..])
            isUpperWide = false;
        else if (sequence is [(byte)'$', (byte)'(', (byte)'D'])
            return Wide(4, out isWide);
        else if (sequence is [(byte)'$', (byte)')', (byte)'C' or (byte)'A'])
            return Wide(4, out isUpperWide);
        else
            return 0;
        return 3;

        static int Wide(int length, out bool wide)
        {
            wide = true;
            return length;
        }
    }
}
