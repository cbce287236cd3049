using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// The folders below one for files of results, named after those that lead to the inputs. What an archive calls its members leads nowhere
/// else: <c>..</c>, roots and drives are left away, and links are not gone through.
/// </summary>
/// <param name="root">The folder above them.</param>
/// <param name="isTaken">Whether a file is to have a name, which is told by its way from the root.</param>
sealed class MirroredFolders(string root, Predicate<string> isTaken)
{
    /// <summary>Deeper folders are left away: an archive may name any number of them.</summary>
    const int MostFolders = 64;

    static readonly char[] s_separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];
    static readonly char[] s_invalid = Path.GetInvalidFileNameChars();

    // Of ways that inputs are at, those that files go to; and all folders on them.
    readonly Dictionary<string, string> _ways = new(StringComparer.Ordinal);
    readonly HashSet<string> _folders = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a name, told by its way from the root, is that of a folder that files go to.</summary>
    public bool IsFolder(string way) => _folders.Contains(way);

    /// <summary>The way from the root to the folder for an input's files; empty for the root itself.</summary>
    /// <param name="below">The folders that lead to the input, as it names them.</param>
    public string WayFor(string below)
    {
        if (below.Length == 0)
            return "";
        if (_ways.TryGetValue(below, out string? known))
            return known;
        string way = "";
        foreach (string part in below.Split(s_separators).Select(Clean).Where(part => part.Length > 0).Take(MostFolders))
        {
            string next = Path.Join(way, part);
            // What is no folder there, a link to one for another, is left alone.
            for (int number = 2; !CanBe(next); number++)
                next = Path.Join(way, $"{part}-{number}");
            _folders.Add(way = next);
        }
        return _ways[below] = way;
    }

    /// <summary>Whether a way is one of folders alone that are there or can be made, without links.</summary>
    public bool IsOfFolders(string way)
    {
        for (int end = 0; end >= 0;)
        {
            end = way.IndexOfAny(s_separators, end + 1);
            if (!CanBe(end < 0 ? way : way[..end]))
                return false;
        }
        return true;
    }

    bool CanBe(string way) => !isTaken(way) && FileStatus.OfName(Path.Join(root, way)).Type is FileType.None or FileType.Folder;

    /// <summary>A folder's name that can lead nowhere but down; empty for none.</summary>
    static string Clean(string part)
    {
        string name = FileName(part);
        if (OperatingSystem.IsWindows())
            name = name.TrimEnd('.', ' ');
        return name is "." or ".." ? "" : name;
    }

    /// <summary>A name in which what the system does not let stand is a low line.</summary>
    public static string FileName(string name) =>
        name.IndexOfAny(s_invalid) < 0 ? name : string.Concat(name.Select(c => s_invalid.Contains(c) ? '_' : c));
}
