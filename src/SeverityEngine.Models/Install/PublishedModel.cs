using SeverityEngine.Inference;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Models.Install;

/// <summary>A published model's files as an ONNX file, rewritten to compute the same with less work.</summary>
static class PublishedModel
{
    public static byte[] Convert(KnownModel model, IReadOnlyDictionary<WeightsFile, byte[]> files)
    {
        SeverityHead head = model.HeadFiles is [WeightsFile extent, WeightsFile opacity]
            ? new RaloHead(Perceptron(extent), Perceptron(opacity)) : new CidcHead();
        ModelContract contract = new()
        {
            Name = model.Name,
            Version = model.Version,
            Labels = DenseNet121.Labels,
            OperatingPoints = DenseNet121.OperatingPoints,
            Source = model.Backbone.Url,
            SourceSha256 = model.Backbone.Sha256,
            License = model.License,
            Citation = model.Citation,
        };
        OnnxModel converted = CheckpointConverter.ToModel(files[model.Backbone], model.Backbone.Name, head, contract);
        return OnnxFaults.Translate(model.Backbone.Name, () =>
        {
            EnginePasses.Apply(converted);
            return converted.ToArray();
        });

        IReadOnlyList<MlpLayer> Perceptron(WeightsFile file) => MlpHead.Read(files[file], file.Name).Layers;
    }
}

/// <summary>Gets the verified bytes of the files that a published model is made from.</summary>
static class PublishedFiles
{
    /// <summary>From files of any name and in any order: each is recognized by its size and hash.</summary>
    public static Dictionary<WeightsFile, byte[]> FromFiles(
        KnownModel model, ModelCatalog catalog, IEnumerable<string> paths, ModelStore store)
    {
        WeightsFile[] known = [.. catalog.Models.SelectMany(m => m.Files).Distinct()];
        Dictionary<WeightsFile, byte[]> found = [];
        foreach (string path in paths)
        {
            WeightsFile file = Recognize(path, known, out byte[] bytes) ?? throw new SeverityException(SeverityError.VerificationFailed,
                $"{path}: {bytes.Length} bytes with the SHA-256 {ContentHash.Sha256(bytes)}, "
                + $"which is none of the published files:{Describe(model.Files)}");
            if (model.Files.Contains(file))
                found[file] = bytes;
        }
        foreach (WeightsFile file in model.Files.Where(f => !found.ContainsKey(f)))
        {
            if (FromDownloads(file, store) is { } bytes)
                found.Add(file, bytes);
        }
        WeightsFile[] missing = [.. model.Files.Where(f => !found.ContainsKey(f))];
        return missing.Length == 0 ? found : throw new SeverityException(SeverityError.FileNotFound,
            $"{model.Name} also needs the following, download it and give it with --from too:{Describe(missing)}");
    }

    /// <summary>By downloading what is not in the store's folder of downloads.</summary>
    public static async Task<Dictionary<WeightsFile, byte[]>> Download(
        KnownModel model, ModelStore store, ShowDownload show, CancellationToken cancellation)
    {
        Dictionary<WeightsFile, byte[]> found = [];
        using WeightsDownloader downloader = new();
        foreach (WeightsFile file in model.Files)
        {
            if (FromDownloads(file, store) is not { } bytes)
            {
                string path = await show(file, progress => downloader.DownloadAsync(file, store.DownloadFolder, progress, cancellation));
                bytes = file.Read(path);
            }
            found.Add(file, bytes);
        }
        return found;
    }

    /// <summary>A file's verified bytes where it has been downloaded before; null where it has not, or is no longer what it was.</summary>
    public static byte[]? FromDownloads(WeightsFile file, ModelStore store)
    {
        try
        {
            return file.Read(Path.Combine(store.DownloadFolder, file.Name));
        }
        catch (SeverityException e)
            when (e.Code is SeverityError.FileNotFound or SeverityError.FileUnreadable or SeverityError.VerificationFailed)
        {
            return null;
        }
    }

    static WeightsFile? Recognize(string path, WeightsFile[] known, out byte[] bytes)
    {
        FileInfo info = new(path);
        if (info.Exists && !known.Any(f => f.Size == info.Length))
        {
            throw new SeverityException(SeverityError.VerificationFailed,
                $"{path}: {info.Length} bytes, which no published file has; is the download whole? "
                + $"The published files are:{Describe(known)}");
        }
        bytes = WeightsFile.ReadAny(path);
        foreach (WeightsFile file in known)
        {
            if (file.Matches(bytes))
                return file;
        }
        return null;
    }

    static string Describe(IEnumerable<WeightsFile> files) =>
        string.Concat(files.Select(f => $"\n  {f.Url}\n    {f.Size} bytes, SHA-256 {f.Sha256}"));
}
