using System.Runtime.InteropServices;

namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>A list, or a set: what was added, in order. A set's equal members are kept twice, since only its texts are ever asked for.</summary>
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
