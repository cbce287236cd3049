using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// Which names have rows, of which contents, and in which states files were when they were dealt with: 24 bytes for each row and each file
/// without one, some 40 with the table's free places. It is for runs without an end, in which a name may be asked for any number of
/// times. Names are known by hashes that nobody can foresee. Safe for use by several threads.
/// </summary>
sealed class NameIndex : IKnownRows
{
    /// <summary>The lowest bits of a content, which hold the row's error; the rest is its SHA-256's beginning, or 0 for none.</summary>
    const ulong ErrorMask = 0xFF;

    /// <summary>The state of what has a row from before.</summary>
    const ulong Unknown = 0;

    /// <summary>What stands in the place of a content where there is no row: no error has this number.</summary>
    const ulong NoRow = ErrorMask;

    const int FirstPlaces = 256;

    readonly Lock _gate = new();
    readonly long _seed = Random.Shared.NextInt64();
    Entry[] _places = new Entry[FirstPlaces];
    int _count;

    /// <summary>Rows, and files without one.</summary>
    public int Count => _count;

    /// <summary>Adds a row that a file of rows holds.</summary>
    public void Add(RowKey key) => Put(key.File, Content(key.Sha256, key.Error), Unknown);

    /// <summary>Notes that a file has its row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="state">The file's state when it was read.</param>
    public void Add(ScoreRow row, FileState? state) =>
        Put(row.Name, Content(row.Sha256, row.Error?.Code ?? SeverityError.None), Hash(state));

    /// <summary>Notes a file that gets no row in the state that it is in.</summary>
    /// <returns>Whether that is new.</returns>
    public bool See(string name, FileState? state)
    {
        lock (_gate)
        {
            if (Knows(name, state))
                return false;
            Put(name, NoRow, Hash(state));
            return true;
        }
    }

    /// <summary>Whether a file was dealt with in the state that it is in.</summary>
    public bool Knows(string name, FileState? state)
    {
        ulong hash = Hash(state);
        return Any(name, entry => entry.State == hash, out _);
    }

    /// <summary>Whether there is a row of a name, whatever that says.</summary>
    public bool Holds(string name) => Any(name, entry => entry.Content != NoRow, out _);

    /// <inheritdoc/>
    public bool TryTake(string name, string sha256, out SeverityError error)
    {
        ulong content = Content(sha256, SeverityError.None);
        bool isThere = Any(name, e => (e.Content & ~ErrorMask) == content && ResumeIndex.IsLasting(ErrorOf(e)), out Entry entry);
        error = isThere ? ErrorOf(entry) : SeverityError.None;
        return isThere;
    }

    /// <inheritdoc/>
    public bool TryTakeUnread(string name, SeverityError error) => Any(name, entry => entry.Content == (ulong)error, out _);

    static SeverityError ErrorOf(Entry entry) => (SeverityError)(entry.Content & ErrorMask);

    static ulong Content(string? sha256, SeverityError error) =>
        (ulong.TryParse(sha256.AsSpan()[..Math.Min(16, sha256?.Length ?? 0)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out ulong start) ? start & ~ErrorMask : 0) | (ulong)error;

    static ulong Hash(FileState? state)
    {
        if (state is not { } known)
            return 1;
        Span<byte> bytes = stackalloc byte[32];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, known.Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], known.Modified);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], known.Changed);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], known.Number);
        return Math.Max(XxHash3.HashToUInt64(bytes), 2);
    }

    /// <summary>Puts an entry into its place: that of the same name and content, whose state it takes, or a new one.</summary>
    void Put(string name, ulong content, ulong state)
    {
        lock (_gate)
        {
            Entry entry = new(Hash(name), content, state);
            int at = First(entry.Name, _places.Length);
            for (; _places[at].Name != 0; at = Next(at))
            {
                if (_places[at].Name != entry.Name || _places[at].Content != content)
                    continue;
                _places[at] = entry;
                return;
            }
            _places[at] = entry;
            if (++_count > _places.Length / 5 * 4)
                Grow();
        }
    }

    bool Any(string name, Predicate<Entry> fits, out Entry entry)
    {
        lock (_gate)
        {
            ulong hash = Hash(name);
            for (int at = First(hash, _places.Length); _places[at].Name != 0; at = Next(at))
            {
                entry = _places[at];
                if (entry.Name == hash && fits(entry))
                    return true;
            }
            entry = default;
            return false;
        }
    }

    void Grow()
    {
        Entry[] old = _places;
        _places = new Entry[(int)Math.Min(old.Length * 3L / 2, Array.MaxLength)];
        foreach (Entry entry in old)
        {
            if (entry.Name == 0)
                continue;
            int at = First(entry.Name, _places.Length);
            while (_places[at].Name != 0)
                at = Next(at);
            _places[at] = entry;
        }
    }

    int Next(int at) => at + 1 == _places.Length ? 0 : at + 1;

    static int First(ulong hash, int places) => (int)Math.BigMul(hash, (ulong)places, out _);

    ulong Hash(string name) => Math.Max(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(name.AsSpan()), _seed), 1);

    /// <summary>A row, or a file without one; a free place has no name.</summary>
    /// <param name="Name">The name's hash; 0 for a free place.</param>
    /// <param name="Content">What its bytes are, and the row's error.</param>
    /// <param name="State">In which state the file was; <see cref="Unknown"/> for a row from before.</param>
    readonly record struct Entry(ulong Name, ulong Content, ulong State);
}
