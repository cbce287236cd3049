using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Merge;

/// <summary>
/// Puts records in order in bounded memory: what does not fit goes, sorted, to files that have no name any more, and all are read side by
/// side at the end.
/// </summary>
/// <param name="folder">Where the files are made.</param>
/// <param name="room">How many bytes of records are held.</param>
sealed class MergeSort(string folder, int room) : IDisposable
{
    const int ReadAhead = 256 << 10;

    readonly List<(MergeKey Key, int At, int Length)> _held = [];
    readonly List<FileStream> _runs = [];
    byte[] _records = new byte[Math.Min(room, 1 << 20)];
    int _filled;

    /// <summary>Files that were made.</summary>
    public int Runs => _runs.Count;

    /// <summary>Takes a record.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>: there is no room for what does not fit.</exception>
    public void Add(in MergeKey key, ReadOnlySpan<byte> cells)
    {
        int size = MergeRecord.Size(key, cells);
        if (_filled + size > room && _held.Count > 0)
            Spill();
        if (_filled + size > _records.Length)
            Array.Resize(ref _records, Math.Max(_filled + size, Math.Min(room, 2 * _records.Length)));
        MergeRecord.Write(key, cells, _records.AsSpan(_filled, size));
        _held.Add((key, _filled, size));
        _filled += size;
    }

    /// <summary>The records in order; once.</summary>
    public IEnumerable<MergeItem> Sorted()
    {
        Sort();
        if (_runs.Count == 0)
        {
            foreach ((MergeKey key, int at, int length) in _held)
                yield return new MergeItem(key, _records.AsMemory(at, length));
            yield break;
        }
        if (_held.Count > 0)
            Spill();
        _records = [];
        PriorityQueue<RunReader, MergeKey> heads = new(_runs.Count, Comparer<MergeKey>.Default);
        foreach (FileStream run in _runs)
        {
            RunReader reader = new(run, folder);
            if (reader.TryRead(out MergeKey key))
                heads.Enqueue(reader, key);
        }
        while (heads.TryDequeue(out RunReader? reader, out MergeKey key))
        {
            yield return new MergeItem(key, reader.Record);
            if (reader.TryRead(out MergeKey next))
                heads.Enqueue(reader, next);
        }
    }

    public void Dispose()
    {
        foreach (FileStream run in _runs)
            run.Dispose();
    }

    void Sort() => CollectionsMarshal.AsSpan(_held).Sort(static (a, b) => a.Key.CompareTo(b.Key));

    void Spill()
    {
        Sort();
        string path = Path.Combine(folder, $".severity-merge-{Guid.NewGuid():n}");
        try
        {
            FileStream run = new(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.Delete,
                Options = FileOptions.DeleteOnClose,
                BufferSize = ReadAhead,
            });
            _runs.Add(run);
            // Without a name nothing is left behind, however this ends; Windows removes it when it is closed.
            if (!OperatingSystem.IsWindows())
                File.Delete(path);
            foreach ((_, int at, int length) in _held)
                run.Write(_records, at, length);
            run.Position = 0;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw new SeverityException(SeverityError.FileUnwritable,
                $"{folder}: rows that do not fit into memory cannot be kept there: {FileFaults.Reason(e)}; make room, or name a folder "
                + "on another disk with --temporary", e);
        }
        _held.Clear();
        _filled = 0;
    }

    /// <summary>Reads the records of a file, one after the other.</summary>
    sealed class RunReader(FileStream run, string folder)
    {
        byte[] _record = new byte[4096];
        int _length;

        public ReadOnlyMemory<byte> Record => _record.AsMemory(0, _length);

        public bool TryRead(out MergeKey key)
        {
            key = default;
            try
            {
                Span<byte> head = stackalloc byte[4];
                if (run.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == 0)
                    return false;
                _length = BinaryPrimitives.ReadInt32LittleEndian(head);
                if (_record.Length < _length)
                    _record = new byte[2 * _length];
                head.CopyTo(_record);
                run.ReadExactly(_record, head.Length, _length - head.Length);
            }
            catch (Exception e) when (FileFaults.IsFault(e))
            {
                throw new SeverityException(SeverityError.FileUnreadable,
                    $"{folder}: rows that were kept there cannot be read again: {FileFaults.Reason(e)}; check the disk", e);
            }
            MergeRecord.Read(Record.Span, out key);
            return true;
        }
    }
}

/// <summary>A record in its place.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Record">Its bytes, until the next one is asked for.</param>
readonly record struct MergeItem(MergeKey Key, ReadOnlyMemory<byte> Record)
{
    public ReadOnlySpan<byte> Cells => MergeRecord.Cells(Record.Span);
}
