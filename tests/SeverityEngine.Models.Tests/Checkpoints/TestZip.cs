using System.IO.Compression;

namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>Rewrites PyTorch's zip archives.</summary>
static class TestZip
{
    /// <summary>The archive's entries in order.</summary>
    public static Dictionary<string, byte[]> Entries(byte[] archive)
    {
        using ZipArchive zip = new(new MemoryStream(archive), ZipArchiveMode.Read);
        Dictionary<string, byte[]> entries = [];
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using Stream stream = entry.Open();
            byte[] content = new byte[entry.Length];
            stream.ReadExactly(content);
            entries.Add(entry.FullName, content);
        }
        return entries;
    }

    public static byte[] Of(IEnumerable<KeyValuePair<string, byte[]>> entries, CompressionLevel level = CompressionLevel.NoCompression)
    {
        MemoryStream archive = new();
        using (ZipArchive zip = new(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = zip.CreateEntry(name, level).Open();
                stream.Write(content);
            }
        }
        return archive.ToArray();
    }
}
