using System.IO.Enumeration;

namespace SeverityEngine.IO;

/// <summary>What stands in a folder; or, with a fault, that the folder could not be listed.</summary>
/// <param name="Folder">The folder, as it was named.</param>
/// <param name="Name">Its name there; empty with a fault.</param>
/// <param name="IsFolder">Whether it is a folder, or a link to one.</param>
/// <param name="IsLink">Whether it is a link.</param>
/// <param name="Fault">Why the folder could not be listed, or not to its end; null for all that was listed.</param>
readonly record struct FolderEntry(string Folder, string Name, bool IsFolder, bool IsLink, SeverityException? Fault = null)
{
    public string Path => System.IO.Path.Join(Folder, Name);
}

/// <summary>
/// The one way to list folders: each in natural order, its subfolders where their names stand. A folder that cannot be listed is an entry
/// with a fault, so that nothing is passed over in silence.
/// </summary>
static class FolderWalker
{
    static readonly EnumerationOptions s_everything = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None };

    /// <summary>The files in a folder, and where asked in those below it, and the faults of folders.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recursive">Whether those below it are entered.</param>
    /// <param name="notEntered">Hears of each that would be.</param>
    /// <remarks>Below the folder that is named, hidden folders are not entered, nor are links to folders: they may lead back up.</remarks>
    public static IEnumerable<FolderEntry> Walk(string folder, bool recursive, Action<FolderEntry>? notEntered = null)
    {
        // A stack of its own, for folders may be nested deeper than calls can be.
        Stack<(List<FolderEntry> Entries, int Next)> open = [];
        open.Push((List(folder), 0));
        while (open.TryPop(out (List<FolderEntry> Entries, int Next) at))
        {
            if (at.Next == at.Entries.Count)
                continue;
            FolderEntry entry = at.Entries[at.Next];
            open.Push((at.Entries, at.Next + 1));
            if (!entry.IsFolder || entry.Fault is not null)
                yield return entry;
            else if (!IsEntered(entry))
                continue;
            else if (recursive)
                open.Push((List(entry.Path), 0));
            else
                notEntered?.Invoke(entry);
        }
    }

    /// <summary>Whether a walk goes into a folder that it comes upon.</summary>
    public static bool IsEntered(FolderEntry entry) =>
        entry.IsFolder && !entry.IsLink && entry.Fault is null && !entry.Name.StartsWith('.');

    /// <summary>All that stands in a folder, in natural order, after its fault where it has one.</summary>
    public static List<FolderEntry> List(string folder)
    {
        List<FolderEntry> entries = [.. Stream(folder)];
        // A fault's name is empty: it comes first.
        entries.Sort((a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
        return entries;
    }

    /// <summary>
    /// All that stands in a folder as the system tells it, in no order and never as a list; a fault, which ends it, comes last. What is
    /// added or removed meanwhile may be missing from it.
    /// </summary>
    public static IEnumerable<FolderEntry> Stream(string folder)
    {
        SeverityException? fault = null;
        IEnumerator<FolderEntry>? found = null;
        try
        {
            found = new FileSystemEnumerable<FolderEntry>(folder.Length == 0 ? "." : folder,
                (ref FileSystemEntry e) =>
                    new FolderEntry(folder, e.FileName.ToString(), e.IsDirectory, e.Attributes.HasFlag(FileAttributes.ReparsePoint)),
                s_everything).GetEnumerator();
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            fault = Fault(folder, e);
        }
        using (found)
        {
            while (fault is null)
            {
                try
                {
                    if (!found!.MoveNext())
                        yield break;
                }
                catch (Exception e) when (FileFaults.IsFault(e))
                {
                    fault = Fault(folder, e);
                }
                if (fault is null)
                    yield return found!.Current;
            }
        }
        yield return new FolderEntry(folder, "", IsFolder: true, IsLink: false, fault);
    }

    static SeverityException Fault(string folder, Exception e) => e switch
    {
        DirectoryNotFoundException when !Path.Exists(folder) =>
            new(SeverityError.FileNotFound, $"{folder}: no such folder; check the path", e),
        UnauthorizedAccessException =>
            new(SeverityError.FileUnreadable,
                $"{folder}: the folder cannot be listed: there is no permission to; change its rights, or ask its owner", e),
        _ => new(SeverityError.FileUnreadable,
            $"{folder}: the folder cannot be listed: {FileFaults.Reason(e)}; check the disk or the network", e),
    };
}
