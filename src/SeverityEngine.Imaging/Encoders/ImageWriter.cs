namespace SeverityEngine.Imaging.Encoders;

/// <summary>Writes pictures as PNG or JPEG, the format chosen by the file's ending.</summary>
/// <remarks>Gray and RGB pixels without a gap between rows; values are written as they are, so full white is 255 or 65,535.</remarks>
static class ImageWriter
{
    /// <summary>JPEG quality, 1 to 100, where none is given.</summary>
    public const int DefaultQuality = 95;

    const string Endings = "name a file that ends in .png, .jpg or .jpeg";

    /// <summary>Writes 8-bit gray pixels to a file.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> for another ending or a size that does not fit the pixels,
    /// <see cref="SeverityError.FileUnwritable"/>.</exception>
    public static void SaveGray(string path, ReadOnlySpan<byte> pixels, int width, int height, int quality = DefaultQuality) =>
        Save(path, new PixelBlock(pixels, width, height, channels: 1, bytesPerSample: 1), quality);

    /// <summary>Writes 16-bit gray pixels to a PNG file.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> for another ending, JPEG included, or a size that does not
    /// fit the pixels, <see cref="SeverityError.FileUnwritable"/>.</exception>
    public static void SaveGray(string path, ReadOnlySpan<ushort> pixels, int width, int height) =>
        Save(path, new PixelBlock(pixels, width, height), DefaultQuality);

    /// <summary>Writes 8-bit RGB pixels, three bytes each, to a file.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> for another ending or a size that does not fit the pixels,
    /// <see cref="SeverityError.FileUnwritable"/>.</exception>
    public static void SaveRgb(string path, ReadOnlySpan<byte> pixels, int width, int height, int quality = DefaultQuality) =>
        Save(path, new PixelBlock(pixels, width, height, channels: 3, bytesPerSample: 1), quality);

    /// <summary>Writes to a stream, which stays open; its own exceptions pass.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: 16 bits or too large a side for JPEG, or a bad
    /// quality.</exception>
    public static void Write(Stream stream, PixelBlock pixels, PictureFormat format, int quality = DefaultQuality)
    {
        if (format == PictureFormat.Png)
            PngWriter.Write(stream, pixels);
        else
            JpegWriter.Write(stream, pixels, quality);
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

    static void Save(string path, PixelBlock pixels, int quality)
    {
        PictureFormat format = FormatOf(path);
        string? temporary = null;
        try
        {
            // A new file beside it and a rename: whoever reads the path sees the old picture or the whole new one.
            string full = Path.GetFullPath(path);
            temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetRandomFileName()}.tmp");
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                Write(stream, pixels, format, quality);
            File.Move(temporary, full, overwrite: true);
            temporary = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string fault = Directory.Exists(path) ? "is a folder; name a file in it" : $"cannot be written: {e.Message}";
            throw new SeverityException(SeverityError.FileUnwritable, $"{path}: {fault}", e);
        }
        finally
        {
            if (temporary is not null)
                Remove(temporary);
        }
    }

    static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here says more.
        }
    }
}
