using SeverityEngine.Imaging.Dicom;

namespace SeverityEngine.Dicom.Network;

/// <summary>The UIDs of the protocol (PS3.6, annex A), and which transfer syntaxes are taken.</summary>
static class NetworkUids
{
    public const string ApplicationContext = "1.2.840.10008.3.1.1.1", Verification = "1.2.840.10008.1.1",
        StoragePrefix = "1.2.840.10008.5.1.4.1.1.", ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    const string Root = "1.2.840.10008.1.2";

    /// <summary>
    /// All that the engine reads, the best first. What is compressed without losses comes before what is not compressed, since some senders
    /// cannot decompress; lossy forms come last, for a sender that has the choice may compress for them what was not.
    /// </summary>
    static readonly string[] s_syntaxes =
    [
        Root + ".4.70", Root + ".4.57", Root + ".4.80", Root + ".4.90", Root + ".5",
        ExplicitLittleEndian, Root, Root + ".2", Root + ".1.99",
        Root + ".4.81", Root + ".4.91", Root + ".4.50", Root + ".4.51",
    ];

    /// <summary>All that the engine reads, the best first.</summary>
    public static IReadOnlyList<string> TransferSyntaxes => s_syntaxes;

    /// <summary>A transfer syntax's place, the best first; -1 for one that is not read.</summary>
    public static int RankOf(string syntax) => Array.IndexOf(s_syntaxes, syntax);

    /// <summary>Whether the listener takes what is called so: verification, and everything that can be stored.</summary>
    public static bool IsAccepted(string abstractSyntax) =>
        abstractSyntax == Verification || abstractSyntax.StartsWith(StoragePrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether a text has the form of a UID (PS3.5, 9.1), of which a file's name can be made: digits, and points between them.
    /// </summary>
    public static bool IsUid(string text) => DicomHeader.Uid(text) is not null && text[0] != '.' && text[^1] != '.'
        && !text.Contains("..", StringComparison.Ordinal);
}
