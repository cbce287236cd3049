using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>Everything that a command line names, in order: files, folders, patterns, archives, and lists of them.</summary>
/// <param name="Paths">What stands on the command line.</param>
/// <param name="List">A file that holds more of them; - for standard input; null for none.</param>
/// <param name="NulSeparated">Whether a NUL, not a line's end, comes after each path of the list.</param>
/// <param name="Recursive">Whether folders below named ones are entered.</param>
sealed record InputList(IReadOnlyList<string> Paths, string? List = null, bool NulSeparated = false, bool Recursive = false)
{
    // Opened once, whoever asks first, for what a pipe gives to one reader no other gets.
    readonly Lazy<PathList>? _list = List is null ? null : new(() => PathList.Open(List, NulSeparated));

    /// <summary>The part of them that is scored here; null for all.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether there is one image alone, a file or standard input, for which latency counts more than throughput.</summary>
    public bool IsOneImage => List is null && Paths is [string path]
        && (path == StandardInput.Spelling || !(Archive.Is(path) || Directory.Exists(path)
            || (Glob.IsPattern(path) && !File.Exists(path))));

    /// <summary>How many there are as far as the command line tells: one, or several.</summary>
    public int AtLeast => IsOneImage ? 1 : Math.Max(2, Paths.Count);

    /// <summary>The files that stand on the command line: images, archives, the list.</summary>
    public IEnumerable<string> NamedFiles =>
        Paths.Append(List ?? StandardInput.Spelling).Where(path => path != StandardInput.Spelling && File.Exists(path));

    /// <summary>
    /// The files that are read and that an output could be: those on the command line and, where one of the outputs is there already and
    /// called as an image may be, those that folders, patterns and a list that is held lead to.
    /// </summary>
    /// <param name="outputs">The paths of the outputs.</param>
    public IEnumerable<string> FilesBeside(IEnumerable<string> outputs) =>
        outputs.Any(path => Found.MayBeInFolder(path) && FileStatus.Of(path).Type == FileType.Regular)
            ? NamedFiles.Concat(FoundFiles()) : NamedFiles;

    /// <summary>
    /// Files on the command line and in a list that is held that are called as results are: none is written in their place.
    /// </summary>
    public IEnumerable<string> NamedResults =>
        (_list is null || !IsListHeld ? Paths : Paths.Concat(_list.Value.Paths()))
            .Where(path => PlacedKind.All.Any(kind => kind.HasName(path)));

    bool IsListHeld => List != StandardInput.Spelling && !FileStatus.IsSpecial(List!) && _list!.Value.IsHeld;

    /// <summary>
    /// The images, found as they are asked for; only one caller may ask. Those of other shards are among them, so that names of results can
    /// be settled, and are marked. Of these no file is looked into, and none is counted as left out.
    /// </summary>
    /// <param name="leftOut">Counts what is no image in folders, patterns and archives.</param>
    /// <exception cref="SeverityException">The list of paths cannot be read.</exception>
    public IEnumerable<InputItem> Enumerate(LeftOut leftOut)
    {
        foreach (InputItem input in All().SelectMany(named => Expand(named, leftOut)))
        {
            input.IsElsewhere = IsElsewhere(input);
            yield return input;
        }
    }

    /// <summary>
    /// Counts them, beside a caller of <see cref="Enumerate"/>; null where that would take from what can be read but once, or read it
    /// all. Files whose names say nothing are looked into for it as they are for the run: their first bytes alone are read.
    /// </summary>
    /// <exception cref="SeverityException">The list of paths cannot be read.</exception>
    public long? Count()
    {
        if (List is not null && !IsListHeld)
            return null;
        long count = 0;
        LeftOut leftOut = new();
        foreach (NamedPath named in All())
        {
            if (Archive.Is(named.Path) && (Archive.IsTar(named.Path) || FileStatus.IsSpecial(named.Path)) && !Directory.Exists(named.Path))
                return null;
            count += Expand(named, leftOut).LongCount(input => !IsElsewhere(input));
        }
        return count;
    }

    IEnumerable<string> FoundFiles()
    {
        LeftOut leftOut = new();
        return (List is null || IsListHeld ? All() : Paths.SelectMany(OnCommandLine)).Where(named => named.Fault is null)
            .SelectMany(named => Directory.Exists(named.Path)
                ? Images(named.Path, leftOut).OfType<FileInput>().Select(image => image.Name) : [named.Path]);
    }

    IEnumerable<NamedPath> All() => Paths.SelectMany(OnCommandLine).Concat(Listed());

    IEnumerable<NamedPath> OnCommandLine(string path) =>
        Glob.IsPattern(path) && !Path.Exists(path) ? Match(path) : [new NamedPath(path, NamedBy.CommandLine)];

    static IEnumerable<NamedPath> Match(string pattern)
    {
        bool found = false;
        foreach (FolderEntry entry in Glob.Expand(pattern))
        {
            found = true;
            yield return new NamedPath(entry.Path, NamedBy.Search, entry.Fault);
        }
        if (!found)
            yield return new NamedPath(pattern, NamedBy.Search,
                new(SeverityError.FileNotFound, $"{pattern}: no file matches; check the pattern"));
    }

    /// <summary>A list holds paths, not patterns: nothing in it is read as one.</summary>
    IEnumerable<NamedPath> Listed()
    {
        if (_list is null)
            yield break;
        foreach (string path in _list.Value.Paths())
            yield return new NamedPath(path, NamedBy.List);
    }

    IEnumerable<InputItem> Expand(NamedPath named, LeftOut leftOut)
    {
        (string path, NamedBy by, SeverityException? fault) = named;
        if (fault is not null)
            return [new FaultyInput(path, fault)];
        bool onCommandLine = by == NamedBy.CommandLine;
        if (onCommandLine && path == StandardInput.Spelling)
            return [new StandardInput()];
        if (Directory.Exists(path))
            return Images(path, leftOut);
        if (Archive.Is(path) && (onCommandLine || !FileStatus.IsSpecial(path)))
            return Archive.Enumerate(path, leftOut);
        return by != NamedBy.Search || IsElsewhere(path) || Found.IsMatch(path, leftOut) ? [new FileInput(path, by)] : [];
    }

    IEnumerable<InputItem> Images(string folder, LeftOut leftOut)
    {
        foreach (FolderEntry entry in FolderWalker.Walk(folder, Recursive, leftOut.AddFolder))
        {
            if (entry.Fault is not null)
                yield return new FaultyInput(entry.Path, entry.Fault);
            else if (IsElsewhere(entry.Path) ? Found.MayBeInFolder(entry.Path) : Found.IsInFolder(entry.Path, leftOut))
                yield return new FileInput(entry.Path, NamedBy.Search) { Below = entry.Folder[folder.Length..] };
        }
    }

    bool IsElsewhere(InputItem input) => Shard is not null && !Shard.Takes(input);

    bool IsElsewhere(string path) => Shard is not null && !Shard.Takes(path);

    readonly record struct NamedPath(string Path, NamedBy By, SeverityException? Fault = null);
}
