using System.Runtime.InteropServices;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Watch;

/// <summary>
/// A folder that files are moved to when they have their rows, below the same folders as before. Nothing there is replaced: where a name is
/// taken, the file gets a number. To another file system it is copied, and removed when the disk has the copy.
/// </summary>
/// <param name="root">The folder.</param>
sealed partial class MovedFiles(string root)
{
    // errno of renameat2(2): the name is taken, the file systems are two, and what the file system does not know.
    const int Exists = 17, TwoFileSystems = 18, NotKnown = 22, NoCall = 38;

    /// <summary>AT_FDCWD and RENAME_NOREPLACE.</summary>
    const int WorkingDirectory = -100, ReplaceNothing = 1;

    readonly MirroredFolders _folders = new(root, _ => false);

    /// <summary>Makes the folder.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public void Prepare() => AtomicFile.MakeFolder(root);

    /// <summary>Moves a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="below">The folders that lead to it.</param>
    /// <returns>Where it is now.</returns>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>: it is where it was.</exception>
    public string Take(string path, string below)
    {
        if (FileStatus.OfName(path).Type is not FileType.Regular)
            throw new SeverityException(SeverityError.FileUnwritable, $"{path}: is a link or no file, and is not moved");
        string folder = Path.Join(root, _folders.WayFor(below));
        AtomicFile.MakeFolder(folder);
        string stem = Path.Join(folder, Path.GetFileNameWithoutExtension(path)), extension = Path.GetExtension(path);
        string target = stem + extension;
        for (int number = 2; !TryMove(path, target); number++)
            target = $"{stem}-{number}{extension}";
        return target;
    }

    static bool TryMove(string path, string target)
    {
        if (FileStatus.OfName(target).Type != FileType.None)
            return false;
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                File.Move(path, target, overwrite: false);
                return true;
            }
            int error = Rename(path, target);
            if (error == TwoFileSystems)
                Copy(path, target);
            else if (error is NotKnown or NoCall)
                File.Move(path, target, overwrite: false);
            else if (error != 0 && error != Exists)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            return error != Exists;
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw new SeverityException(SeverityError.FileUnwritable,
                $"{path}: cannot be moved to {target}, and stays where it is: {FileFaults.Reason(e)}", e);
        }
    }

    static int Rename(string path, string target)
    {
        try
        {
            return RenameAt(WorkingDirectory, path, WorkingDirectory, target, ReplaceNothing) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        catch (EntryPointNotFoundException)
        {
            return NoCall;
        }
    }

    /// <summary>Copies a file, and removes it when the disk has the copy and its name.</summary>
    static void Copy(string path, string target)
    {
        using (FileStream source = WholeFile.Open(path, FileKind.Any))
        using (AtomicFile copy = AtomicFile.CreateOwn(target, OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path)))
        {
            source.CopyTo(copy);
            copy.FlushToDisk();
            using FileStream named = (FileStream)copy.CommitAs(target);
            File.SetLastWriteTimeUtc(named.SafeFileHandle, File.GetLastWriteTimeUtc(source.SafeFileHandle));
        }
        Disk.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
        File.Delete(path);
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int fromFolder, string from, int toFolder, string to, uint flags);
}
