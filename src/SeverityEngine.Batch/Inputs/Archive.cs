using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>Which files are archives, what is in one, and the row of one that is damaged.</summary>
static class Archive
{
    static readonly FileKind s_kind = new("file") { FolderRemedy = "name an archive in it" };

    /// <summary>Whether a file is an archive by its name, read or not.</summary>
    public static bool Is(string path) => IsZip(path) || IsTar(path) || UnreadArchive.ByName(path) is not null;

    public static bool IsZip(string path) => EndsWith(path, ".zip");

    public static bool IsTar(string path) => EndsWith(path, ".tar") || IsGzippedTar(path);

    public static bool IsGzippedTar(string path) => EndsWith(path, ".tar.gz") || EndsWith(path, ".tgz");

    /// <summary>The images in an archive, and what is wrong with it.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="leftOut">Counts its other files.</param>
    public static IEnumerable<InputItem> Enumerate(string path, LeftOut leftOut) =>
        IsZip(path) ? ZipInputs.Enumerate(path, leftOut) : IsTar(path) ? TarInputs.Enumerate(path, leftOut) : [UnreadArchive.Row(path)];

    /// <exception cref="SeverityException">It is not there or cannot be read.</exception>
    public static FileStream Open(string path) => WholeFile.Open(path, s_kind, buffer: 64 << 10);

    public static bool IsFault(Exception e) => FileFaults.IsFault(e)
        || e is SeverityException or InvalidDataException or FormatException or OverflowException or InvalidOperationException;

    /// <summary>A row for the archive itself. A fault may be found late, and be the first sign of what was wrong before it.</summary>
    public static FaultyInput Row(string path, Exception e) => e switch
    {
        SeverityException known => new(path, known),
        InvalidDataException or EndOfStreamException or FormatException or OverflowException => new(path, SeverityError.FileUnreadable,
            $"the archive is damaged: {Reason(e)}; do not trust its rows before this one, and copy or pack it again", e),
        _ => new(path, WholeFile.Fault(path, e, s_kind)),
    };

    /// <summary>What is wrong with an archive: in the words of the readers here, or the system's.</summary>
    public static string Reason(Exception e) => e is InvalidDataException ? e.Message
        : e is FormatException or OverflowException ? "a number in it is too large or none" : FileFaults.Reason(e);

    static bool EndsWith(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
