namespace SeverityEngine.IO;

/// <summary>
/// Opens files whose names the program chooses itself, in folders where others may have put something of that name: a symbolic link there
/// could lead to any file of the user's, and is refused. Only what has been found to be the named file itself is handed out.
/// </summary>
static class OwnFile
{
    /// <summary>How often others may make, rename or remove the file while it is opened.</summary>
    const int MostTries = 100;

    /// <summary>Opens a file, or makes it.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="options">How; the mode is <see cref="FileMode.Open"/> or <see cref="FileMode.OpenOrCreate"/>.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>: what stands there is a link, or no file.
    /// </exception>
    /// <exception cref="IOException">As <see cref="FileStream"/> raises it, for a lock that another holds too.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static FileStream Open(string path, FileStreamOptions options)
    {
        bool make = options.Mode == FileMode.OpenOrCreate;
        UnixFileMode? mode = OperatingSystem.IsWindows() ? null : options.UnixCreateMode;
        for (int tries = 1; ; tries++)
        {
            FileType found = FileStatus.OfName(path).Type;
            if (found is not (FileType.None or FileType.Regular))
                throw NotOwn(path, found);
            // What is made anew is made under this very name: the system follows no link then (O_EXCL).
            bool isNew = make && found == FileType.None;
            options.Mode = isNew ? FileMode.CreateNew : FileMode.Open;
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = isNew ? mode : null;
            try
            {
                FileStream stream = new(path, options);
                // With the lock, nobody who keeps to it renames the file any more; who does not may have put a link there meanwhile.
                if (IsNamed(FileStatus.Of(stream.SafeFileHandle), FileStatus.OfName(path)))
                    return stream;
                stream.Dispose();
                if (tries == MostTries)
                    throw FileFaults.InUse();
            }
            catch (IOException e) when (make && tries < MostTries && !FileFaults.IsInUse(e)
                && (FileStatus.OfName(path).Type == FileType.None) != isNew)
            {
                // Made, or removed, since it was looked at.
            }
        }
    }

    // Windows tells nothing of a file that is held alone, and removes or replaces none. A system that tells nothing of an open file leaves
    // what stands under the name.
    static bool IsNamed(FileStatus open, FileStatus named) => open.Type == FileType.Regular && named.Type == FileType.Regular
        && (open.Identity is null || open.Identity == named.Identity || OperatingSystem.IsWindows());

    static SeverityException NotOwn(string path, FileType type) => new(SeverityError.FileUnwritable,
        $"{path}: is a {(type == FileType.Link ? "symbolic link" : type == FileType.Folder ? "folder" : "pipe, socket or device")}, "
        + "where a file of this program belongs; remove it");
}
