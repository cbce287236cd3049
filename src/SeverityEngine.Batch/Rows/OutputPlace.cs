using SeverityEngine.Batch.Inputs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>
/// Where the files of a run go: the one file that was named, or a folder in which each is named after its image, below the folders that
/// lead to it from the folder or the archive that was named.
/// </summary>
sealed class OutputPlace
{
    readonly string _option;
    readonly string _path;
    readonly PlacedKind _kind;
    readonly bool _isFolder;
    readonly Lock _gate = new();
    // By their ways from the folder.
    readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    readonly MirroredFolders _folders;
    string? _fullPath;
    bool _replacesNothing;

    /// <param name="option">The option that named it.</param>
    /// <param name="path">A file with one of the endings, or a folder.</param>
    /// <param name="images">The number of images: several need a folder.</param>
    /// <param name="kind">What its files are.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public OutputPlace(string option, string path, int images, PlacedKind kind)
    {
        _option = option;
        _path = path;
        _kind = kind;
        _folders = new MirroredFolders(path, _taken.Contains);
        bool isFile = kind.Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) && !Directory.Exists(path);
        if (isFile && images > 1)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{option} {path} is one file for {images} images; name a folder, and each image's file is put there");
        }
        _isFolder = !isFile;
        if (_isFolder && images == 1 && !Directory.Exists(path) && !Path.EndsInDirectorySeparator(path))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{option} {path}: name a file that ends in {string.Join(" or ", kind.Endings)}, or a folder, "
                + $"with {Path.DirectorySeparatorChar} at its end where it is to be made");
        }
    }

    /// <summary>The one file that was named for each of several places, with its option.</summary>
    public static IEnumerable<(string Option, string Path)> Files(params IEnumerable<OutputPlace?> places) =>
        places.Select(place => place?.File).OfType<(string, string)>();

    /// <summary>The folder that was named for each of several places.</summary>
    public static IEnumerable<string> Folders(params IEnumerable<OutputPlace?> places) =>
        places.OfType<OutputPlace>().Where(place => place._isFolder).Select(place => place._path);

    /// <summary>Prepares several places, and keeps the names of the inputs from all files in them.</summary>
    /// <exception cref="SeverityException">As for <see cref="Prepare(bool)"/>.</exception>
    public static void Prepare(IEnumerable<string> inputs, bool force, params IEnumerable<OutputPlace?> places)
    {
        string[] read = [.. inputs];
        foreach (OutputPlace place in places.OfType<OutputPlace>())
        {
            place.Prepare(force);
            foreach (string input in read)
                place.Keep(null, input);
        }
    }

    /// <summary>Settles the names of an input's files in several places.</summary>
    public static void Reserve(InputItem input, params IEnumerable<OutputPlace?> places)
    {
        foreach (OutputPlace place in places.OfType<OutputPlace>())
            place.FileFor(input.Name, input.Below);
    }

    /// <summary>
    /// Has no file replaced in the folders of several places: what stands there is another row's, and a run without an end does not hold
    /// the names of all of them.
    /// </summary>
    public static void ReplaceNothing(params IEnumerable<OutputPlace?> places)
    {
        foreach (OutputPlace place in places.OfType<OutputPlace>())
            place._replacesNothing = true;
    }

    /// <summary>The option and the file, where one was named.</summary>
    public (string Option, string Path)? File => _isFolder ? null : (_option, _path);

    /// <summary>Makes the folder, or refuses to replace the file; to be called when nothing else stands in the run's way.</summary>
    /// <param name="force">Whether the file may replace whatever stands there.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>, <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void Prepare(bool force)
    {
        if (!_isFolder)
        {
            OutputGuard.RequireKind(_path, _kind.Name, _kind.IsKind, force);
            return;
        }
        AtomicFile.MakeFolder(_path);
        _fullPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(_path));
    }

    /// <summary>Keeps a file that a row names for that row's image, and from every other.</summary>
    /// <param name="image">The image; null to keep it from all: an input.</param>
    /// <param name="file">The file.</param>
    public void Keep(string? image, string file)
    {
        if (!_isFolder || WayTo(file) is not { } way)
            return;
        lock (_gate)
        {
            _taken.Add(way);
            if (image is not null)
                _files[image] = Path.Combine(_path, way);
        }
    }

    /// <summary>
    /// The file for an image; a second image of the same name gets a number, and nothing that is not this program's is replaced. Whoever
    /// asks first is first: ask in the order of the inputs before images are scored in any order. Safe for use by several threads.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="below">The folders that lead to it from what was named, as it names them.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>: what stands in the folder cannot be read.
    /// </exception>
    public string FileFor(string image, string below = "")
    {
        if (!_isFolder)
            return _path;
        lock (_gate)
        {
            if (_files.TryGetValue(image, out string? known))
                return known;
            string stem = Path.Join(_folders.WayFor(below), image == "-" ? "standard-input" : MirroredFolders.FileName(Stem(image)));
            string way = stem + _kind.Suffix;
            for (int number = 2; !TryTake(way); number++)
                way = $"{stem}-{number}{_kind.Suffix}";
            return _files[image] = Path.Combine(_path, way);
        }
    }

    /// <summary>
    /// Lets go of an image's name, for a run without an end whose images all have names of their own, or which replaces nothing.
    /// </summary>
    public void Forget(string image)
    {
        lock (_gate)
        {
            if (_files.Remove(image, out string? file))
                _taken.Remove(Path.GetRelativePath(_path, file));
        }
    }

    /// <summary>The file for an image, in a folder that is there.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public string Ready(string image)
    {
        string file = FileFor(image);
        if (_isFolder)
            AtomicFile.MakeFolder(Path.GetDirectoryName(file)!);
        return file;
    }

    bool TryTake(string way)
    {
        if (_folders.IsFolder(way) || !_taken.Add(way))
            return false;
        string path = Path.Combine(_path, way);
        if (_replacesNothing)
            return !Path.Exists(path);
        return !Directory.Exists(path) && OutputGuard.MayReplace(path, _kind.IsKind);
    }

    /// <summary>An image's name without its extension; digits behind the last dot, as in names made of UIDs, are none.</summary>
    static string Stem(string image) =>
        ImageNames.Tell(image) == NameTells.Nothing ? Path.GetFileName(image) : Path.GetFileNameWithoutExtension(image);

    /// <summary>The way from the folder to a file; null for one that is not in it or below it, or beyond a link.</summary>
    string? WayTo(string file)
    {
        string full = Path.GetFullPath(file);
        if (full.StartsWith(_fullPath + Path.DirectorySeparatorChar, FileStatus.Comparison))
            return Checked(full[(_fullPath!.Length + 1)..]);
        // By another way, through links.
        for (string? folder = Path.GetDirectoryName(full); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (FileIdentity.AreSame(folder, _path))
                return Checked(Path.GetRelativePath(folder, full));
        }
        return null;

        string? Checked(string way) =>
            Path.GetDirectoryName(way) is not { Length: > 0 } below || _folders.IsOfFolders(below) ? way : null;
    }
}
