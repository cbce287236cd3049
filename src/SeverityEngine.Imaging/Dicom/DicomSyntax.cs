namespace SeverityEngine.Imaging.Dicom;

/// <summary>How a data set and its pixels are written.</summary>
/// <param name="IsImplicit">Whether elements have no value representation.</param>
/// <param name="IsBigEndian">Whether numbers begin with their highest byte.</param>
/// <param name="IsDeflated">Whether the data set is compressed as a whole.</param>
/// <param name="IsEncapsulated">Whether the pixels are a compressed picture of their own.</param>
readonly record struct DicomSyntax(bool IsImplicit, bool IsBigEndian = false, bool IsDeflated = false, bool IsEncapsulated = false)
{
    const string Root = "1.2.840.10008.1.2";

    /// <summary>Explicit, little endian: the form of the meta header, and of most files.</summary>
    public static DicomSyntax Explicit { get; } = new(false);

    /// <summary>The transfer syntax of a UID (PS3.6, annex A).</summary>
    /// <param name="uid">The UID, trimmed; empty where the file names none.</param>
    /// <param name="syntax">How files of it are written.</param>
    /// <returns>Null; or what it is called, where its pixels are not read.</returns>
    public static string? Find(string uid, out DicomSyntax syntax)
    {
        syntax = uid switch
        {
            "" or Root => new DicomSyntax(true),
            Root + ".1" or Root + ".1.98" => Explicit,
            Root + ".1.99" => Explicit with { IsDeflated = true },
            Root + ".2" => Explicit with { IsBigEndian = true },
            "1.2.840.113619.5.2" => new DicomSyntax(true),
            _ => Explicit with { IsEncapsulated = true },
        };
        return uid switch
        {
            "" or Root or Root + ".1" or Root + ".1.99" or Root + ".2" => null,
            Root + ".4.50" or Root + ".4.51" or Root + ".4.57" or Root + ".4.70" => null,
            Root + ".4.80" or Root + ".4.81" or Root + ".4.90" or Root + ".4.91" or Root + ".5" => null,
            Root + ".1.98" => "encapsulated uncompressed pixels",
            Root + ".4.92" or Root + ".4.93" => "multi-component JPEG 2000",
            Root + ".4.94" or Root + ".4.95" => "JPIP, which only names where pixels are",
            Root + ".4.201" or Root + ".4.202" or Root + ".4.203" => "High-Throughput JPEG 2000 (HTJ2K)",
            Root + ".4.110" or Root + ".4.111" or Root + ".4.112" => "JPEG XL",
            "1.2.840.113619.5.2" => "a private form of GE with big-endian pixels",
            _ when uid.StartsWith(Root + ".4.10", StringComparison.Ordinal) => "video",
            _ when uid.StartsWith(Root + ".4.", StringComparison.Ordinal) => "a retired form of JPEG",
            _ => "a transfer syntax that is not known",
        };
    }

    /// <summary>Whether pixels are run-length coded.</summary>
    public static bool IsRle(string uid) => uid == Root + ".5";
}
