using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Formats;

/// <summary>Pieces of a file as one stream, read where they lie. The memory must stay in place while it is read.</summary>
sealed unsafe class DataPieces(byte* file, List<(int Offset, int Length)> pieces) : ReadOnlyStream
{
    /// <summary>Whether more was asked for than there is: inflating does so until the compressed data have come to their end.</summary>
    public bool IsOverrun { get; private set; }

    int _piece;
    int _at;

    public override int Read(Span<byte> buffer)
    {
        while (_piece < pieces.Count && _at == pieces[_piece].Length)
        {
            _piece++;
            _at = 0;
        }
        if (_piece == pieces.Count)
        {
            IsOverrun = true;
            return 0;
        }
        (int offset, int length) = pieces[_piece];
        int count = Math.Min(buffer.Length, length - _at);
        new ReadOnlySpan<byte>(file + offset + _at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
