namespace SeverityEngine.Models.Checkpoints.Pickle;

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
