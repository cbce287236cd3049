namespace SeverityEngine.Imaging.Formats;

/// <summary>What a name in a folder or an archive says of its file.</summary>
enum NameTells
{
    /// <summary>It is hidden, or macOS keeps it beside another: nobody means it.</summary>
    Hidden,

    /// <summary>An image, by its extension.</summary>
    Image,

    /// <summary>
    /// Nothing: it has no extension, or one of digits alone, as the names on DICOM media (<c>IM000001</c>, <c>IM.0001</c>) and those made
    /// of UIDs (<c>1.2.840.113619.2.5.17</c>) have. The file has to be looked into.
    /// </summary>
    Nothing,

    /// <summary>Something else.</summary>
    Other,
}

/// <summary>Which names in folders and archives are taken for images.</summary>
static class ImageNames
{
    /// <summary>What the name of a folder's file or an archive's member says.</summary>
    public static NameTells Tell(ReadOnlySpan<char> path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path);
        ReadOnlySpan<char> extension = Path.GetExtension(name);
        return name is [] or ['.', ..] ? NameTells.Hidden
            : extension.IsEmpty || !extension[1..].ContainsAnyExceptInRange('0', '9') ? NameTells.Nothing
            : ImageFormats.IsExtension(extension[1..]) ? NameTells.Image
            : NameTells.Other;
    }

    /// <summary>Whether a file is an image by its name.</summary>
    public static bool IsImage(ReadOnlySpan<char> path) => Tell(path) == NameTells.Image;
}
