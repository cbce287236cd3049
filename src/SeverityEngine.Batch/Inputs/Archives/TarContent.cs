using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>The content of a member of a tar archive, with a sparse file's zeros in their places.</summary>
/// <param name="reader">The archive, which stands at it.</param>
/// <param name="map">Where the pieces that the archive holds lie; null for a file that it holds whole.</param>
/// <param name="size">How many bytes there are, zeros included.</param>
/// <param name="owner">What is closed with it.</param>
sealed class TarContent(TarReader reader, SparseMap? map, long size, Stream? owner) : ReadOnlyStream
{
    long _at;
    int _piece;

    public override long Length => size;

    public override int Read(Span<byte> buffer)
    {
        if (map is null)
            return reader.Read(buffer);
        if (_at == size || buffer.IsEmpty)
            return 0;
        while (_piece < map.Pieces.Count && map.Pieces[_piece].At + map.Pieces[_piece].Length <= _at)
            _piece++;
        long pieceAt = _piece < map.Pieces.Count ? map.Pieces[_piece].At : size;
        bool isHole = _at < pieceAt;
        long end = isHole ? pieceAt : pieceAt + map.Pieces[_piece].Length;
        buffer = buffer[..(int)Math.Min(buffer.Length, end - _at)];
        int read = buffer.Length;
        if (isHole)
            buffer.Clear();
        else
            read = reader.Read(buffer);
        _at += read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            owner?.Dispose();
        base.Dispose(disposing);
    }
}
