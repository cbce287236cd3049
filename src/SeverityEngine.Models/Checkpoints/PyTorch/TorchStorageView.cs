using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

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
                $"refers to elements {_first} to {(Int128)_first + _count} of storage {ReadContext.Quote(_storage.Key)}, which has {there}");
        }
        return _storage.Data.Slice((int)_first * size, (int)_count * size);
    }
}
