using SeverityEngine.Models.Catalog;
using SeverityEngine.Models.Store;

namespace SeverityEngine.Models;

/// <summary>
/// The models that can be installed. The engine's own list is <c>models/catalog.json</c>; another of its form can take its place.
/// </summary>
public sealed class ModelCatalog
{
    const string BuiltInResource = "catalog.json";

    static readonly Lazy<ModelCatalog> s_builtIn = new(ReadBuiltIn);

    internal ModelCatalog(IReadOnlyList<KnownModel> models) => Models = models;

    /// <summary>The engine's own list.</summary>
    public static ModelCatalog BuiltIn => s_builtIn.Value;

    /// <summary>The models.</summary>
    public IReadOnlyList<KnownModel> Models { get; }

    /// <summary>Reads a list from a file, such as one with the addresses of a mirror.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileNotFound"/>, <see cref="SeverityError.FileUnreadable"/>, or
    /// <see cref="SeverityError.InvalidArgument"/> for a file that is no catalog.</exception>
    public static ModelCatalog Load(string path) => CatalogReader.Read(StoreFiles.ReadText(path), path);

    /// <summary>A model by its name.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelNotFound"/>: names those there are.</exception>
    public KnownModel Find(string name) => Models.FirstOrDefault(m => m.Name == name) ?? throw new SeverityException(
        SeverityError.ModelNotFound, $"no published model is called '{name}'; known are: {string.Join(", ", Models.Select(m => m.Name))}");

    static ModelCatalog ReadBuiltIn()
    {
        using Stream stream = typeof(ModelCatalog).Assembly.GetManifestResourceStream(BuiltInResource)
            ?? throw new SeverityException(SeverityError.Internal, $"this build of the engine lacks {BuiltInResource}");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return CatalogReader.Read(bytes, BuiltInResource);
    }
}
