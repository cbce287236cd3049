using System.Runtime.InteropServices;
using System.Text;

namespace SeverityEngine.IO;

/// <summary>
/// A NumPy file of rows: float32 [N, C], format 1.0, written row by row. It takes its name, and the place of an older file, when all rows are in it.
/// </summary>
sealed class NpyFile : IDisposable
{
    /// <summary>Magic, version, length and the longest header, padded as NumPy does to a multiple of 64.</summary>
    const int HeaderBytes = 128;

    readonly string _path;
    readonly string _partial;
    readonly FileStream _stream;
    bool _complete;
    long _rows;

    public NpyFile(string path)
    {
        _path = path;
        _partial = $"{path}.{Guid.NewGuid():n}.partial";
        try
        {
            _stream = new FileStream(_partial, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
            _stream.Position = HeaderBytes;
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Unwritable(e);
        }
    }

    /// <summary>Adds a row.</summary>
    public void Write(ReadOnlySpan<float> row)
    {
        try
        {
            _stream.Write(MemoryMarshal.AsBytes(row));
            _rows++;
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Unwritable(e);
        }
    }

    /// <summary>Ends the file.</summary>
    /// <param name="columns">The length of a row.</param>
    public void Complete(int columns)
    {
        try
        {
            _stream.Position = 0;
            _stream.Write(Header(_rows, columns));
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(_partial, _path, overwrite: true);
            _complete = true;
        }
        catch (Exception e) when (IsFault(e))
        {
            throw Unwritable(e);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (!_complete)
            File.Delete(_partial);
    }

    static byte[] Header(long rows, int columns)
    {
        string type = BitConverter.IsLittleEndian ? "<f4" : ">f4";
        byte[] header = new byte[HeaderBytes];
        header.AsSpan().Fill((byte)' ');
        ((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, HeaderBytes - 10, 0]).CopyTo(header);
        Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}", header.AsSpan(10));
        header[^1] = (byte)'\n';
        return header;
    }

    static bool IsFault(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    SeverityException Unwritable(Exception e) =>
        new(SeverityError.FileUnwritable, $"{_path}: the array cannot be written: {e.Message}; name a file in a folder that can be written to", e);
}
