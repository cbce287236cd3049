using System.Buffers.Text;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>Where the pieces of a sparse file lie; between them are zeros that the archive does not hold.</summary>
sealed class SparseMap
{
    /// <summary>A piece in GNU's old form: its place and its length, 12 bytes each.</summary>
    public const int OldPieceBytes = 24;

    /// <summary>How many pieces are read: far more than an image has.</summary>
    const int MostPieces = 1 << 16;

    readonly List<(long At, long Length)> _pieces = [];

    public IReadOnlyList<(long At, long Length)> Pieces => _pieces;

    /// <summary>Reads pieces in GNU's old form; one without any length field ends them.</summary>
    public void AddOld(ReadOnlySpan<byte> pieces)
    {
        for (; pieces.Length >= OldPieceBytes && pieces[12] != 0; pieces = pieces[OldPieceBytes..])
            Add(TarHeader.Number(pieces[..12]), TarHeader.Number(pieces[12..24]));
    }

    /// <summary>Reads pieces from the numbers in a pax header: 0,512,1024,512.</summary>
    public void AddList(ReadOnlySpan<byte> list)
    {
        while (!list.IsEmpty)
        {
            long? at = NextNumber(ref list, ','), length = NextNumber(ref list, ',');
            Add(at, length);
        }
    }

    public void Add(long? at, long? length)
    {
        if (at is not { } start || length is not { } bytes || start < 0 || bytes < 0 || start > long.MaxValue - bytes)
            throw new InvalidDataException("its map holds no numbers");
        if (_pieces.Count == MostPieces)
            throw new InvalidDataException($"its map has more than {MostPieces} pieces");
        _pieces.Add((start, bytes));
    }

    /// <summary>Refuses pieces that overlap, leave the file, or are not what the archive holds.</summary>
    public void Check(long size, long stored)
    {
        long end = 0, sum = 0;
        foreach ((long at, long length) in _pieces)
        {
            if (at < end || at + length > size)
                throw new InvalidDataException("its map leads out of it");
            end = at + length;
            sum += length;
        }
        if (sum != stored)
            throw new InvalidDataException($"its map has {sum} bytes where the archive holds {stored}");
    }

    /// <summary>The decimal number before a separator, or the end; null where there is none.</summary>
    public static long? NextNumber(ref ReadOnlySpan<byte> text, char separator)
    {
        int end = text.IndexOf((byte)separator);
        ReadOnlySpan<byte> number = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        return Utf8Parser.TryParse(number, out long value, out int used) && used == number.Length ? value : null;
    }
}
