using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// Which rows a file holds, by the image's name and content, in some 60 bytes a row: whether an image has its row already, and
/// which rows new ones have taken the place of. Safe for use by several threads.
/// </summary>
sealed class ResumeIndex
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

    /// <summary>The models that made them, by the hash of their files, with a name each.</summary>
    public Dictionary<string, string> Models { get; } = [];

    /// <summary>Whether a row does not say by which model it was made.</summary>
    public bool HasUnknownModel { get; private set; }

    /// <summary>The images of rows that name files of saliency maps, with those files.</summary>
    public List<(string Image, SaliencyPaths Files)> Maps { get; } = [];

    /// <summary>The images of rows that name DICOM results, with those.</summary>
    public List<(string Image, DicomPaths Files)> DicomResults { get; } = [];

    /// <summary>Adds a row, in the file's order.</summary>
    public void Add(RowKey key)
    {
        if (key.ModelSha256 is not null)
            Models.TryAdd(key.ModelSha256, key.Model ?? "");
        else
            HasUnknownModel = true;
        if (key.Maps != default)
            Maps.Add((key.File, key.Maps));
        if (key.Dicom != default)
            DicomResults.Add((key.File, key.Dicom));
        SeverityError error = SeverityError.None;
        if (key.ErrorCode is not null)
            error = Enum.GetValues<SeverityError>().FirstOrDefault(e => e.Name() == key.ErrorCode, SeverityError.Internal);
        UInt128 name = NameOf(key.File);
        ref int latest = ref CollectionsMarshal.GetValueRefOrAddDefault(_latest, name, out bool known);
        _rows.Add(new Entry(name, ContentOf(key.Sha256), error) { Previous = known ? latest : None });
        latest = _rows.Count - 1;
    }

    /// <summary>
    /// Whether the file holds the row of an image that was read: a score, or a fault that lies in these very bytes. Each row answers for
    /// one image: one that is named twice has two.
    /// </summary>
    /// <param name="name">The image's name.</param>
    /// <param name="sha256">Its content.</param>
    /// <param name="error">The error that stands in the row; None for a score.</param>
    public bool TryTake(string name, string sha256, out SeverityError error)
    {
        UInt128 content = ContentOf(sha256);
        return TryTake(name, row => row.Content == content && row.Error.ExitCode() is 0 or InputFault, out error);
    }

    /// <summary>Whether the file holds the row of an image that could not be read, for the same reason.</summary>
    public bool TryTakeUnread(string name, SeverityError error) => TryTake(name, row => row.Content == 0 && row.Error == error, out _);

    /// <summary>Whether the file holds a row of an image, whatever that says.</summary>
    public bool Holds(string name)
    {
        lock (_gate)
            return _latest.ContainsKey(NameOf(name));
    }

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
