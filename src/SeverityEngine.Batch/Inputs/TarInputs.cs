using System.Formats.Tar;
using System.IO.Compression;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Batch.Inputs;

/// <summary>The images in a tar archive, gzipped or not, in the order in which they stand in it: it is read once, from front to back.</summary>
static class TarInputs
{
    public static IEnumerable<InputItem> Enumerate(string path)
    {
        Stream? content = null;
        FaultyInput? fault = null;
        try
        {
            content = Archive.Open(path);
            if (Archive.IsGzippedTar(path))
                content = new GZipStream(content, CompressionMode.Decompress);
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            fault = Archive.Row(path, e);
        }
        using (content)
        {
            if (fault is not null)
            {
                yield return fault;
                yield break;
            }
            using TarReader reader = new(content!);
            while (true)
            {
                TarEntry? entry = null;
                try
                {
                    entry = reader.GetNextEntry();
                }
                catch (Exception e) when (Archive.IsFault(e))
                {
                    fault = Archive.Row(path, e);
                }
                if (fault is not null)
                    yield return fault;
                if (entry is null)
                    yield break;
                bool isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;
                if (isFile && ImageNames.IsImage(entry.Name))
                    yield return new MemberInput(path, TrimDot(entry.Name), () => entry.DataStream ?? Stream.Null);
            }
        }
    }

    static string TrimDot(string name) => name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
}
