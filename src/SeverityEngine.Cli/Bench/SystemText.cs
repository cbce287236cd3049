using SeverityEngine.IO;

namespace SeverityEngine.Cli.Bench;

/// <summary>What the system tells in small files.</summary>
static class SystemText
{
    /// <summary>A file's lines; none where it cannot be read.</summary>
    public static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            return [];
        }
    }
}
