using System.Globalization;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>The persistent ids of PyTorch's pickles: a class with its source, or a storage.</summary>
sealed class TorchPersistentIds(ReadContext context)
{
    readonly OrderedDictionary<string, TorchStorage> _storages = [];
    readonly OrderedDictionary<string, CheckpointSource> _sources = [];

    /// <summary>The storages that were mentioned, in order.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    /// <summary>The sources that came with the classes, in order. Their text is not kept.</summary>
    public IReadOnlyList<CheckpointSource> Sources => [.. _sources.Values];

    public object? Resolve(object? id)
    {
        PickleTuple tuple = id as PickleTuple ?? throw context.Invalid("has a persistent id that is no tuple");
        return (tuple.Count > 0 ? tuple[0] : null) switch
        {
            "module" when tuple.Count == 4 && tuple[1] is PickleGlobal type => Module(type, tuple[2] as string),
            "storage" when tuple.Count is 5 or 6 => Storage(tuple),
            string kind => throw context.Invalid($"has a persistent id of the unknown kind {ReadContext.Quote(kind)}"),
            _ => throw context.Invalid("has a persistent id without a kind"),
        };
    }

    PickleGlobal Module(PickleGlobal type, string? file)
    {
        context.Charge(2 * ReadContext.NodeCost);
        _sources.TryAdd(type.FullName, new CheckpointSource(type.FullName, file ?? ""));
        return type;
    }

    // ('storage', type, key, location, count) and, in the legacy format, None or (key, first element, count) of a stretch of it.
    TorchStorageView Storage(PickleTuple id)
    {
        if (id[1] is not PickleGlobal type)
            throw context.Invalid("has a storage whose type is no class");
        ElementType element = TorchStorage.TypeOf(type.FullName)
            ?? throw context.Layout(
                $"has a storage of type {ReadContext.Quote(type.FullName)}, which is not read", "convert the weights to float32 and save them again");
        string key = id[2] switch
        {
            string text => text,
            long number => number.ToString(CultureInfo.InvariantCulture),
            _ => throw context.Invalid("has a storage without a key"),
        };
        if (id[4] is not long count || count < 0)
            throw context.Invalid("has a storage without a size");
        if (!_storages.TryGetValue(key, out TorchStorage? storage))
        {
            context.Charge(TorchStorage.Cost);
            storage = new TorchStorage { Key = key, Type = element, Count = count };
            _storages.Add(key, storage);
        }
        return (id.Count == 6 ? id[5] : null) switch
        {
            null => new TorchStorageView(storage, element, 0, count, context),
            PickleTuple { Count: 3 } view when view[1] is long first && view[2] is long viewed =>
                new TorchStorageView(storage, element, first, viewed, context),
            _ => throw context.Invalid("has a storage with a view that is not read"),
        };
    }
}
