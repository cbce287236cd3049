using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Merge;

/// <summary>A list of names that is written as they come, and stands under its own name when it is complete.</summary>
/// <param name="path">The file.</param>
/// <param name="nulSeparated">Whether a NUL, not a line's end, comes after each name.</param>
sealed class NameList(string path, bool nulSeparated) : IDisposable
{
    readonly AtomicFile _file = AtomicFile.Create(path);
    readonly MemoryStream _waiting = new();

    /// <summary>Adds a name.</summary>
    public void Add(string name)
    {
        _waiting.Write(Encoding.UTF8.GetBytes(name));
        _waiting.WriteByte(nulSeparated ? (byte)0 : (byte)'\n');
        if (_waiting.Length > 64 << 10)
            HandOver();
    }

    /// <summary>Ends the list.</summary>
    public void Complete()
    {
        HandOver();
        _file.Complete();
    }

    public void Dispose() => _file.Dispose();

    void HandOver()
    {
        _file.Write(_waiting.GetBuffer().AsSpan(0, (int)_waiting.Length));
        _waiting.SetLength(0);
    }
}
