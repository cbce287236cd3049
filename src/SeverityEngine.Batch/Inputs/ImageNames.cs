using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Batch.Inputs;

/// <summary>Which names in folders and archives are taken for images, and which files for archives.</summary>
static class ImageNames
{
    /// <summary>Whether a folder's file or an archive's member is an image by its name; hidden ones, and what macOS keeps beside files, are not.</summary>
    public static bool IsImage(ReadOnlySpan<char> path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path);
        ReadOnlySpan<char> extension = Path.GetExtension(name);
        return extension.Length > 1 && name[0] != '.' && ImageFormats.IsExtension(extension[1..]);
    }

    public static bool IsZip(string path) => EndsWith(path, ".zip");

    public static bool IsTar(string path) => EndsWith(path, ".tar") || IsGzippedTar(path);

    public static bool IsGzippedTar(string path) => EndsWith(path, ".tar.gz") || EndsWith(path, ".tgz");

    static bool EndsWith(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
