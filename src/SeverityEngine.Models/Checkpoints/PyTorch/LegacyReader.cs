using System.Buffers.Binary;
using System.Numerics;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>
/// PyTorch's format before 1.6: five pickles (a magic number, the protocol, the machine, the value, the storages' keys) and then each
/// storage, its number of elements first.
/// </summary>
sealed class LegacyReader(ReadOnlyMemory<byte> file, ReadContext context)
{
    const long Protocol = 1001;

    // PROTO 2, LONG1 of ten bytes, 0x1950a86a20f9469cfc6c, STOP: what torch.save has always written first.
    static ReadOnlySpan<byte> Start => [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    static readonly BigInteger s_magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    int _position;

    /// <summary>Whether a file starts as this format does, whichever pickle protocol it was written with.</summary>
    public static bool Matches(ReadOnlySpan<byte> file) =>
        file.StartsWith(Start[..1]) && file.Length > 2 && file[2..].IndexOf(Start[4..14]) is >= 0 and <= 16;

    public CheckpointContent Read()
    {
        if (ReadPickle(null) is not BigInteger magic || magic != s_magic)
            throw context.Layout("does not start with PyTorch's magic number");
        object? protocol = ReadPickle(null);
        if (protocol is not Protocol)
            throw context.Layout($"has a PyTorch protocol other than {Protocol}");
        // What the writing machine was like. Its byte order does not matter: storages are written with the low byte first on all of them.
        ReadPickle(null);
        TorchPersistentIds ids = new(context);
        object? root = ReadPickle(ids.Resolve);
        if (ReadPickle(null) is not PickleList keys)
            throw context.Invalid("has no list of its storages");
        ReadStorages(keys, ids.Storages);
        return new TorchCheckpoint(context).Find(root, isZip: false, ids.Sources);
    }

    object? ReadPickle(Func<object?, object?>? persistentIds)
    {
        PickleReader reader = new(file, _position, context, persistentIds);
        object? value = reader.Read();
        _position = reader.Position;
        return value;
    }

    void ReadStorages(PickleList keys, IReadOnlyDictionary<string, TorchStorage> storages)
    {
        HashSet<string> missing = [.. storages.Keys];
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !storages.TryGetValue(key, out TorchStorage? storage) || !missing.Remove(key))
                throw context.Invalid("lists a storage that no tensor uses, or lists one twice");
            context.At(_position, "storage " + ReadContext.Quote(key));
            long count = BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)).Span);
            if (count != storage.Count)
                throw context.Invalid($"has a storage of {count} elements where its tensors speak of {storage.Count}");
            storage.Data = Take((Int128)count * ElementReader.Size(storage.Type));
        }
        if (missing.Count > 0)
            throw context.Invalid($"does not list the storage {ReadContext.Quote(missing.First())}, which its tensors use");
    }

    ReadOnlyMemory<byte> Take(Int128 length)
    {
        int left = file.Length - _position;
        if (length > left)
            throw context.Invalid($"needs {length} bytes where {left} are left");
        ReadOnlyMemory<byte> taken = file.Slice(_position, (int)length);
        _position += (int)length;
        return taken;
    }
}
