using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>Which files are archives, how one is opened, and what .NET's readers raise where one is damaged.</summary>
static class Archive
{
    static readonly FileKind s_kind = new("file") { FolderRemedy = "name an archive in it" };

    /// <summary>Whether a file is an archive by its name.</summary>
    public static bool Is(string path) => IsZip(path) || IsTar(path);

    public static bool IsZip(string path) => EndsWith(path, ".zip");

    public static bool IsTar(string path) => EndsWith(path, ".tar") || IsGzippedTar(path);

    public static bool IsGzippedTar(string path) => EndsWith(path, ".tar.gz") || EndsWith(path, ".tgz");

    /// <exception cref="SeverityException">It is not there or cannot be read.</exception>
    public static FileStream Open(string path) => WholeFile.Open(path, s_kind, buffer: 64 << 10);

    public static bool IsFault(Exception e) => FileStatus.IsFault(e)
        || e is SeverityException or InvalidDataException or FormatException or OverflowException or InvalidOperationException;

    /// <summary>A row for the archive itself.</summary>
    public static FaultyInput Row(string path, Exception e) => e switch
    {
        SeverityException known => new(path, known),
        InvalidDataException or EndOfStreamException or FormatException or OverflowException
            => new(path, SeverityError.FileUnreadable, $"the archive is damaged: {e.Message.TrimEnd('.')}; what comes before the damage is scored", e),
        _ => new(path, WholeFile.Fault(path, e, s_kind)),
    };

    static bool EndsWith(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
