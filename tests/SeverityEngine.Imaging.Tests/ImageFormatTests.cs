using System.Text;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

/// <summary>The table of formats, by what becomes of files.</summary>
public class ImageFormatTests
{
    const string NotRead = "which is not read; convert it to PNG",
        Read = "DICOM, JPEG, PNG, BMP, GIF, TGA, PSD, TIFF, PGM and PPM are read",
        Video = "a video or other ISO media file; save the frame that is meant as PNG (ffmpeg -i in.mp4 -frames:v 1 out.png)";

    /// <summary>The start of a file, a character a byte, and what the message says of it.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "RIFF\0\0\0\0WEBP", $"a WebP image, {NotRead} (dwebp in.webp -o out.png)" },
        { "P1\n", $"a PBM image, {NotRead} (pnmtopng in.pbm > out.png)" },
        { "P4#", $"a PBM image, {NotRead} (pnmtopng in.pbm > out.png)" },
        { "P7\n", $"a PAM image, {NotRead} (pamtopng in.pam > out.png)" },
        { "Pf\n", $"a PFM image, {NotRead} (convert in.pfm out.png)" },
        { "PF ", $"a PFM image, {NotRead} (convert in.pfm out.png)" },
        { "\0\0\0\fjP  ", $"a JPEG 2000 image, {NotRead} (opj_decompress -i in.jp2 -o out.png)" },
        { "\u00FFO\u00FFQ", $"a JPEG 2000 image, {NotRead} (opj_decompress -i in.jp2 -o out.png)" },
        { "\0\0\0\fJXL ", $"a JPEG XL image, {NotRead} (djxl in.jxl out.png)" },
        { "\u00FF\n", $"a JPEG XL image, {NotRead} (djxl in.jxl out.png)" },
        { "\0\0\0\u0018ftypheic", $"a HEIC image, {NotRead} (heif-convert in.heic out.png)" },
        { "\0\0\0\u0018ftypheix\0\0\0\0mif1heic", $"a HEIC image, {NotRead} (heif-convert in.heic out.png)" },
        { "\0\0\0\u0018ftypmif1\0\0\0\0mif1heic", $"a HEIC image, {NotRead} (heif-convert in.heic out.png)" },
        { "\0\0\0\u0018ftypmsf1\0\0\0\0hevc", $"a HEIC image, {NotRead} (heif-convert in.heic out.png)" },
        { "\0\0\0\u0018ftypavif\0\0\0\0avifmif1", $"an AVIF image, {NotRead} (avifdec in.avif out.png)" },
        { "\0\0\0\u0018ftypmif1\0\0\0\0mif1avif", $"an AVIF image, {NotRead} (avifdec in.avif out.png)" },
        { "\0\0\0\u0014ftypavis\0\0\0\0avis", $"an AVIF image, {NotRead} (avifdec in.avif out.png)" },
        { "\0\0\0\u0018ftypisom\0\0\0\0isommp42", Video },
        { "\0\0\0\u0014ftypmp42\0\0\0\0mp42", Video },
        { "\0\0\0\u0014ftypqt  \0\0\0\0qt  ", Video },
        { "\0\0\0\u0014ftypisom\0\0\0\0isommif1", Video }, // the last is behind the box
        { "\0\0\0\u0014ftypisommif1isom", Video }, // a version, not a brand
        { "v/1\u0001", $"an OpenEXR image, {NotRead} (convert in.exr out.png)" },
        { "%PDF-1.4", "a PDF document; export the image in it as PNG (pdfimages -png in.pdf out)" },
        { "PK\u0003\u0004", "a ZIP archive; unpack the images in it" },
        { "\u001F\u008B", "a gzip archive; unpack the image in it" },
        { "\r\n <html>", "a web page or other markup, perhaps an error page saved under an image's name; fetch the image again" },
        { "<!DOCTYPE", "a web page or other markup, perhaps an error page saved under an image's name; fetch the image again" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_known_and_not_read_is_refused_by_its_name(string start, string what)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(Encoding.Latin1.GetBytes(start), "x"));
        Assert.Equal(SeverityError.ImageFormatUnsupported, error.Code);
        Assert.Equal($"x: {what}; {Read}", error.Message);
    }

    [Theory]
    [InlineData("RIFF\0\0\0\0WAVE")]
    [InlineData("RIFF")]
    [InlineData("\0\0\0\u0018ftyp")]
    [InlineData("< 3")]
    [InlineData("dear diary")]
    [InlineData("P5")]
    [InlineData("P55 1 1")]
    [InlineData("P8\n")]
    public void What_is_not_known_is_said_to_be_unknown(string start)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(Encoding.Latin1.GetBytes(start), "x"));
        Assert.Equal(SeverityError.ImageFormatUnknown, error.Code);
        Assert.Equal($"x: not an image in a format that is known; {Read}", error.Message);
    }

    [Theory]
    [InlineData("format-grey.jpg", "JPEG")]
    [InlineData("format-grey.png", "PNG")]
    [InlineData("format-grey.bmp", "BMP")]
    [InlineData("format-grey.gif", "GIF")]
    [InlineData("format-rgb.tga", "TGA")]
    public void An_image_tells_its_format_by_the_tables_name(string file, string format)
    {
        byte[] bytes = File.ReadAllBytes(TestData.Get("golden", file));
        Assert.Equal(format, ImageFormats.Recognize(bytes)?.Name);
        using XRayImage image = XRayImage.Decode(bytes);
        Assert.Equal(format, image.Format);
    }

    [Theory]
    [InlineData("\0\0\0\0")]
    [InlineData("II*\0")]
    [InlineData("BM\0\0")]
    public void DICOM_is_told_by_its_mark_whatever_stands_before_it(string start) =>
        Assert.Equal("DICOM", ImageFormats.Recognize(Encoding.Latin1.GetBytes(start + new string('\0', 124) + "DICM"))?.Name);

    [Fact]
    public void A_format_is_read_or_refused_and_has_extensions_of_its_own()
    {
        Assert.All(ImageFormats.All, f => Assert.Equal(f.Decode is null, f.Refusal.Length > 0));
        Assert.Equal(ImageFormats.All.Count, ImageFormats.All.Select(f => f.Name).Distinct().Count());
        string[] extensions = [.. ImageFormats.All.SelectMany(f => f.Extensions)];
        Assert.Equal(["avif", "bmp", "dcm", "dicom", "exr", "gif", "heic", "heif", "hif", "j2c", "j2k", "jfif", "jp2", "jpe", "jpeg", "jpg",
            "jpx", "jxl", "pam", "pbm", "pdf", "pfm", "pgm", "png", "pnm", "ppm", "psd", "tga", "tif", "tiff", "webp"],
            extensions.Order(StringComparer.Ordinal));
        Assert.All(extensions, e => Assert.True(ImageFormats.IsExtension(e.ToUpperInvariant())));
        Assert.All((string[])["txt", "svg", "mp4", "html", "zip"], e => Assert.False(ImageFormats.IsExtension(e)));
    }
}
