namespace SeverityEngine.Inference;

/// <summary>Where a model's bytes can be read again, so that a predictor need not hold them once its session is made.</summary>
sealed class ModelOrigin
{
    readonly ModelFile? _held;
    readonly string? _path;
    readonly long _length;
    readonly DateTime _written;

    ModelOrigin()
    {
    }

    ModelOrigin(ModelFile held) => _held = held;

    ModelOrigin(FileInfo file)
    {
        _path = file.FullName;
        _length = file.Length;
        _written = file.LastWriteTimeUtc;
    }

    /// <summary>The engine's own resource.</summary>
    public static ModelOrigin BuiltIn { get; } = new();

    /// <summary>The caller's memory, which is kept.</summary>
    public static ModelOrigin Memory(ModelFile file) => new(file);

    /// <summary>A file on disk.</summary>
    public static ModelOrigin File(FileInfo file) => new(file);

    /// <summary>Reads the bytes again.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelNotFound"/>: the file is gone or is another one by now.
    /// </exception>
    public ModelFile Reopen()
    {
        if (_held is not null)
            return _held;
        if (_path is null)
            return ModelFile.BuiltIn();
        FileInfo now = new(_path);
        if (!now.Exists || now.Length != _length || now.LastWriteTimeUtc != _written)
        {
            throw new SeverityException(SeverityError.ModelNotFound,
                $"{_path}: the model file was {(now.Exists ? "changed" : "removed")} after the predictor was made of it; "
                + "saliency needs it once more, so make a new predictor");
        }
        return ModelFile.Load(_path);
    }
}
