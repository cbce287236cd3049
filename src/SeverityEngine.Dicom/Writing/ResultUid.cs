using System.Globalization;
using System.Text;

namespace SeverityEngine.Dicom.Writing;

/// <summary>UIDs of the form <c>2.25.</c> and a UUID as a decimal number (PS3.5, B.2).</summary>
static class ResultUid
{
    /// <summary>What made the file, as meta headers say it; and the device that observed.</summary>
    public const string Implementation = "2.25.225117105913087632431567513146434543871";

    /// <summary>The scheme of the codes that are this program's own.</summary>
    public const string CodingScheme = "2.25.95874411318170021385205471830041586329";

    /// <summary>
    /// A UID that says the same as the texts it is derived from: a UUID of version 8 (RFC 9562, 5.8) with the first bits of their SHA-256.
    /// </summary>
    public static string Derive(params IEnumerable<string> texts)
    {
        // A text has no line feed, so that different texts never join to the same.
        string joined = string.Join('\n', texts.Select(text => text.Replace('\n', ' ')));
        string hash = ContentHash.Sha256(Encoding.UTF8.GetBytes(joined));
        UInt128 uuid = UInt128.Parse(hash.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        UInt128 version = (UInt128)0xF << 76, variant = (UInt128)0x3 << 62;
        uuid = uuid & ~version & ~variant | (UInt128)8 << 76 | (UInt128)2 << 62;
        return "2.25." + uuid.ToString(CultureInfo.InvariantCulture);
    }
}
