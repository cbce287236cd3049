using System.Runtime.InteropServices;
using System.Text;

namespace SeverityEngine.IO;

/// <summary>
/// A NumPy file of rows: float32 [N, C], format 1.0, written row by row. It takes its name, and the place of an older file, when all rows
/// are in it.
/// </summary>
sealed class NpyFile : IDisposable
{
    /// <summary>Magic, version, length and the longest header, padded as NumPy does to a multiple of 64.</summary>
    const int HeaderBytes = 128;

    readonly AtomicFile _file;
    long _rows;

    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>: also a pipe, since the number of rows comes first.
    /// </exception>
    public NpyFile(string path)
    {
        _file = AtomicFile.Create(path);
        if (!_file.CanSeek)
        {
            _file.Dispose();
            throw new SeverityException(SeverityError.FileUnwritable,
                $"{path}: is a pipe, and the number of rows, which is known at the end, stands first; name a file");
        }
        _file.Position = HeaderBytes;
    }

    /// <summary>Adds a row.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public void Write(ReadOnlySpan<float> row)
    {
        _file.Write(MemoryMarshal.AsBytes(row));
        _rows++;
    }

    /// <summary>Ends the file.</summary>
    /// <param name="columns">The length of a row.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public void Complete(int columns)
    {
        _file.Position = 0;
        _file.Write(Header(_rows, columns));
        _file.Complete();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Whether a file's first bytes are those of a file that was written here: float32 rows, and a header of this length.
    /// </summary>
    public static bool IsOurs(ReadOnlySpan<byte> start) => start.Length >= HeaderBytes
        && start.StartsWith(Prefix) && start[Prefix.Length..].StartsWith(Encoding.ASCII.GetBytes(Beginning));

    static string Beginning => $"{{'descr': '{(BitConverter.IsLittleEndian ? "<f4" : ">f4")}', 'fortran_order': False, 'shape': (";

    /// <summary>Magic, version 1.0, and the length of what follows.</summary>
    static ReadOnlySpan<byte> Prefix => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, HeaderBytes - 10, 0];

    static byte[] Header(long rows, int columns)
    {
        byte[] header = new byte[HeaderBytes];
        header.AsSpan().Fill((byte)' ');
        Prefix.CopyTo(header);
        Encoding.ASCII.GetBytes($"{Beginning}{rows}, {columns}), }}", header.AsSpan(Prefix.Length));
        header[^1] = (byte)'\n';
        return header;
    }
}
