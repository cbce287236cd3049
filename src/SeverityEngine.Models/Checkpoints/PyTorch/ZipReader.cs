using System.Text;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>PyTorch's format since 1.6: a zip archive with the value in NAME/data.pkl and each storage in NAME/data/KEY.</summary>
sealed class ZipReader(ReadOnlyMemory<byte> file, ReadContext context)
{
    const string Pickle = "data.pkl";
    // PyTorch reads versions 1 to 10.
    const int HighestVersion = 10;

    readonly ZipContent _content = new(file, context);

    public static bool Matches(ReadOnlySpan<byte> file) => file.StartsWith("PK\u0003\u0004"u8) || file.StartsWith("PK\u0005\u0006"u8);

    public CheckpointContent Read()
    {
        string root = FindRoot();
        CheckVersion(root);
        bool bigEndian = Text(root + "byteorder") switch
        {
            null or "little" => false,
            "big" => true,
            string other => throw context.Invalid($"has the byte order {ReadContext.Quote(other)}"),
        };
        ReadOnlyMemory<byte> pickle = _content.Read(root + Pickle);
        context.Part = root + Pickle;
        TorchPersistentIds ids = new(context);
        object? value = new PickleReader(pickle, 0, context, ids.Resolve).Read();
        context.Part = null;
        foreach ((string key, TorchStorage storage) in ids.Storages)
        {
            storage.Data = _content.Read($"{root}data/{key}");
            storage.BigEndian = bigEndian;
            if ((Int128)storage.Count * ElementReader.Size(storage.Type) > storage.Data.Length)
                throw context.Invalid($"has {storage.Data.Length} bytes for a storage of {storage.Count} elements");
        }
        context.Part = root + Pickle;
        return new TorchCheckpoint(context).Find(value, isZip: true, ids.Sources);
    }

    string FindRoot()
    {
        string? root = null;
        foreach (string name in _content.Entries.Keys)
        {
            if (!name.EndsWith("/" + Pickle, StringComparison.Ordinal) || name.IndexOf('/') != name.Length - Pickle.Length - 1)
                continue;
            if (root is not null)
                throw context.Layout($"has a {Pickle} in more than one folder");
            root = name[..^Pickle.Length];
        }
        if (root is null)
            throw context.Layout($"is a zip archive without a folder that holds {Pickle}, so not one that torch.save wrote");
        if (_content.Entries.ContainsKey(root + "constants.pkl"))
            throw context.Layout(
                "is a TorchScript archive, which holds a program", "load it with torch.jit.load and save its state_dict() with torch.save");
        return root;
    }

    void CheckVersion(string root)
    {
        if (Text(root + "version") is { } version && !(int.TryParse(version, out int number) && number is > 0 and <= HighestVersion))
            throw context.Layout($"has the archive version {ReadContext.Quote(version)}; 1 to {HighestVersion} are read");
    }

    string? Text(string name)
    {
        const int Longest = 64;
        if (!_content.Entries.TryGetValue(name, out ZipEntry entry))
            return null;
        if (entry.Size > Longest)
            throw context.Invalid($"has {entry.Size} bytes in {ReadContext.Quote(name)}, where a word belongs");
        return Encoding.Latin1.GetString(_content.Read(name).Span).Trim();
    }
}
