namespace SeverityEngine.Imaging.Formats;

/// <summary>Which names in folders and archives are taken for images.</summary>
static class ImageNames
{
    // Formats that the engine does not read stand here too: an X-ray that was passed over in silence would be a lost row.
    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> s_images = new HashSet<string>(
        ["jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "tga", "psd", "dcm", "dicom", "tif", "tiff", "webp", "jp2", "j2k"],
        StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a folder's file or an archive's member is an image by its name; hidden ones, and what macOS keeps beside files, are not.</summary>
    public static bool IsImage(ReadOnlySpan<char> path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path);
        ReadOnlySpan<char> extension = Path.GetExtension(name);
        return extension.Length > 1 && name[0] != '.' && s_images.Contains(extension[1..]);
    }
}
