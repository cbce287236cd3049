using System.Text;

namespace SeverityEngine.Imaging.Formats;

/// <summary>Formats that are recognized so that they can be refused by name, each with what to do.</summary>
static class KnownFormats
{
    const int DicomPreamble = 128;

    /// <summary>What the bytes are and what to do; null where nothing is recognized.</summary>
    public static string? Recognize(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= DicomPreamble + 4 && bytes[DicomPreamble..].StartsWith("DICM"u8))
            return "a DICOM file, which is not read yet; convert it to PNG, keeping 16 bits";
        if (bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..12].SequenceEqual("WEBP"u8))
            return Convert("a WebP image");
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8))
            return Convert("a TIFF image");
        if (bytes.StartsWith("\0\0\0\u000CjP  "u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]))
            return Convert("a JPEG 2000 image");
        if (bytes.StartsWith("\0\0\0\u000CJXL "u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]))
            return Convert("a JPEG XL image");
        if (bytes.Length >= 12 && bytes[4..8].SequenceEqual("ftyp"u8))
            return Convert("an ISO media file, such as HEIC or AVIF");
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x76, 0x2F, 0x31, 0x01]))
            return Convert("an OpenEXR image");
        if (bytes.StartsWith("%PDF"u8))
            return "a PDF document; export the image in it as PNG";
        if (bytes.StartsWith("PK\u0003\u0004"u8))
            return "a ZIP archive; unpack the images in it";
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return "a gzip archive; unpack the image in it";
        return LooksLikeMarkup(bytes) ? "a web page or other markup, perhaps an error page saved under an image's name; fetch the image again" : null;
    }

    static string Convert(string what) => $"{what}, which is not read; convert it to PNG";

    static bool LooksLikeMarkup(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 64)].TrimStart(" \t\r\n"u8);
        return start.Length > 1 && start[0] == '<' && (start[1] is (byte)'!' or (byte)'?' || Ascii.IsValid(start) && char.IsAsciiLetter((char)start[1]));
    }
}
