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

    /// <summary>Whether there is one image alone, a file or standard input, for which latency counts more than throughput.</summary>
    public bool IsOneImage => List is null && Paths is [string path]
        && (path == StandardInput.Spelling || !(IsArchive(path) || Directory.Exists(path) || (Glob.IsPattern(path) && !File.Exists(path))));

    /// <summary>How many there are as far as the command line tells: one, or several.</summary>
    public int AtLeast => IsOneImage ? 1 : Math.Max(2, Paths.Count);

    /// <summary>The images, found as they are asked for; only one caller may ask.</summary>
    /// <exception cref="SeverityException">The list of paths cannot be read.</exception>
    public IEnumerable<InputItem> Enumerate() => Paths.SelectMany(OnCommandLine).Concat(Listed()).SelectMany(Expand);

    /// <summary>Counts them, beside a caller of <see cref="Enumerate"/>; null where that would take from what can be read but once, or read it all.</summary>
    /// <exception cref="SeverityException">The list of paths cannot be read.</exception>
    public long? Count()
    {
        if (List is not null && (List == StandardInput.Spelling || SpecialFile.Is(List) || !_list!.Value.IsHeld))
            return null;
        long count = 0;
        foreach (NamedPath named in Paths.SelectMany(OnCommandLine).Concat(Listed()))
        {
            if (IsArchive(named.Path) && (ImageNames.IsTar(named.Path) || SpecialFile.Is(named.Path)) && !Directory.Exists(named.Path))
                return null;
            count += Expand(named).LongCount();
        }
        return count;
    }

    IEnumerable<NamedPath> OnCommandLine(string path) =>
        Glob.IsPattern(path) && !Path.Exists(path) ? Match(path) : [new NamedPath(path, NamedBy.CommandLine)];

    static IEnumerable<NamedPath> Match(string pattern)
    {
        bool found = false;
        foreach (string path in Glob.Expand(pattern))
        {
            found = true;
            yield return new NamedPath(path, NamedBy.PatternOrList);
        }
        if (!found)
            yield return new NamedPath(pattern, NamedBy.PatternWithoutMatch);
    }

    /// <summary>A list holds paths, not patterns: nothing in it is read as one.</summary>
    IEnumerable<NamedPath> Listed()
    {
        if (_list is null)
            yield break;
        foreach (string path in _list.Value.Paths())
            yield return new NamedPath(path, NamedBy.PatternOrList);
    }

    IEnumerable<InputItem> Expand(NamedPath named)
    {
        (string path, NamedBy by) = named;
        if (by == NamedBy.PatternWithoutMatch)
            return [new FaultyInput(path, SeverityError.FileNotFound, "no file matches; check the pattern")];
        bool onCommandLine = by == NamedBy.CommandLine;
        if (onCommandLine && path == StandardInput.Spelling)
            return [new StandardInput()];
        if (Directory.Exists(path))
            return Folder.Images(path, Recursive);
        if (!IsArchive(path) || (!onCommandLine && SpecialFile.Is(path)))
            return [new FileInput(path, found: !onCommandLine)];
        return ImageNames.IsZip(path) ? ZipInputs.Enumerate(path) : TarInputs.Enumerate(path);
    }

    static bool IsArchive(string path) => ImageNames.IsZip(path) || ImageNames.IsTar(path);

    enum NamedBy
    {
        CommandLine,
        PatternOrList,
        PatternWithoutMatch,
    }

    readonly record struct NamedPath(string Path, NamedBy By);
}
