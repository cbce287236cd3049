using System.Text;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

/// <summary>The table of formats, by what becomes of files.</summary>
public class ImageFormatTests
{
    const string NotRead = "which is not read; convert it to PNG";

    /// <summary>The start of a file, a character a byte, and what the message says of it.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "RIFF\0\0\0\0WEBP", $"a WebP image, {NotRead}" },
        { "II*\0", $"a TIFF image, {NotRead}" },
        { "MM\0*", $"a TIFF image, {NotRead}" },
        { "\0\0\0\fjP  ", $"a JPEG 2000 image, {NotRead}" },
        { "\u00FFO\u00FFQ", $"a JPEG 2000 image, {NotRead}" },
        { "\0\0\0\fJXL ", $"a JPEG XL image, {NotRead}" },
        { "\u00FF\n", $"a JPEG XL image, {NotRead}" },
        { "\0\0\0\u0018ftypheic", $"an ISO media file, such as HEIC or AVIF, {NotRead}" },
        { "v/1\u0001", $"an OpenEXR image, {NotRead}" },
        { "%PDF-1.4", "a PDF document; export the image in it as PNG" },
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
        Assert.Equal($"x: {what}; DICOM, JPEG, PNG, BMP, GIF, TGA and PSD are read", error.Message);
    }

    [Theory]
    [InlineData("RIFF\0\0\0\0WAVE")]
    [InlineData("RIFF")]
    [InlineData("\0\0\0\u0018ftyp")]
    [InlineData("< 3")]
    [InlineData("dear diary")]
    public void What_is_not_known_is_said_to_be_unknown(string start)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(Encoding.Latin1.GetBytes(start), "x"));
        Assert.Equal(SeverityError.ImageFormatUnknown, error.Code);
        Assert.Equal("x: not an image in a format that is known; DICOM, JPEG, PNG, BMP, GIF, TGA and PSD are read", error.Message);
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
        Assert.Equal(["bmp", "dcm", "dicom", "gif", "j2k", "jfif", "jp2", "jpe", "jpeg", "jpg", "png", "psd", "tga", "tif", "tiff", "webp"],
            extensions.Order(StringComparer.Ordinal));
        Assert.All(extensions, e => Assert.True(ImageFormats.IsExtension(e.ToUpperInvariant())));
        Assert.False(ImageFormats.IsExtension("txt"));
    }
}
