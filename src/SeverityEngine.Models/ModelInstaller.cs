using SeverityEngine.Models.Install;

namespace SeverityEngine.Models;

/// <summary>Installs published models: gets their weights, verifies them, converts them to ONNX and keeps the model in a store.</summary>
/// <example>
/// <code>
/// InstalledModel model = await new ModelInstaller().InstallAsync("xrv-densenet121-cidc");
/// using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = ModelFile.Load(model.Path) });
/// </code>
/// </example>
/// <param name="store">Where models are kept; null for the user's store.</param>
/// <param name="catalog">The published models; null for the built-in list.</param>
public sealed class ModelInstaller(ModelStore? store = null, ModelCatalog? catalog = null)
{
    readonly ModelCatalog _catalog = catalog ?? ModelCatalog.BuiltIn;

    /// <summary>Where models are kept.</summary>
    public ModelStore Store { get; } = store ?? ModelStore.Default();

    /// <summary>Downloads what is not there yet, and installs the model. An interrupted download goes on where it stopped.</summary>
    /// <param name="name">A model of the catalog.</param>
    /// <param name="progress">Hears of what came, file by file.</param>
    /// <param name="cancellation">Ends the download; what came is kept for the next.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelNotFound"/>: no such model is published;
    /// <see cref="SeverityError.DownloadFailed"/>, <see cref="SeverityError.VerificationFailed"/>,
    /// <see cref="SeverityError.FileUnwritable"/>, <see cref="SeverityError.Canceled"/>.</exception>
    public Task<InstalledModel> InstallAsync(
        string name, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default) =>
        InstallAsync(name, (_, download) => download(progress), cancellation);

    /// <summary>Installs the model from files that were downloaded elsewhere.</summary>
    /// <param name="name">A model of the catalog.</param>
    /// <param name="files">Its files, of any name and in any order: each is recognized by its size and hash.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelNotFound"/>: no such model is published;
    /// <see cref="SeverityError.VerificationFailed"/>: a file is none of the published; <see cref="SeverityError.FileNotFound"/>: one is
    /// missing; <see cref="SeverityError.FileUnwritable"/>.</exception>
    public InstalledModel InstallFrom(string name, IEnumerable<string> files)
    {
        KnownModel model = _catalog.Find(name);
        return Install(model, PublishedFiles.FromFiles(model, _catalog, files, Store));
    }

    /// <summary>The same with a display around each file's download.</summary>
    internal async Task<InstalledModel> InstallAsync(string name, ShowDownload show, CancellationToken cancellation)
    {
        KnownModel model = _catalog.Find(name);
        return Install(model, await PublishedFiles.Download(model, Store, show, cancellation).ConfigureAwait(false));
    }

    InstalledModel Install(KnownModel model, Dictionary<WeightsFile, byte[]> files) =>
        Store.Install(model.Name, PublishedModel.Convert(model, files), model.Files);
}

/// <summary>Runs a download and shows how far it is.</summary>
delegate Task<string> ShowDownload(WeightsFile file, Func<IProgress<DownloadProgress>?, Task<string>> download);

/// <summary>A model in the store.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Its file.</param>
/// <param name="Size">The file's length in bytes.</param>
/// <param name="Sha256">The SHA-256 that the file had when it was installed; null for a file that was put there by hand.</param>
public sealed record InstalledModel(string Name, string Path, long Size, string? Sha256);
