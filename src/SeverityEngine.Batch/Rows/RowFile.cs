using System.Diagnostics;
using System.Text;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// A file that rows are added to, each whole and at once, so that a kill at any moment leaves at most one torn row at the end, which the
/// next run cuts off. Rows that a full disk refuses are held and tried again with every row that follows. The file is synchronized with
/// the disk once a second and at the end: a power failure costs at most the last second's rows, and a run with --resume scores them again.
/// </summary>
sealed class RowFile : RowOutput
{
    /// <summary>How many bytes of refused rows are held, some ten thousand rows, before the run ends.</summary>
    const int MostHeld = 8 << 20;

    /// <summary>UTF-8's byte order mark, which may stand before a heading.</summary>
    static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    readonly string _path;
    readonly IRowFormat _format;
    readonly IRunHost? _host;
    readonly MemoryStream _held = new();
    FileStream _file;
    long _length;
    long _synchronized = Stopwatch.GetTimestamp();
    int _heldRows;
    bool _refused;
    bool _replaces;
    bool _isSynchronized = true;

    /// <summary>Opens or makes the file, cuts a torn row off its end, and holds it against other writers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its rows' format.</param>
    /// <param name="host">Hears of a full disk; null to keep silent about it until the end.</param>
    /// <param name="replace">Whether what it holds, whatever it is, goes when the first row comes.</param>
    /// <param name="found">Told of each row that it holds; null to have them in <see cref="Held"/>.</param>
    /// <exception cref="SeverityException">It cannot be written, or is not a file of such rows, which is left as it is.</exception>
    public RowFile(string path, IRowFormat format, IRunHost? host, bool replace = false, Action<RowKey>? found = null)
    {
        _path = path;
        _format = format;
        _host = host;
        _file = Open(path);
        _replaces = replace;
        if (replace)
            return;
        try
        {
            ReadRows(found ?? Held.Add);
        }
        catch (Exception e)
        {
            _file.Dispose();
            if (FileFaults.IsFault(e))
                throw AtomicFile.Unwritable(path, e);
            throw;
        }
    }

    public override bool HoldsRows => _length > 0;

    /// <summary>The rows that the file held when it was opened, where nobody else was told of them.</summary>
    public ResumeIndex Held { get; } = new();

    public override void Write(ReadOnlySpan<byte> rows)
    {
        _held.Write(rows);
        _heldRows++;
        TryWriteHeld(out Exception? fault);
        if (fault is null)
        {
            if (Stopwatch.GetElapsedTime(_synchronized) > TimeSpan.FromSeconds(1))
                Synchronize();
            return;
        }
        if (!_refused)
            _host?.Warning($"{_path}: cannot be written: {FileFaults.Reason(fault)}; rows are held in memory and tried again");
        _refused = true;
        if (_held.Length > MostHeld)
            throw Unwritten(fault);
    }

    public override void Complete() => Secure();

    public override void Secure()
    {
        if (!TrySynchronize(out Exception? fault))
            throw Unwritten(fault!);
    }

    /// <summary>
    /// Waits until the disk has every row that was written, in a file that is still called so; false where it refuses some, which are held.
    /// </summary>
    /// <param name="fault">Why it refuses them.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>: the disk failed, or the file was removed or replaced.
    /// </exception>
    public bool TrySynchronize(out Exception? fault)
    {
        TryWriteHeld(out fault);
        if (fault is not null)
            return false;
        if (!_isSynchronized)
            Synchronize();
        if (!FileStatus.IsAt(_file.SafeFileHandle, _path))
        {
            throw new SeverityException(SeverityError.FileUnwritable,
                $"{_path}: was removed or replaced during the run, and its rows with it; "
                + "run the same command again, and leave the file alone");
        }
        return true;
    }

    /// <summary>Drops the rows that new ones have taken the place of, through a new file that is moved into place.</summary>
    public void DropOutdated()
    {
        List<int> outdated = Held.Outdated();
        if (outdated.Count == 0)
            return;
        try
        {
            using AtomicFile renewed = AtomicFile.Create(_path);
            CopyWithout(outdated, renewed);
            renewed.FlushToDisk();
            // Windows replaces no file that is open. Elsewhere the old one is held to the end, or another run could take it for its own.
            if (OperatingSystem.IsWindows())
                _file.Dispose();
            FileStream file = (FileStream)renewed.Commit();
            _file.Dispose();
            _file = file;
            _length = file.Length;
        }
        catch (SeverityException e)
        {
            // Nothing is lost: the file holds both, and the next run with --resume finds them.
            throw new SeverityException(e.Code, $"{e.Message}; {outdated.Count} outdated rows still stand in it", e);
        }
    }

