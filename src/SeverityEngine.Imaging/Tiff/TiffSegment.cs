using System.IO.Compression;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>One plane's strip or tile at a time, row by row. The file must stay in place while it is read.</summary>
/// <param name="file">The file's first byte.</param>
/// <param name="compression">How its data are compressed, other than by JPEG.</param>
/// <param name="name">The file, for messages.</param>
sealed unsafe class TiffSegment(byte* file, TiffCompression compression, string name) : IDisposable
{
    Stream? _rows;
    DataPieces? _data;
    TiffLzwStream? _lzw;

    /// <summary>Goes to the data of a strip or tile.</summary>
    public void Open((int Offset, int Length) place)
    {
        Dispose();
        switch (compression)
        {
            case TiffCompression.Lzw:
                _lzw ??= new TiffLzwStream(name);
                _lzw.Open(file + place.Offset, place.Length);
                _rows = _lzw;
                break;
            case TiffCompression.PackBits:
                _rows = new TiffPackBitsStream(file + place.Offset, place.Length);
                break;
            default:
                _data = new DataPieces(file, [place]);
                _rows = compression == TiffCompression.None ? _data : new ZLibStream(_data, CompressionMode.Decompress);
                break;
        }
    }

    /// <summary>Reads the next row.</summary>
    /// <exception cref="SeverityException">The data end first, or are damaged.</exception>
    public void ReadRow(Span<byte> row)
    {
        try
        {
            if (_rows!.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
                throw ImageChecks.Truncated(name, "the data of a strip or tile end before its rows do");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Unsound(e);
        }
    }

    /// <summary>
    /// Looks at the end of a strip's or tile's data, which those by deflate prove with a checksum. Compressed data must come to it.
    /// </summary>
    /// <param name="row">A row's bytes, which change.</param>
    /// <param name="spareRows">How many more rows may be there: some writers fill the last strip up.</param>
    /// <returns>Whether there are more data than rows.</returns>
    /// <exception cref="SeverityException">There are more data than that, or the checksum is wrong or missing.</exception>
    public bool End(Span<byte> row, int spareRows)
    {
        try
        {
            bool isLonger = false;
            for (int read = row.Length; spareRows > 0 && read == row.Length; spareRows--)
            {
                read = _rows!.ReadAtLeast(row, row.Length, throwOnEndOfStream: false);
                isLonger |= read > 0;
            }
            if (_rows!.ReadByte() >= 0)
            {
                isLonger = true;
                if (compression != TiffCompression.None)
                    throw ImageChecks.Corrupt(name, "the compressed data of a strip or tile give more than its rows");
            }
            if (_rows is ZLibStream && _data!.IsOverrun)
                throw ImageChecks.Truncated(name, "the compressed data of a strip or tile end before their checksum");
            return isLonger;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Unsound(e);
        }
    }

    public void Dispose()
    {
        if (_rows != _lzw)
            _rows?.Dispose();
        _rows = null;
    }

    SeverityException Unsound(Exception cause) => ImageChecks.Corrupt(name, "the compressed data of a strip or tile are not sound", cause);
}
