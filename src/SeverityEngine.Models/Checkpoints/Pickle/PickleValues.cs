using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>A value of a pickle that is more than a number or a text, with the instruction that made it.</summary>
/// <remarks>None is null, True and False are <see cref="bool"/>, integers <see cref="long"/> or, beyond 64 bits,
/// <see cref="System.Numerics.BigInteger"/>, floats <see cref="double"/>, texts <see cref="string"/>.</remarks>
abstract class PickleNode(ReadContext context)
{
    /// <summary>Where in the pickle it was made.</summary>
    public long Offset { get; } = context.Offset;

    public Opcode Opcode { get; } = context.Opcode;

    /// <summary>
    /// How many containers deep it is, as far as was known when each was filled. A loop through the memo does not count on.
    /// </summary>
    public int Depth { get; private set; } = 1;

    /// <summary>Notes that <paramref name="child"/> is now inside, and refuses what nests too deep.</summary>
    public void Hold(object? child, ReadContext context)
    {
        if (child is not PickleNode node || node.Depth < Depth)
            return;
        if (node.Depth >= context.Limits.MaxNesting)
        {
            throw context.Invalid(
                $"nests deeper than {context.Limits.MaxNesting} containers", ReadContext.BeyondLimit);
        }
        Depth = node.Depth + 1;
    }
}

/// <summary>The name of a class or function. It is a name and nothing else: it is never resolved to code.</summary>
sealed class PickleGlobal : PickleNode
{
    public PickleGlobal(string module, string name, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost + 2L * (module.Length + name.Length));
        FullName = $"{module}.{name}";
    }

    /// <summary>Module and name, for example <c>collections.OrderedDict</c>.</summary>
    public string FullName { get; }
}

/// <summary>What a call or a construction in the pickle would have made: the callee's name and what it was given, as inert data.</summary>
sealed class PickleObject : PickleNode
{
    public PickleObject(PickleGlobal type, PickleTuple args, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost);
        Class = type;
        Args = args;
        Hold(args, context);
    }

    public PickleGlobal Class { get; }

    public PickleTuple Args { get; }

    /// <summary>What it was built from afterwards; null where it was not.</summary>
    public object? State { get; private set; }

    /// <summary>The object's attributes: the dict in its state, which may stand in a pair with that of its slots.</summary>
    public PickleDict? Attributes => State as PickleDict ?? (State is PickleTuple { Count: 2 } pair ? pair[0] as PickleDict : null);

    public void Build(object? state, ReadContext context)
    {
        Hold(state, context);
        State = state;
    }
}

/// <summary>A tuple.</summary>
sealed class PickleTuple : PickleNode
{
    readonly object?[] _items;

    public PickleTuple(ReadOnlySpan<object?> items, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost + (long)ReadContext.ReferenceCost * items.Length);
        _items = items.ToArray();
        foreach (object? item in items)
            Hold(item, context);
    }

    public int Count => _items.Length;

    public object? this[int index] => _items[index];

    public ReadOnlySpan<object?> Items => _items;
}

/// <summary>
/// A list, or a set: what was added, in order. A set's equal members are kept twice, since only its texts are ever asked for.
/// </summary>
sealed class PickleList : PickleNode
{
    // Growing by doubling takes at most four references for each item in the end.
    const int ItemCost = 4 * ReadContext.ReferenceCost;

    readonly List<object?> _items = [];

    public PickleList(ReadContext context, bool isSet = false) : base(context)
    {
        context.Charge(ReadContext.NodeCost);
        IsSet = isSet;
    }

    public bool IsSet { get; }

    public int Count => _items.Count;

    public object? this[int index] => _items[index];

    public ReadOnlySpan<object?> Items => CollectionsMarshal.AsSpan(_items);

    public void Add(object? item, ReadContext context)
    {
        context.Charge(ItemCost);
        Hold(item, context);
        _items.Add(item);
    }
}

/// <summary>
/// A dict, ordered or not: its entries as they came. Texts alone are looked up, so no other key is hashed and none can be chosen to
/// collide.
/// </summary>
sealed class PickleDict : PickleNode
{
    // Entries of two references and the index over them, both growing by doubling.
    const int EntryCost = 8 * ReadContext.ReferenceCost + 128;

    readonly List<KeyValuePair<object?, object?>> _entries = [];
    Dictionary<string, object?>? _index;

    public PickleDict(ReadContext context) : base(context) => context.Charge(ReadContext.NodeCost + 128);

    /// <summary>The entries in the order they were set; a key that was set twice stands twice, the later one holds.</summary>
    public ReadOnlySpan<KeyValuePair<object?, object?>> Entries => CollectionsMarshal.AsSpan(_entries);

    public void Set(object? key, object? value, ReadContext context)
    {
        context.Charge(EntryCost);
        Hold(key, context);
        Hold(value, context);
        _entries.Add(new(key, value));
        _index = null;
    }

    public bool TryGet(string key, [NotNullWhen(true)] out object? value)
    {
        if (_index is null)
        {
            _index = [];
            foreach ((object? k, object? v) in _entries)
            {
                if (k is string text)
                    _index[text] = v;
            }
        }
        return _index.TryGetValue(key, out value) && value is not null;
    }
}

/// <summary>A byte string: a view of the file where it stands there as it is.</summary>
sealed class PickleBytes : PickleNode
{
    public PickleBytes(ReadOnlyMemory<byte> bytes, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost);
        Bytes = bytes;
    }

    public ReadOnlyMemory<byte> Bytes { get; }
}
