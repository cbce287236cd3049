using System.Buffers.Binary;
using System.Text;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>One block of a tar archive that describes what follows it: old (V7), POSIX (ustar) or GNU.</summary>
/// <param name="block">The block.</param>
readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    public const int BlockBytes = 512;

    const int SumAt = 148, SumBytes = 8;

    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly ReadOnlySpan<byte> _block = block;

    public char Type => (char)_block[156];

    public bool IsGnu => _block.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    public bool IsPosix => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    /// <summary>Whether the numbers that are not used here are numbers all the same: mode, owner, group, time.</summary>
    public bool HasSoundNumbers =>
        Number(100, 8) is not null && Number(108, 8) is not null && Number(116, 8) is not null && Number(136, 12) is not null;

    /// <summary>The bytes that follow it; null where it says no number of them.</summary>
    public long? Size => Number(124, 12);

    public string LinkName => Text(_block.Slice(157, 100));

    public string Name
    {
        get
        {
            string name = Text(_block[..100]);
            return IsPosix && _block[345] != 0 ? $"{Text(_block.Slice(345, 155))}/{name}" : name;
        }
    }

    /// <summary>The size of a sparse file when it is unpacked, in GNU's old form.</summary>
    public long? SparseSize => Number(483, 12);

    /// <summary>GNU's old list of a sparse file's pieces, in the header itself.</summary>
    public ReadOnlySpan<byte> SparsePieces => _block.Slice(386, 4 * SparseMap.OldPieceBytes);

    public bool HasMorePieces => _block[482] != 0;

    /// <summary>Whether the sum of its bytes is the one it holds; old programs summed signed bytes.</summary>
    public bool HasItsSum()
    {
        long unsigned = ' ' * SumBytes, signed = unsigned;
        for (int i = 0; i < _block.Length; i++)
        {
            if (i is >= SumAt and < SumAt + SumBytes)
                continue;
            unsigned += _block[i];
            signed += (sbyte)_block[i];
        }
        return Number(_block.Slice(SumAt, SumBytes), octalOnly: true) is { } sum && (sum == unsigned || sum == signed);
    }

    /// <summary>
    /// A number as GNU tar reads one: octal digits between blanks, or, from a first byte of 0x80 or 0xFF, the other bytes in base 256.
    /// Null where it is none or does not fit.
    /// </summary>
    public static long? Number(ReadOnlySpan<byte> field, bool octalOnly = false)
    {
        if (!octalOnly && field[0] is 0x80 or 0xFF)
            return Base256(field);
        // Some old program leaves a NUL where the number before it ran over.
        if (field[0] == 0)
            field = field[1..];
        int at = 0;
        while (at < field.Length && IsBlank(field[at]))
            at++;
        if (at == field.Length)
            return null;
        long value = 0;
        for (; at < field.Length && field[at] is >= (byte)'0' and <= (byte)'7'; at++)
        {
            if (value > long.MaxValue >> 3)
                return null;
            value = value << 3 | (long)(field[at] - '0');
        }
        return at == field.Length || field[at] == 0 || IsBlank(field[at]) ? value : null;
    }

    /// <summary>Text up to a NUL: UTF-8, or where it is not, a letter for each byte, so that two names stay two.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        bytes = end < 0 ? bytes : bytes[..end];
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    long? Number(int at, int length) => Number(_block.Slice(at, length));

    static long? Base256(ReadOnlySpan<byte> field)
    {
        bool negative = field[0] == 0xFF;
        if (field.Length > 8)
        {
            if (field[1..^8].ContainsAnyExcept(negative ? (byte)0xFF : (byte)0))
                return null;
            long value = BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
            return value < 0 == negative ? value : null;
        }
        long small = negative ? -1 : 0;
        foreach (byte b in field[1..])
            small = small << 8 | b;
        return small;
    }

    static bool IsBlank(byte b) => b is (byte)' ' or >= 9 and <= 13;
}
