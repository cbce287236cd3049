using SeverityEngine.IO;

namespace SeverityEngine.Models.Store;

/// <summary>What the store's files say where they cannot be read or written.</summary>
static class StoreFiles
{
    /// <summary>Far above any list or record of models.</summary>
    const long LargestText = 16 << 20;

    static readonly FileKind s_text = new("file") { TooLargeRemedy = "it is no list or record of models; check the path" };

    static readonly FileKind s_weights = new("file")
    {
        IsNoDevice = true,
        FolderRemedy = "name the weights file in it",
        TooLargeRemedy = "no weights are read from so large a file",
    };

    /// <summary>A file of JSON.</summary>
    public static byte[] ReadText(string path) => WholeFile.Read(path, s_text, LargestText);

    /// <summary>A file of weights, whatever it is.</summary>
    public static byte[] ReadWeights(string path) => WholeFile.Read(path, s_weights, Array.MaxLength);

    /// <summary>A copy of a published file; a larger file is none, and is not read.</summary>
    public static byte[] ReadCopy(string path, WeightsFile file) => WholeFile.Read(path,
        s_weights with
        {
            TooLarge = SeverityError.VerificationFailed,
            TooLargeRemedy = $"{file.Name} is not, so it is another file: download it again",
        },
        file.Size);

    public static SeverityException Unwritable(string path, Exception e) =>
        new(SeverityError.FileUnwritable,
            $"{path}: cannot be written: {FileFaults.Reason(e)}; free space, or name another folder with SEVERITY_HOME", e);
}
