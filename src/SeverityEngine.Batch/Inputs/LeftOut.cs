using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>
/// What folders, patterns and archives hold and a run leaves out, since nobody named it itself: how many of each kind, so that nothing is
/// passed over in silence. Hidden files do not count. Safe for use by several threads.
/// </summary>
sealed class LeftOut
{
    public const string Directories = "DICOMDIR";
    public const string Links = "linked in an archive";
    public const string Specials = "pipe, socket or device";

    public const string Empty = "empty";

    const string Bare = "without an extension", Numbered = "with a number for an extension", Others = "with another extension";

    /// <summary>Longer ones are no extensions: a sentence may have a dot in it.</summary>
    const int LongestExtension = 12;

    /// <summary>How many kinds are told apart, and how many of them are said.</summary>
    const int MostKinds = 200, MostSaid = 6;

    readonly Lock _gate = new();

    /// <summary>Told of each file, with the reason, as it is left out; for a listing.</summary>
    public Action<string, string>? File { get; init; }

    /// <summary>Told of each folder that is not entered.</summary>
    public Action<string>? Folder { get; init; }

    /// <summary>The shard whose files alone are counted; null for all.</summary>
    public Shard? Shard { get; init; }

    readonly Dictionary<string, (long Count, string Example)> _kinds = new(StringComparer.Ordinal);
    long _folders;

    /// <summary>Counts a file of a kind.</summary>
    public void Add(string kind, string name)
    {
        if (Shard is not null && !Shard.Takes(name))
            return;
        File?.Invoke(name, kind switch
        {
            _ when Archive.Is(name) => "an archive; name it itself to score what is in it",
            Bare or Numbered => $"{kind}, and not DICOM",
            ['.', ..] => $"{kind} is no image's extension",
            _ => kind,
        });
        lock (_gate)
        {
            if (kind[0] == '.' && _kinds.Count >= MostKinds && !_kinds.ContainsKey(kind))
                kind = Others;
            _kinds[kind] = _kinds.TryGetValue(kind, out (long Count, string Example) known) ? (known.Count + 1, known.Example) : (1, name);
        }
    }

    /// <summary>Counts a file that is no image; its name tells its kind.</summary>
    public void Add(string name)
    {
        string extension = Path.GetExtension(name);
        Add(extension.Length == 0 ? Bare
            : !extension.AsSpan(1).ContainsAnyExceptInRange('0', '9') ? Numbered
            : extension.Length <= LongestExtension && extension.Skip(1).All(char.IsAsciiLetterOrDigit) ? extension.ToLowerInvariant()
            : Others, name);
    }

    /// <summary>Counts a folder that was not entered.</summary>
    public void AddFolder(FolderEntry folder)
    {
        Folder?.Invoke(folder.Path);
        lock (_gate)
            _folders++;
    }

    /// <summary>What is said at the end: nothing, or a line or two.</summary>
    public List<string> Lines()
    {
        List<string> lines = [];
        lock (_gate)
        {
            long files = _kinds.Values.Sum(kind => kind.Count);
            if (files > 0)
                lines.Add($"{Amount.Of(files, "other file")} left out: {Kinds()}; name a file itself to score it");
            if (_folders > 0)
                lines.Add($"{Amount.Of(_folders, "folder below was", "folders below were")} not entered; --recursive enters them");
        }
        return lines;
    }

    /// <summary>The error of a run that finds no image.</summary>
    public SeverityException NoImages() => new(SeverityError.FileNotFound,
        string.Join("; ", Lines().Prepend("there are no images in what was named"))
        + "; images are found by their extensions (.jpeg, .png, ...), and DICOM files that have none by their first bytes");

    /// <summary>The most frequent first; of what no extension tells, an example.</summary>
    string Kinds()
    {
        IEnumerable<string> said = _kinds.OrderByDescending(kind => kind.Value.Count).ThenBy(kind => kind.Key, StringComparer.Ordinal)
            .Take(MostSaid).Select(kind => $"{kind.Value.Count} {kind.Key}"
                + (kind.Key[0] == '.' ? "" : $" ({kind.Value.Example}{(kind.Value.Count > 1 ? ", ..." : "")})"));
        long more = _kinds.Values.Select(kind => kind.Count).OrderDescending().Skip(MostSaid).Sum();
        return string.Join(", ", said) + (more > 0 ? $", and {more} more" : "");
    }
}
