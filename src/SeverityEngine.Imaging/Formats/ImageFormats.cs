using System.Text;
using SeverityEngine.Imaging.Bmp;
using SeverityEngine.Imaging.Dicom;
using SeverityEngine.Imaging.Gif;
using SeverityEngine.Imaging.Jpeg;
using SeverityEngine.Imaging.Png;
using SeverityEngine.Imaging.Pnm;
using SeverityEngine.Imaging.Psd;
using SeverityEngine.Imaging.Tga;
using SeverityEngine.Imaging.Tiff;

namespace SeverityEngine.Imaging.Formats;

/// <summary>
/// The table of formats. What files are recognized, which are read, which names are taken for images, the messages and the table in
/// docs/command-line.md follow it.
/// </summary>
static class ImageFormats
{
    /// <summary>Every format that is known; of those with a signature, the first that fits is taken.</summary>
    public static IReadOnlyList<ImageFormat> All { get; } = [
        // Those that are read, in the order in which messages list them. A DICOM file's first bytes may be those of another format.
        new("DICOM", DicomFile.Fits, "dcm", "dicom") { Decode = DicomDecoder.Decode },
        new("JPEG", b => b.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]), "jpg", "jpeg", "jpe", "jfif") { Decode = JpegDecoder.Decode },
        new("PNG", b => b.StartsWith(PngHeader.Signature), "png") { Decode = PngDecoder.Decode },
        new("BMP", b => b.StartsWith("BM"u8), "bmp") { Decode = BmpDecoder.Decode },
        new("GIF", b => b.StartsWith("GIF87a"u8) || b.StartsWith("GIF89a"u8), "gif") { Decode = GifDecoder.Decode },
        new("TGA", TgaHeader.Fits, "tga") { Decode = TgaDecoder.Decode, IsGuess = true },
        new("PSD", b => b.StartsWith("8BPS"u8), "psd") { Decode = PsdDecoder.Decode },
        new("TIFF", TiffBytes.Fits, "tif", "tiff") { Decode = TiffDecoder.Decode },
        new("PGM", b => PnmHeader.Begins(b, "25"u8), "pgm") { Decode = PnmDecoder.Decode },
        new("PPM", b => PnmHeader.Begins(b, "36"u8), "ppm", "pnm") { Decode = PnmDecoder.Decode },
        // Those that are refused by name. They have extensions too: an X-ray that was passed over in silence would be a lost row. The
        // commands are those of Debian's packages.
        new("PBM", b => PnmHeader.Begins(b, "14"u8), "pbm") { Refusal = Convert("a PBM image", "pnmtopng in.pbm > out.png") },
        new("PAM", b => PnmHeader.Begins(b, "7"u8), "pam") { Refusal = Convert("a PAM image", "pamtopng in.pam > out.png") },
        new("PFM", b => PnmHeader.Begins(b, "Ff"u8), "pfm") { Refusal = Convert("a PFM image", "convert in.pfm out.png") },
        new("WebP", b => b.StartsWith("RIFF"u8) && HasAt(b, 8, "WEBP"u8), "webp")
        {
            Refusal = Convert("a WebP image", "dwebp in.webp -o out.png"),
        },
        // As a file of boxes, or the bare code stream.
        new("JPEG 2000", b => b.StartsWith("\0\0\0\u000CjP  "u8) || b.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]),
            "jp2", "j2k", "jpx", "j2c")
        {
            Refusal = Convert("a JPEG 2000 image", "opj_decompress -i in.jp2 -o out.png"),
        },
        new("JPEG XL", b => b.StartsWith("\0\0\0\u000CJXL "u8) || b.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]), "jxl")
        {
            Refusal = Convert("a JPEG XL image", "djxl in.jxl out.png"),
        },
        new("AVIF", b => IsoBrands.Has(b, "avif"u8, "avis"u8), "avif") { Refusal = Convert("an AVIF image", "avifdec in.avif out.png") },
        new("HEIC", IsoBrands.AreHeif, "heic", "heif", "hif") { Refusal = Convert("a HEIC image", "heif-convert in.heic out.png") },
        new("MP4, QuickTime", IsoBrands.AreThere)
        {
            Refusal = "a video or other ISO media file; save the frame that is meant as PNG (ffmpeg -i in.mp4 -frames:v 1 out.png)",
        },
        new("OpenEXR", b => b.StartsWith((ReadOnlySpan<byte>)[0x76, 0x2F, 0x31, 0x01]), "exr")
        {
            Refusal = Convert("an OpenEXR image", "convert in.exr out.png"),
        },
        new("PDF", b => b.StartsWith("%PDF"u8), "pdf")
        {
            Refusal = "a PDF document; export the image in it as PNG (pdfimages -png in.pdf out)",
        },
        new("ZIP", b => b.StartsWith("PK\u0003\u0004"u8)) { Refusal = "a ZIP archive; unpack the images in it" },
        new("gzip", b => b.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B])) { Refusal = "a gzip archive; unpack the image in it" },
        new("HTML, XML", LooksLikeMarkup)
        {
            Refusal = "a web page or other markup, perhaps an error page saved under an image's name; fetch the image again",
        },
    ];

    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_extensions =
        All.SelectMany(f => f.Extensions).ToHashSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What messages say of the formats that are read.</summary>
    public static string AreRead { get; } = $"{ReadFormats("and")} are read";

    /// <summary>The names of the formats that are read, the last two joined by a word.</summary>
    public static string ReadFormats(string conjunction)
    {
        string[] names = [.. All.Where(f => f.Decode is not null).Select(f => f.Name)];
        return $"{string.Join(", ", names[..^1])} {conjunction} {names[^1]}";
    }

    /// <summary>The format of a file, by its content; null where none is recognized.</summary>
    public static ImageFormat? Recognize(ReadOnlySpan<byte> bytes) => Find(bytes, guess: false) ?? Find(bytes, guess: true);

    /// <summary>Whether names that end so are taken for images.</summary>
    /// <param name="extension">The ending, without the dot.</param>
    public static bool IsExtension(ReadOnlySpan<char> extension) => s_extensions.Contains(extension);

    static ImageFormat? Find(ReadOnlySpan<byte> bytes, bool guess)
    {
        foreach (ImageFormat format in All)
        {
            if (format.IsGuess == guess && format.Recognize(bytes))
                return format;
        }
        return null;
    }

    static string Convert(string what, string command) => $"{what}, which is not read; convert it to PNG ({command})";

    static bool HasAt(ReadOnlySpan<byte> bytes, int at, ReadOnlySpan<byte> mark) => bytes.Length >= at && bytes[at..].StartsWith(mark);

    static bool LooksLikeMarkup(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 64)].TrimStart(" \t\r\n"u8);
        return start.Length > 1 && start[0] == '<'
            && (start[1] is (byte)'!' or (byte)'?' || Ascii.IsValid(start) && char.IsAsciiLetter((char)start[1]));
    }
}
