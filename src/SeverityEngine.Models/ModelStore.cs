using System.Text.Json;
using SeverityEngine.IO;
using SeverityEngine.Models.Catalog;
using SeverityEngine.Models.Store;

namespace SeverityEngine.Models;

/// <summary>
/// The models of a user: <c>models/NAME.onnx</c> in a folder, each with a record of its hash beside it, and <c>downloads</c> with the
/// published files they were made from, which may be deleted. A model is there whole or not at all.
/// </summary>
/// <remarks>Any number of processes may use one store at a time. Of two that install the same model, the last one's stays.</remarks>
public sealed class ModelStore
{
    const string Variable = "SEVERITY_HOME";
    const string Extension = ".onnx";
    const string RecordExtension = ".json";

    readonly string _models;

    /// <summary>The store in a folder, which need not be there yet.</summary>
    public ModelStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.GetFullPath(folder);
        _models = Path.Combine(Folder, "models");
        DownloadFolder = Path.Combine(Folder, "downloads");
    }

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>Where downloaded files are kept.</summary>
    public string DownloadFolder { get; }

    /// <summary>The user's store: in SEVERITY_HOME, else where the system keeps a program's data.</summary>
    /// <remarks>
    /// Linux: <c>$XDG_DATA_HOME/severity-engine</c>, by default <c>~/.local/share/severity-engine</c>; macOS:
    /// <c>~/Library/Application Support/severity-engine</c>; Windows: <c>%LOCALAPPDATA%\severity-engine</c>.
    /// </remarks>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: the user has no home folder.</exception>
    public static ModelStore Default()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return new ModelStore(named);
        // On Unix .NET looks at XDG_DATA_HOME itself, but also takes a relative one, which the specification tells to ignore.
        string? data = OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } xdg
            ? Path.IsPathFullyQualified(xdg)
                ? xdg
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share")
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (!Path.IsPathFullyQualified(data))
            throw new SeverityException(
                SeverityError.InvalidArgument, $"there is no home folder to keep models in; name one with {Variable}");
        return new ModelStore(Path.Combine(data, "severity-engine"));
    }

    /// <summary>The models that are there, by name.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnreadable"/>.</exception>
    public IReadOnlyList<InstalledModel> List()
    {
        try
        {
            return Directory.Exists(_models)
                ? [.. Directory.EnumerateFiles(_models, "*" + Extension).Select(Path.GetFileNameWithoutExtension).Where(IsName!)
                    .Order(StringComparer.Ordinal).Select(n => Find(n!)).OfType<InstalledModel>()]
                : [];
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            throw new SeverityException(SeverityError.FileUnreadable,
                $"{_models}: cannot be listed: {FileFaults.Reason(e)}; check the folder, or name another with SEVERITY_HOME", e);
        }
    }

    /// <summary>A model by name; null where it is not there.</summary>
    public InstalledModel? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        FileInfo? file = IsName(name) ? new FileInfo(PathOf(name)) : null;
        return file is { Exists: true } ? new InstalledModel(name, file.FullName, file.Length, RecordedSha256(name)) : null;
    }

    /// <summary>
    /// Puts a model into the store: it is there when all of it is on the disk, and until then an older one of its name stays.
    /// </summary>
    /// <param name="name">Its name: letters, digits, dots, hyphens and underscores.</param>
    /// <param name="model">The ONNX file.</param>
    /// <param name="madeFrom">What it was made from.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> for a name that is none,
    /// <see cref="SeverityError.FileUnwritable"/>.</exception>
    public InstalledModel Install(string name, ReadOnlySpan<byte> model, IReadOnlyList<WeightsFile> madeFrom)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name))
            throw new SeverityException(
                SeverityError.InvalidArgument, $"'{name}' is no name for a model; use letters, digits, dots, hyphens and underscores");
        InstallRecord record = new()
        {
            Sha256 = ContentHash.Sha256(model),
            Size = model.Length,
            Engine = SeverityRuntime.EngineVersion,
            MadeFrom = madeFrom,
        };
        try
        {
            Directory.CreateDirectory(_models);
            (AtomicFile modelFile, AtomicFile recordFile) = CreateFiles(name);
            using AtomicFile ownedModel = modelFile, ownedRecord = recordFile;
            modelFile.Write(model);
            modelFile.FlushToDisk();
            recordFile.Write(JsonSerializer.SerializeToUtf8Bytes(record, ModelsJson.Default.InstallRecord));
            recordFile.FlushToDisk();
            using (StoreLock.Take(_models))
            {
                // The record first: a model with no record would pass for one put there by hand.
                recordFile.Commit().Dispose();
                modelFile.Commit().Dispose();
            }
        }
        catch (Exception e) when (FileFaults.IsFault(e) || e is SeverityException { Code: SeverityError.FileUnwritable })
        {
            throw StoreFiles.Unwritable(PathOf(name), e.InnerException ?? e);
        }
        return new InstalledModel(name, PathOf(name), model.Length, record.Sha256);
    }

    /// <summary>Reads a model for use. One that was installed is held against what it was then; one put there by hand is taken.</summary>
    /// <remarks>
    /// The hash of a DenseNet-121's 28 MB takes some 20 ms where the system's library computes it
    /// (<see cref="ContentHash.MayUseSystemLibrary"/>), and 90 ms elsewhere.
    /// </remarks>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelNotFound"/>, or <see cref="SeverityError.VerificationFailed"/> for a file that is not what was
    /// installed.
    /// </exception>
    public ModelFile Load(string name)
    {
        InstalledModel model = Find(name) ?? throw NotInstalled(name);
        ModelFile file = ModelFile.Load(model.Path);
        if (model.Sha256 is not null)
            RequireSame(model, file);
        return file;
    }

    /// <summary>Reads a model and holds it against what it was when it was installed.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelNotFound"/>, or <see cref="SeverityError.VerificationFailed"/> for a file that is not what was
    /// installed, or of which there is no record.
    /// </exception>
    public ModelFile Verify(string name)
    {
        InstalledModel model = Find(name) ?? throw NotInstalled(name);
        ModelFile file = ModelFile.Load(model.Path);
        if (model.Sha256 is null)
            throw new SeverityException(SeverityError.VerificationFailed,
                $"{model.Path}: there is no record of what it should be; install it, or use it by its path");
        RequireSame(model, file);
        return file;
    }

    static void RequireSame(InstalledModel model, ModelFile file)
    {
        if (file.Sha256 != model.Sha256)
        {
            throw new SeverityException(SeverityError.VerificationFailed,
                $"{model.Path}: its SHA-256 is {file.Sha256}, and was {model.Sha256} when it was installed; install it again");
        }
    }

    /// <summary>The error for a model that is not in the store: it names those that are.</summary>
    public SeverityException NotInstalled(string name)
    {
        IReadOnlyList<InstalledModel> models = List();
        string installed = models.Count == 0 ? "no model is installed" : $"installed are: {string.Join(", ", models.Select(m => m.Name))}";
        return new SeverityException(SeverityError.ModelNotFound,
            $"{name}: no such model file, and no installed model of that name; {installed}. "
                + "'severity model list' shows what can be installed");
    }

    (AtomicFile Model, AtomicFile Record) CreateFiles(string name)
    {
        using (StoreLock.Take(_models))
        {
            AtomicFile.RemoveLeftovers(_models);
            AtomicFile model = AtomicFile.CreateOwn(PathOf(name));
            try
            {
                return (model, AtomicFile.CreateOwn(RecordPathOf(name)));
            }
            catch
            {
                model.Dispose();
                throw;
            }
        }
    }

    string PathOf(string name) => Path.Combine(_models, name + Extension);

    string RecordPathOf(string name) => Path.Combine(_models, name + RecordExtension);

    /// <summary>The hash that a model had when it was installed; null where no record tells it.</summary>
    string? RecordedSha256(string name)
    {
        try
        {
            using JsonDocument record = JsonDocument.Parse(StoreFiles.ReadText(RecordPathOf(name)));
            return record.RootElement.ValueKind == JsonValueKind.Object
                && record.RootElement.TryGetProperty("sha256", out JsonElement hash) && hash.ValueKind == JsonValueKind.String
                ? hash.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or SeverityException)
        {
            // As good as none: a damaged record must not keep a whole model from being used.
            return null;
        }
    }

    /// <summary>Whether a text is one file name on every system, and none of the store's own, which start with a dot.</summary>
    static bool IsName(string text) =>
        text.Length is > 0 and <= 200 && text[0] != '.' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
