namespace SeverityEngine.Batch.Rows;

/// <summary>Where the files of a run go: the one file that was named, or a folder in which each is named after its image.</summary>
sealed class OutputPlace
{
    readonly string _path;
    readonly string _ending;
    readonly bool _isFolder;
    readonly Lock _gate = new();
    readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <param name="option">The option that named it.</param>
    /// <param name="path">A file with one of the endings, or a folder.</param>
    /// <param name="images">The number of images: several need a folder.</param>
    /// <param name="endings">The endings of such files; those in a folder have the first.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>, <see cref="SeverityError.FileUnwritable"/>.</exception>
    public OutputPlace(string option, string path, int images, params ReadOnlySpan<string> endings)
    {
        _path = path;
        _ending = endings[0];
        bool isFile = false;
        foreach (string ending in endings)
            isFile |= path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
        isFile &= !Directory.Exists(path);
        if (isFile && images > 1)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{option} {path} is one file for {images} images; name a folder, and each image's file is put there");
        }
        _isFolder = !isFile;
        if (_isFolder && images == 1 && !Directory.Exists(path) && !Path.EndsInDirectorySeparator(path))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{option} {path}: name a file that ends in {string.Join(" or ", endings.ToArray())}, or a folder, with {Path.DirectorySeparatorChar} at its end where it is to be made");
        }
        if (_isFolder)
            MakeFolder();
    }

    /// <summary>
    /// The file for an image; a second image of the same name gets a number. Whoever asks first is first: ask in the order of the inputs
    /// before images are scored in any order, so that a resumed run gives each image the file that it had. Safe for use by several threads.
    /// </summary>
    public string FileFor(string image)
    {
        if (!_isFolder)
            return _path;
        lock (_gate)
        {
            if (_files.TryGetValue(image, out string? known))
                return known;
            string stem = image == "-" ? "standard-input" : Path.GetFileNameWithoutExtension(image);
            string name = stem + _ending;
            for (int number = 2; !_taken.Add(name); number++)
                name = $"{stem}-{number}{_ending}";
            return _files[image] = Path.Combine(_path, name);
        }
    }

    void MakeFolder()
    {
        try
        {
            Directory.CreateDirectory(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SeverityException(SeverityError.FileUnwritable, $"{_path}: the folder cannot be made: {e.Message}", e);
        }
    }
}
