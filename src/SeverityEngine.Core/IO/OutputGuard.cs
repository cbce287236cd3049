namespace SeverityEngine.IO;

/// <summary>Refuses, before anything is written, outputs that would destroy what is not theirs to replace.</summary>
static class OutputGuard
{
    /// <summary>Whether a file is of one kind, by its first bytes.</summary>
    public delegate bool KindTest(ReadOnlySpan<byte> start);

    /// <summary>Refuses an output that is one of the inputs, and two outputs that are one file.</summary>
    /// <param name="outputs">Each output's option and path.</param>
    /// <param name="inputs">The files that are read.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public static void RequireOthers(IReadOnlyList<(string Option, string Path)> outputs, IEnumerable<string> inputs)
    {
        // What is written through destroys nothing: two outputs may go to one terminal.
        (string Option, string Path, FileStatus Status)[] files =
        [
            .. from output in outputs
               where !FileStatus.IsStream(output.Path)
               select (output.Option, output.Path, FileStatus.Of(output.Path)),
        ];
        for (int i = 0; i < files.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (FileIdentity.AreSame(files[i].Path, files[i].Status, files[j].Path, files[j].Status))
                {
                    throw new SeverityException(SeverityError.InvalidArgument,
                        $"{files[j].Option} {files[j].Path} and {files[i].Option} {files[i].Path} are one file; name two");
                }
            }
        }
        if (files.Length == 0)
            return;
        foreach (string input in inputs)
        {
            FileStatus read = FileStatus.Of(input);
            foreach ((string option, string path, FileStatus status) in files)
            {
                if (FileIdentity.AreSame(path, status, input, read))
                {
                    throw new SeverityException(SeverityError.InvalidArgument,
                        $"{option} {path} is the input {input}, which it would destroy; name another file");
                }
            }
        }
    }

    /// <summary>Refuses to replace a file that is not of the kind that takes its place; an empty file may be.</summary>
    /// <param name="path">The file that is to be written.</param>
    /// <param name="kind">What this program writes there, such as <c>a saliency map</c>.</param>
    /// <param name="isKind">Whether bytes are the start of such a file.</param>
    /// <param name="force">Whether the user gives leave to replace whatever stands there.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>, or <see cref="SeverityError.FileUnwritable"/> for a folder, and for a file that may not
    /// be read.
    /// </exception>
    public static void RequireKind(string path, string kind, KindTest isKind, bool force)
    {
        if (!force && !MayReplace(path, isKind))
        {
            throw new SeverityException(SeverityError.InvalidArgument, $"{path}: is there already and is not {kind} of this program, "
                + "so it is not replaced; name another file, or replace this one with --force");
        }
    }

    /// <summary>Refuses to replace a file that holds something, unless there is leave.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public static void RequireNew(string path, bool force)
    {
        if (!force && !FileStatus.IsStream(path) && File.Exists(path) && new FileInfo(path).Length > 0)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{path}: is there already; name another file, or replace it with --force");
        }
    }

    /// <summary>Whether nothing is lost when a file of some kind takes a name.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>: what stands there cannot be read.</exception>
    public static bool MayReplace(string path, KindTest isKind)
    {
        if (FileStatus.IsStream(path) || FileStatus.Of(path).Type != FileType.Regular)
            return true;
        try
        {
            byte[] start = FileStart.Read(path);
            return start.Length == 0 || isKind(start);
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw AtomicFile.Unwritable(path, e);
        }
    }

    /// <summary>Whether a file is of a kind; false for one that cannot be read.</summary>
    public static bool IsOfKind(string path, KindTest isKind)
    {
        try
        {
            return FileStatus.Of(path).Type == FileType.Regular && isKind(FileStart.Read(path));
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            return false;
        }
    }
}
