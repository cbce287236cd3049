namespace SeverityEngine.Imaging.Formats;

/// <summary>Which names in folders and archives are taken for images.</summary>
static class ImageNames
{
    /// <summary>
    /// Whether a folder's file or an archive's member is an image by its name; hidden ones, and what macOS keeps beside files, are not.
    /// </summary>
    public static bool IsImage(ReadOnlySpan<char> path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path);
        ReadOnlySpan<char> extension = Path.GetExtension(name);
        return extension.Length > 1 && name[0] != '.' && ImageFormats.IsExtension(extension[1..]);
    }
}
