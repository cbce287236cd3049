using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace SeverityEngine.Batch.Rows;

/// <summary>Which rows there are already, as whoever scores an image asks. Safe for use by several threads.</summary>
interface IKnownRows
{
    /// <summary>Whether there is the row of an image that was read: a score, or a fault that lies in these very bytes.</summary>
    /// <param name="name">The image's name.</param>
    /// <param name="sha256">Its content.</param>
    /// <param name="error">The error that stands in the row; None for a score.</param>
    bool TryTake(string name, string sha256, out SeverityError error);

    /// <summary>Whether there is the row of an image that could not be read, for the same reason.</summary>
    bool TryTakeUnread(string name, SeverityError error);

    /// <summary>Notes that an image gets a new row; where rows are only added to, that is nothing to anyone.</summary>
    void Renew(string name)
    {
    }
}

/// <summary>
/// Which rows a file holds, by the image's name and content, in some 60 bytes a row: whether an image has its row already, and
/// which rows new ones have taken the place of. Each row answers for one image: one that is named twice has two.
/// </summary>
sealed class ResumeIndex : IKnownRows
{
    const int None = -1;

    /// <summary>The exit code of faults that lie in a file: as long as its bytes are the same, so is the fault.</summary>
    const int InputFault = 3;

    readonly Lock _gate = new();
    readonly List<Entry> _rows = [];
    readonly Dictionary<UInt128, int> _latest = [];
    readonly HashSet<UInt128> _renewed = [];

    /// <summary>Rows in the file.</summary>
    public int Count => _rows.Count;

    /// <summary>The models that made them.</summary>
    public RowModels Models { get; } = new();

    /// <summary>The images of rows that name files of saliency maps, with those files.</summary>
    public List<(string Image, SaliencyPaths Files)> Maps { get; } = [];

    /// <summary>The images of rows that name DICOM results, with those.</summary>
    public List<(string Image, DicomPaths Files)> DicomResults { get; } = [];

    /// <summary>Adds a row, in the file's order.</summary>
    public void Add(RowKey key)
    {
        Models.Add(key);
        if (key.Maps != default)
            Maps.Add((key.File, key.Maps));
        if (key.Dicom != default)
            DicomResults.Add((key.File, key.Dicom));
        UInt128 name = NameOf(key.File);
        ref int latest = ref CollectionsMarshal.GetValueRefOrAddDefault(_latest, name, out bool known);
        _rows.Add(new Entry(name, ContentOf(key.Sha256), key.Error) { Previous = known ? latest : None });
        latest = _rows.Count - 1;
    }

    /// <inheritdoc/>
    public bool TryTake(string name, string sha256, out SeverityError error)
    {
        UInt128 content = ContentOf(sha256);
        return TryTake(name, row => row.Content == content && IsLasting(row.Error), out error);
    }

    /// <inheritdoc/>
    public bool TryTakeUnread(string name, SeverityError error) => TryTake(name, row => row.Content == 0 && row.Error == error, out _);

    /// <summary>Notes that an image gets a new row, in whose favor rows of its name that nothing answered to go at the end.</summary>
    public void Renew(string name)
    {
        lock (_gate)
        {
            UInt128 key = NameOf(name);
            if (_latest.ContainsKey(key))
                _renewed.Add(key);
        }
    }

    /// <summary>The rows, by their place in the file, that new ones have taken the place of; ascending.</summary>
    public List<int> Outdated()
    {
        lock (_gate)
            return [.. Enumerable.Range(0, _rows.Count).Where(i => !_rows[i].Taken && _renewed.Contains(_rows[i].Name))];
    }

    /// <summary>Whether what stands in a row holds while the image's bytes are the same: a score, and a fault that lies in them.</summary>
    public static bool IsLasting(SeverityError error) => error.ExitCode() is 0 or InputFault;

    bool TryTake(string name, Predicate<Entry> fits, out SeverityError error)
    {
        error = SeverityError.None;
        lock (_gate)
        {
            if (!_latest.TryGetValue(NameOf(name), out int at))
                return false;
            Span<Entry> rows = CollectionsMarshal.AsSpan(_rows);
            for (; at != None; at = rows[at].Previous)
            {
                if (rows[at].Taken || !fits(rows[at]))
                    continue;
                rows[at].Taken = true;
                error = rows[at].Error;
                return true;
            }
            return false;
        }
    }

    static UInt128 NameOf(string name) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(name.AsSpan()));

    /// <summary>Half of a SHA-256; 0 where there is none.</summary>
    public static UInt128 ContentOf(string? sha256) =>
        UInt128.TryParse(
            sha256.AsSpan()[..Math.Min(32, sha256?.Length ?? 0)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out UInt128 half) ? half : 0;

    record struct Entry(UInt128 Name, UInt128 Content, SeverityError Error)
    {
        public int Previous { get; init; }

        public bool Taken { get; set; }
    }
}
