using System.IO.Enumeration;

namespace SeverityEngine.Batch.Inputs;

/// <summary>Folders, each listed whole and sorted; what cannot be listed becomes a row.</summary>
static class Folder
{
    // Nothing is passed over in silence because it may not be read.
    static readonly EnumerationOptions s_everything = new() { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None };

    /// <summary>The images in a folder, and in those below it where asked: each folder in natural order, its subfolders where their names stand.</summary>
    public static IEnumerable<InputItem> Images(string path, bool recursive)
    {
        List<FolderEntry> entries;
        FaultyInput? fault = null;
        try
        {
            entries = List(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            entries = [];
            fault = new FaultyInput(path, SeverityError.FileUnreadable, $"the folder cannot be listed: {e.Message}", e);
        }
        if (fault is not null)
            yield return fault;
        foreach (FolderEntry entry in entries)
        {
            if (!entry.IsFolder)
            {
                if (ImageNames.IsImage(entry.Name))
                    yield return new FileInput(Path.Join(path, entry.Name), found: true);
            }
            else if (recursive && !entry.IsLink && entry.Name[0] != '.')
            {
                // Links to folders are not followed: they may lead back up.
                foreach (InputItem item in Images(Path.Join(path, entry.Name), recursive))
                    yield return item;
            }
        }
    }

    /// <summary>What stands in a folder, in natural order.</summary>
    public static List<FolderEntry> List(string path)
    {
        FileSystemEnumerable<FolderEntry> entries = new(path,
            (ref FileSystemEntry entry) => new FolderEntry(entry.FileName.ToString(), entry.IsDirectory, entry.Attributes.HasFlag(FileAttributes.ReparsePoint)),
            s_everything);
        List<FolderEntry> list = [.. entries];
        list.Sort((a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
        return list;
    }
}
