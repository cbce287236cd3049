using System.Globalization;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>A block of numbers outside the pickle, which any number of tensors may look into.</summary>
sealed class TorchStorage
{
    public const int Cost = 2 * ReadContext.NodeCost;

    /// <summary>The name it has in the file.</summary>
    public required string Key { get; init; }

    /// <summary>What it was said to hold where it was first mentioned.</summary>
    public required ElementType Type { get; init; }

    /// <summary>How many elements, likewise.</summary>
    public required long Count { get; init; }

    /// <summary>Its bytes, once found.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>Whether the high byte of a number comes first.</summary>
    public bool BigEndian { get; set; }

    /// <summary>Its type in elements for a storage of <paramref name="fullName"/>; null for what is no storage that is read.</summary>
    public static ElementType? TypeOf(string fullName) => fullName switch
    {
        "torch.HalfStorage" => ElementType.Float16,
        "torch.BFloat16Storage" => ElementType.BFloat16,
        "torch.FloatStorage" => ElementType.Float32,
        "torch.DoubleStorage" => ElementType.Float64,
        "torch.CharStorage" => ElementType.Int8,
        "torch.ByteStorage" => ElementType.UInt8,
        "torch.ShortStorage" => ElementType.Int16,
        "torch.IntStorage" => ElementType.Int32,
        "torch.LongStorage" => ElementType.Int64,
        "torch.BoolStorage" => ElementType.Bool,
        _ => null,
    };
}

/// <summary>What a persistent id refers to: a storage, or a stretch of one, under a type.</summary>
sealed class TorchStorageView : PickleNode
{
    readonly TorchStorage _storage;
    readonly long _first;
    readonly long _count;

    public TorchStorageView(TorchStorage storage, ElementType type, long first, long count, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost);
        _storage = storage;
        Type = type;
        _first = first;
        _count = count;
    }

    public ElementType Type { get; }

    public bool BigEndian => _storage.BigEndian;

    public ReadOnlyMemory<byte> Bytes(ReadContext context)
    {
        int size = ElementReader.Size(Type);
        long there = _storage.Data.Length / size;
        if (_first < 0 || _count < 0 || _first > there || _count > there - _first)
        {
            throw context.Invalid(
                $"refers to elements {_first} to {(Int128)_first + _count} "
                + $"of storage {ReadContext.Quote(_storage.Key)}, which has {there}");
        }
        return _storage.Data.Slice((int)_first * size, (int)_count * size);
    }
}

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
                $"has a storage of type {ReadContext.Quote(type.FullName)}, which is not read",
                "convert the weights to float32 and save them again");
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