    public override void Dispose() => _file.Dispose();

    static FileStream Open(string path)
    {
        try
        {
            return AtomicFile.OpenHeld(path,
                new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, BufferSize = 0 });
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw AtomicFile.Unwritable(path, e);
        }
    }

    /// <summary>Reads what the file holds up to its last whole row, and cuts off what comes after.</summary>
    void ReadRows(Action<RowKey> found)
    {
        RowScanner rows = new(_file, _format.HasQuotes);
        bool hasHeading = _format.Heading.Length > 0;
        ReadOnlySpan<byte> row;
        while (rows.TryRead(out row))
        {
            ReadOnlySpan<byte> content = row.TrimEnd("\r\n"u8);
            if (hasHeading && rows.RowStart == 0)
            {
                if (_format.HeadingFault(content.StartsWith(Bom) ? content[Bom.Length..] : content) is { } fault)
                    throw Foreign(fault);
            }
            else if (_format.TryRead(content, out RowKey key))
                found(key);
            else if (rows.RowEnd < _file.Length || !content.Contains((byte)0))
                throw Foreign($"what stands at byte {rows.RowStart} is not a row");
            else
                break; // A power failure can leave zeros where the last rows were to be.
            _length = rows.RowEnd;
        }
        if (_length == _file.Length)
            return;
        if (rows.RowEnd < _file.Length || !IsTorn(row))
            throw Foreign($"what stands at byte {_length} is not a row");
        _file.SetLength(_length);
    }

    /// <summary>Whether bytes can be what is left of a row of ours; anything else is somebody's file, and not cut.</summary>
    bool IsTorn(ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> start = Encoding.UTF8.GetBytes(_format.Heading.Length > 0 ? _length == 0 ? _format.Heading : "" : "{\"file\":");
        // A power failure can leave zeros where rows were to be. A file that has nothing of ours before them has to be zeros to its end.
        int zeros = tail.IndexOf((byte)0);
        if (zeros >= 0 && _length == 0 && tail[zeros..].ContainsAnyExcept((byte)0))
            return false;
        ReadOnlySpan<byte> text = zeros < 0 ? tail : tail[..zeros];
        if (_length == 0 && text.StartsWith(Bom))
            text = text[Bom.Length..];
        int compared = Math.Min(start.Length, text.Length);
        return text[..compared].SequenceEqual(start[..compared]);
    }

    /// <summary>Writes what is held at the file's end; what a failure leaves there is written over by the next try.</summary>
    void TryWriteHeld(out Exception? fault)
    {
        fault = null;
        if (_held.Length == 0)
            return;
        try
        {
            if (_replaces)
                _file.SetLength(0);
            _replaces = false;
            ReadOnlySpan<byte> rows = _held.GetBuffer().AsSpan(0, (int)_held.Length);
            RandomAccess.Write(_file.SafeFileHandle, rows, _length);
            _length += rows.Length;
            _isSynchronized = false;
            _held.SetLength(0);
            _heldRows = 0;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            fault = e;
            CutToWholeRows();
        }
    }

    void CutToWholeRows()
    {
        try
        {
            if (_file.CanSeek)
                _file.SetLength(_length);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            // The next run cuts it.
        }
    }

    void Synchronize()
    {
        try
        {
            Disk.Flush(_file.SafeFileHandle);
        }
        catch (IOException e)
        {
            throw new SeverityException(SeverityError.FileUnwritable,
                $"{_path}: the disk did not take the rows ({FileFaults.Reason(e)}): rows may be missing from it; "
                + "check the disk, then run the same command with --resume", e);
        }
        _synchronized = Stopwatch.GetTimestamp();
        _isSynchronized = true;
    }

    void CopyWithout(List<int> outdated, AtomicFile copy)
    {
        RowScanner rows = new(_file, _format.HasQuotes);
        HashSet<int> dropped = [.. outdated];
        int number = _format.Heading.Length > 0 ? -1 : 0;
        for (; rows.TryRead(out ReadOnlySpan<byte> row); number++)
        {
            if (!dropped.Contains(number))
                copy.Write(row);
        }
    }

    SeverityException Foreign(string fault) => new(SeverityError.InvalidArgument,
        $"{_path}: is not a file of results in this format: {fault}; name another file, or replace this one with --force");

    SeverityException Unwritten(Exception cause) => new(SeverityError.FileUnwritable,
        $"{_path}: {_heldRows} rows could not be written: {FileFaults.Reason(cause)}; make room, then run the same command with --resume",
        cause);
}
