using SeverityEngine.Imaging.Encoders;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>What the files of an <see cref="OutputPlace"/> are.</summary>
/// <param name="Name">What messages call one.</param>
/// <param name="Suffix">What follows an image's name in a folder: never what an X-ray is called by.</param>
/// <param name="Endings">The endings that a file may be named with.</param>
/// <param name="IsKind">Whether bytes are the start of such a file that this program wrote.</param>
sealed record PlacedKind(string Name, string Suffix, string[] Endings, OutputGuard.KindTest IsKind)
{
    /// <summary>Whether a path is called as such files are in a folder.</summary>
    public bool HasName(string path) => path.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Saliency maps as pictures.</summary>
    public static PlacedKind Picture { get; } = new("a saliency map", ".saliency.png", [".png", ".jpg", ".jpeg"],
        start => ImageWriter.IsMadeBy(start, SaliencyMap.Software));

    /// <summary>Saliency maps as values.</summary>
    public static PlacedKind Values { get; } = new("a NumPy file", ".saliency.npy", [".npy"], NpyFile.IsOurs);
}

/// <summary>Where the files of a run go: the one file that was named, or a folder in which each is named after its image.</summary>
sealed class OutputPlace
{
    readonly string _option;
    readonly string _path;
    readonly PlacedKind _kind;
    readonly bool _isFolder;
    readonly Lock _gate = new();
    readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    string? _fullPath;

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
        _fullPath = Path.GetFullPath(_path);
    }

    /// <summary>Keeps a file that a row names for that row's image, and from every other.</summary>
    /// <param name="image">The image; null to keep it from all: an input.</param>
    /// <param name="file">The file.</param>
    public void Keep(string? image, string file)
    {
        if (!_isFolder || !IsHere(file))
            return;
        string name = Path.GetFileName(file);
        lock (_gate)
        {
            _taken.Add(name);
            if (image is not null)
                _files[image] = Path.Combine(_path, name);
        }
    }

    /// <summary>
    /// The file for an image; a second image of the same name gets a number, and nothing that is not this program's is replaced. Whoever
    /// asks first is first: ask in the order of the inputs before images are scored in any order. Safe for use by several threads.
    /// </summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>: what stands in the folder cannot be read.
    /// </exception>
    public string FileFor(string image)
    {
        if (!_isFolder)
            return _path;
        lock (_gate)
        {
            if (_files.TryGetValue(image, out string? known))
                return known;
            string stem = image == "-" ? "standard-input" : Stem(image);
            string name = stem + _kind.Suffix;
            for (int number = 2; !_taken.Add(name) || !OutputGuard.MayReplace(Path.Combine(_path, name), _kind.IsKind); number++)
                name = $"{stem}-{number}{_kind.Suffix}";
            return _files[image] = Path.Combine(_path, name);
        }
    }

    /// <summary>An image's name without its extension; digits behind the last dot, as in names made of UIDs, are none.</summary>
    static string Stem(string image) =>
        ImageNames.Tell(image) == NameTells.Nothing ? Path.GetFileName(image) : Path.GetFileNameWithoutExtension(image);

    bool IsHere(string file) =>
        Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder
        && (string.Equals(folder, _fullPath, FileStatus.Comparison) || FileIdentity.AreSame(folder, _path));
}
