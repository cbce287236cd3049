using System.Text.Json;
using System.Text.RegularExpressions;
using SeverityEngine.IO;

namespace SeverityEngine.Models.Catalog;

/// <summary>Reads a catalog's JSON. What it says becomes file names and requests, so both are held to a form.</summary>
static partial class CatalogReader
{
    public static ModelCatalog Read(ReadOnlySpan<byte> json, string source)
    {
        CatalogJson catalog;
        try
        {
            catalog = JsonSerializer.Deserialize(json, ModelsJson.Default.CatalogJson) ?? throw Fault(source, "it is null");
        }
        catch (JsonException e)
        {
            throw Fault(source, JsonFault.Reason(e), e);
        }
        Dictionary<string, WeightsFile> files = [];
        foreach (WeightsFile file in catalog.Files)
        {
            Check(SafeName().IsMatch(file.Name), source, $"'{file.Name}' is no plain file name");
            Check(Uri.TryCreate(file.Url, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps, source,
                $"{file.Name} has no HTTPS address: '{file.Url}'");
            Check(file.Size > 0 && file.Size <= Array.MaxLength, source, $"{file.Name} has a size of {file.Size} bytes");
            Check(Sha256().IsMatch(file.Sha256), source,
                $"{file.Name} has no SHA-256 of 64 lower-case hexadecimal digits: '{file.Sha256}'");
            Check(files.TryAdd(file.Name, file), source, $"{file.Name} is listed twice");
        }
        List<KnownModel> models = [];
        foreach (KnownModelJson model in catalog.Models)
        {
            Check(SafeName().IsMatch(model.Name), source, $"'{model.Name}' is no plain model name");
            Check(!models.Exists(m => m.Name == model.Name), source, $"{model.Name} is listed twice");
            Check((model.Head, model.HeadFiles.Count) is ("cidc", 0) or ("ralo", 2), source,
                $"{model.Name} has the head '{model.Head}' with {model.HeadFiles.Count} files; cidc has none, ralo two");
            models.Add(new KnownModel(
                model.Name, model.Version, model.Description, model.Head, File(model.Backbone), [.. model.HeadFiles.Select(File)],
                model.License, model.Citation, model.PublishedScores));
        }
        return new ModelCatalog(models);

        WeightsFile File(string name) => files.GetValueOrDefault(name) ?? throw Fault(source, $"it does not list the file {name}");
    }

    static void Check(bool sound, string source, string fault)
    {
        if (!sound)
            throw Fault(source, fault);
    }

    static SeverityException Fault(string source, string fault, Exception? cause = null) =>
        new(SeverityError.InvalidArgument, $"{source}: not a catalog of models: {fault}; models/catalog.json in the sources shows the form",
        cause);

    // Not starting with a dot, with which the store's own files start, and with nothing that is a path on any system.
    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$", RegexOptions.CultureInvariant)]
    private static partial Regex SafeName();

    [GeneratedRegex("^[0-9a-f]{64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256();
}
