using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Encoders;

/// <summary>Writes pictures as PNG or JPEG, the format chosen by the file's ending.</summary>
/// <remarks>Gray and RGB pixels without a gap between rows; values are written as they are, so full white is 255 or 65,535.</remarks>
static class ImageWriter
{
    /// <summary>JPEG quality, 1 to 100, where none is given.</summary>
    public const int DefaultQuality = 95;

    const string Endings = "name a file that ends in .png, .jpg or .jpeg";

    /// <summary>Writes 8-bit gray pixels to a file.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for another ending or a size that does not fit the pixels,
    /// <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public static void SaveGray(
        string path, ReadOnlySpan<byte> pixels, int width, int height, string? software = null, int quality = DefaultQuality) =>
        Save(path, new PixelBlock(pixels, width, height, channels: 1, bytesPerSample: 1), software, quality);

    /// <summary>Writes 16-bit gray pixels to a PNG file.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for another ending, JPEG included, or a size that does not fit the pixels,
    /// <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public static void SaveGray(string path, ReadOnlySpan<ushort> pixels, int width, int height, string? software = null) =>
        Save(path, new PixelBlock(pixels, width, height), software, DefaultQuality);

    /// <summary>Writes 8-bit RGB pixels, three bytes each, to a file.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/> for another ending or a size that does not fit the pixels,
    /// <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public static void SaveRgb(
        string path, ReadOnlySpan<byte> pixels, int width, int height, string? software = null, int quality = DefaultQuality) =>
        Save(path, new PixelBlock(pixels, width, height, channels: 3, bytesPerSample: 1), software, quality);

    /// <summary>Writes to a stream, which stays open; its own exceptions pass.</summary>
    /// <param name="stream">Where it goes.</param>
    /// <param name="pixels">The picture.</param>
    /// <param name="format">PNG or JPEG.</param>
    /// <param name="software">What made it, in ASCII: a PNG's Software text, a JPEG's comment; null for neither.</param>
    /// <param name="quality">A JPEG's, 1 to 100.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: 16 bits or too large a side for JPEG, or a bad
    /// quality.</exception>
    public static void Write(Stream stream, PixelBlock pixels, PictureFormat format, string? software = null, int quality = DefaultQuality)
    {
        if (format == PictureFormat.Png)
            PngWriter.Write(stream, pixels, software);
        else
            JpegWriter.Write(stream, pixels, software, quality);
    }

    /// <summary>Whether a picture file's first bytes say that a software made it, as <see cref="Write"/> has it said.</summary>
    public static bool IsMadeBy(ReadOnlySpan<byte> start, string software)
    {
        ReadOnlySpan<byte> text = Encoding.ASCII.GetBytes(software);
        return PngWriter.Says(start, text) || JpegWriter.Says(start, text);
    }

    /// <summary>The format that a file's ending asks for; a way to refuse a bad name before the picture is made.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: neither PNG nor JPEG.</exception>
    public static PictureFormat FormatOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string ending = Path.GetExtension(path);
        if (ending.Equals(".png", StringComparison.OrdinalIgnoreCase))
            return PictureFormat.Png;
        if (ending.Equals(".jpg", StringComparison.OrdinalIgnoreCase) || ending.Equals(".jpeg", StringComparison.OrdinalIgnoreCase))
            return PictureFormat.Jpeg;
        string fault = ending.Length > 0 ? $"pictures are not written as {ending}" : "the name has no ending to choose the format by";
        throw new SeverityException(SeverityError.InvalidArgument, $"{path}: {fault}; {Endings}");
    }

    static void Save(string path, PixelBlock pixels, string? software, int quality)
    {
        PictureFormat format = FormatOf(path);
        using AtomicFile file = AtomicFile.Create(path);
        Write(file, pixels, format, software, quality);
        file.Complete();
    }
}

/// <summary>The formats that pictures are written in.</summary>
enum PictureFormat
{
    Png,
    Jpeg,
}
