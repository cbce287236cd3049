using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>
/// A dict, ordered or not: its entries as they came. Texts alone are looked up, so no other key is hashed and none can be chosen to collide.
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
