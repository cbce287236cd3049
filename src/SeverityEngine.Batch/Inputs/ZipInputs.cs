using System.IO.Compression;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>The images in a zip archive, in natural order.</summary>
static class ZipInputs
{
    public static IEnumerable<InputItem> Enumerate(string path)
    {
        FileStream? content = null;
        ZipArchive? archive = null;
        FaultyInput? fault = null;
        List<ZipArchiveEntry> entries = [];
        try
        {
            content = Archive.Open(path);
            archive = new ZipArchive(content, ZipArchiveMode.Read);
            entries.AddRange(archive.Entries.Where(e => ImageNames.IsImage(e.FullName)));
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            fault = Archive.Row(path, e);
        }
        using (content)
        using (archive)
        {
            if (fault is not null)
            {
                yield return fault;
                yield break;
            }
            entries.Sort((a, b) => NaturalOrder.Instance.Compare(a.FullName, b.FullName));
            foreach (ZipArchiveEntry entry in entries)
            {
                if (entry.IsEncrypted)
                    yield return new FaultyInput($"{path}/{entry.FullName}", SeverityError.FileUnreadable, "is encrypted; unpack the archive with its password");
                else
                    yield return new MemberInput(path, entry.FullName, entry.Open, entry.Crc32);
            }
        }
    }
}
