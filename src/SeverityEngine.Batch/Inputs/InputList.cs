namespace SeverityEngine.Batch.Inputs;

/// <summary>Everything that a command line names, in order: files, folders, patterns, archives, and lists of them.</summary>
/// <param name="Paths">What stands on the command line.</param>
/// <param name="List">A file that holds more of them; - for standard input; null for none.</param>
/// <param name="NulSeparated">Whether a NUL, not a line's end, comes after each path of the list.</param>
/// <param name="Recursive">Whether folders below named ones are entered.</param>
sealed record InputList(IReadOnlyList<string> Paths, string? List = null, bool NulSeparated = false, bool Recursive = false)
{
    /// <summary>Whether there is one image alone, a file or standard input, for which latency counts more than throughput.</summary>
    public bool IsOneImage => List is null && Paths is [string path]
        && (path == StandardInput.Spelling || !(ImageNames.IsZip(path) || ImageNames.IsTar(path) || Directory.Exists(path) || (Glob.IsPattern(path) && !File.Exists(path))));

    /// <summary>How many there are as far as the command line tells: one, or several.</summary>
    public int AtLeast => IsOneImage ? 1 : Math.Max(2, Paths.Count);

    /// <summary>Whether listing them a second time would find the same, without reading what can be read but once.</summary>
    public bool CanBeCounted => List != StandardInput.Spelling && !Paths.Any(ImageNames.IsTar)
        && (List is null || (File.Exists(List) && !IsDevice(List)));

    /// <summary>The files that stand on the command line: images, archives, the list.</summary>
    public IEnumerable<string> NamedFiles => Paths.Append(List ?? StandardInput.Spelling).Where(path => path != StandardInput.Spelling && File.Exists(path));

    /// <summary>The images, found as they are asked for.</summary>
    /// <exception cref="SeverityException">The list of paths cannot be read.</exception>
    public IEnumerable<InputItem> Enumerate()
    {
        foreach (string path in Paths)
        {
            foreach (InputItem item in Expand(path, onCommandLine: true))
                yield return item;
        }
        if (List is null)
            yield break;
        foreach (string path in PathList.Read(List, NulSeparated))
        {
            foreach (InputItem item in Expand(path, onCommandLine: false))
                yield return item;
        }
    }

    IEnumerable<InputItem> Expand(string path, bool onCommandLine)
    {
        if (onCommandLine && path == StandardInput.Spelling)
            return [new StandardInput()];
        if (Directory.Exists(path))
            return Folder.Images(path, Recursive);
        // A list holds paths, not patterns: nothing in it is read as one.
        if (onCommandLine && Glob.IsPattern(path) && !File.Exists(path))
            return ExpandPattern(path);
        if (ImageNames.IsZip(path))
            return ZipInputs.Enumerate(path);
        return ImageNames.IsTar(path) ? TarInputs.Enumerate(path) : [new FileInput(path)];
    }

    IEnumerable<InputItem> ExpandPattern(string pattern)
    {
        bool found = false;
        foreach (string path in Glob.Expand(pattern))
        {
            found = true;
            foreach (InputItem item in Expand(path, onCommandLine: false))
                yield return item;
        }
        if (!found)
            yield return new FaultyInput(pattern, SeverityError.FileNotFound, "no file matches; check the pattern");
    }

    static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);
}
