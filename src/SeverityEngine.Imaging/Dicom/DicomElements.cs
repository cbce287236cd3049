using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>An element of a data set, in place.</summary>
/// <param name="Tag">Its group in the upper half, its number in the lower.</param>
/// <param name="Vr">The two letters of its value representation, the first in the upper byte; 0 where the data set is implicit.</param>
/// <param name="At">Where its value begins.</param>
/// <param name="Length">
/// The value's bytes, all of which are there; only of pixel data they may be missing, or <see cref="Undefined"/>.
/// </param>
readonly record struct DicomElement(uint Tag, int Vr, int At, uint Length)
{
    public const uint Undefined = 0xFFFFFFFF;
}

/// <summary>
/// The elements of a data set at its top level (PS3.5, 7), one after the other. What sequences hold is walked over, without recursion, so
/// that an icon's rows are never taken for the picture's.
/// </summary>
ref struct DicomElements
{
    /// <summary>How deep sequences may stand in each other; those of X-rays have some three levels.</summary>
    const int MostLevels = 64;

    const uint Item = 0xFFFE_E000, ItemEnd = 0xFFFE_E00D, SequenceEnd = 0xFFFE_E0DD;

    // Two letters a representation. Those in the first text have a length of 32 bits, those in the second one of 16 (PS3.5, 7.1.2).
    const string LongForms = "OBOWOFODOLOVSQUNUCURUTSVUV", ShortForms = "AEASATCSDADSDTFDFLISLOLTPNSHSLSSSTTMUIULUS";

    readonly ReadOnlySpan<byte> _data;
    readonly DicomSyntax _syntax;
    readonly string _name;
    int _at;

    /// <param name="data">What holds the data set.</param>
    /// <param name="at">Where it begins.</param>
    /// <param name="syntax">How it is written.</param>
    /// <param name="name">The file, for messages.</param>
    public DicomElements(ReadOnlySpan<byte> data, int at, DicomSyntax syntax, string name)
    {
        _data = data;
        _at = at;
        _syntax = syntax;
        _name = name;
    }

    /// <summary>Where the next element begins.</summary>
    public readonly int At => _at;

    readonly int Left => _data.Length - _at;

    /// <summary>Whether two bytes are a value representation that PS3.5 knows.</summary>
    public static bool IsRepresentation(ReadOnlySpan<byte> letters) => IsIn(LongForms, letters) || IsIn(ShortForms, letters);

    /// <summary>
    /// Gives the next element. The position goes behind its value, up to which the length counts where the file gives none; of pixel data
    /// it stays at their beginning.
    /// </summary>
    /// <returns>False at the end, where fewer bytes than an element's first may be left.</returns>
    /// <exception cref="SeverityException">An element that ends behind the file, or sequences that nest too deep.</exception>
    public bool Next(out DicomElement element)
    {
        element = default;
        if (Left < 8)
            return false;
        element = Header(_syntax.IsImplicit);
        if (element.Tag == DicomTags.PixelData)
            return true;
        if (element.Length == DicomElement.Undefined)
        {
            SkipSequence(element);
            element = element with { Length = (uint)(_at - element.At) };
        }
        else
        {
            Skip(element);
        }
        return true;
    }

    /// <summary>The value of an element of the first item of a sequence; empty where there is none.</summary>
    public static ReadOnlySpan<byte> InFirstItem(
        ReadOnlySpan<byte> data, DicomElement sequence, uint tag, DicomSyntax syntax, string name)
    {
        DicomElements items = Items(data, sequence, syntax, name);
        if (!items.NextItem(out DicomElements item))
            return [];
        while (item.NextInItem(out DicomElement element))
        {
            if (element.Tag == tag)
                return data.Slice(element.At, (int)element.Length);
        }
        return [];
    }

    /// <summary>The items of a sequence, for <see cref="NextItem"/>.</summary>
    public static DicomElements Items(ReadOnlySpan<byte> data, DicomElement sequence, DicomSyntax syntax, string name) =>
        new(data[..(sequence.At + (int)sequence.Length)], sequence.At,
            syntax with { IsImplicit = IsImplicitInside(sequence, syntax.IsImplicit) }, name);

    /// <summary>Gives the elements of the next item, for <see cref="NextInItem"/>.</summary>
    /// <returns>False at the sequence's end.</returns>
    /// <exception cref="SeverityException">As for <see cref="Next"/>.</exception>
    public bool NextItem(out DicomElements item)
    {
        item = default;
        if (Left < 8)
            return false;
        DicomElement head = Header(isImplicit: true);
        if (head.Tag != Item)
            return false;
        if (head.Length <= Left)
        {
            item = new DicomElements(_data[..(_at + (int)head.Length)], _at, _syntax, _name);
            _at += (int)head.Length;
            return true;
        }
        // One that has no length, or a wrong one, ends where its delimiter stands.
        item = new DicomElements(_data, _at, _syntax, _name);
        DicomElements walk = item;
        while (walk.NextInItem(out _))
        {
        }
        _at = walk._at;
        return true;
    }

    /// <summary>Gives the next element of an item.</summary>
    /// <returns>False at the item's end.</returns>
    /// <exception cref="SeverityException">As for <see cref="Next"/>.</exception>
    public bool NextInItem(out DicomElement element) =>
        Next(out element) && element.Tag is not (ItemEnd or SequenceEnd or DicomTags.PixelData);

    /// <summary>Reads what stands before a value.</summary>
    DicomElement Header(bool isImplicit)
    {
        ReadOnlySpan<byte> head = _data[_at..];
        uint tag = (uint)U16(head) << 16 | U16(head[2..]);
        // Items and delimiters have no representation in either form.
        if (isImplicit || tag >> 16 == 0xFFFE)
        {
            _at += 8;
            return new DicomElement(tag, 0, _at, U32(head[4..]));
        }
        int vr = head[4] << 8 | head[5];
        bool isLong = IsIn(LongForms, head[4..]);
        if (!isLong && !IsIn(ShortForms, head[4..]))
            isLong = head.Length >= 12 && head[6] == 0 && head[7] == 0 && U32(head[8..]) <= head.Length - 12;
        if (isLong && head.Length < 12)
            throw ImageChecks.Truncated(_name, $"its element {DicomTags.Text(tag)} ends with the file");
        _at += isLong ? 12 : 8;
        return new DicomElement(tag, vr, _at, isLong ? U32(head[8..]) : U16(head[6..]));
    }

    void Skip(DicomElement element)
    {
        if (element.Length > Left)
        {
            throw ImageChecks.Truncated(_name, $"its element {DicomTags.Text(element.Tag)} at byte {element.At} has {element.Length} "
                + $"bytes, and {Left} follow");
        }
        _at += (int)element.Length;
    }

    /// <summary>Walks over a sequence, or another value, that ends with a delimiter.</summary>
    void SkipSequence(DicomElement sequence)
    {
        // A bit a level: whether what is inside is implicit, as it is in what has no known representation (PS3.5, 6.2.2).
        ulong isImplicit = IsImplicitInside(sequence, _syntax.IsImplicit) ? 1UL : 0;
        for (int levels = 1; levels > 0;)
        {
            if (Left < 8)
                throw ImageChecks.Truncated(_name, $"its sequence {DicomTags.Text(sequence.Tag)} at byte {sequence.At} has no end");
            DicomElement element = Header((isImplicit & 1) != 0);
            if (element.Tag is ItemEnd or SequenceEnd)
            {
                levels--;
                isImplicit >>= 1;
            }
            else if (element.Length == DicomElement.Undefined)
            {
                if (++levels > MostLevels)
                    throw ImageChecks.Corrupt(_name, $"its sequences stand more than {MostLevels} deep in each other");
                isImplicit = isImplicit << 1 | (IsImplicitInside(element, (isImplicit & 1) != 0) ? 1UL : 0);
            }
            else
            {
                Skip(element);
            }
        }
    }

    static bool IsImplicitInside(DicomElement element, bool isImplicit) => isImplicit || element.Vr == ('U' << 8 | 'N');

    readonly ushort U16(ReadOnlySpan<byte> at) =>
        _syntax.IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);

    readonly uint U32(ReadOnlySpan<byte> at) =>
        _syntax.IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

    static bool IsIn(string forms, ReadOnlySpan<byte> letters)
    {
        for (int i = 0; i < forms.Length; i += 2)
        {
            if (letters[0] == forms[i] && letters[1] == forms[i + 1])
                return true;
        }
        return false;
    }
}
