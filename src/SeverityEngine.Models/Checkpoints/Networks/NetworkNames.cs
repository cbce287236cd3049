namespace SeverityEngine.Models.Checkpoints.Networks;

/// <summary>A parameter's name.</summary>
/// <param name="Name">What the network calls it.</param>
/// <param name="IsRequired">Whether the network cannot be without it.</param>
readonly record struct NetworkName(string Name, bool IsRequired);

/// <summary>The names of a network's parameters, in every spelling that files have them in.</summary>
sealed class NetworkNames
{
    readonly Dictionary<string, NetworkName> _spellings;
    readonly Dictionary<string, NetworkName>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    readonly int _longest;

    /// <param name="names">The names.</param>
    /// <param name="spellings">Further spellings of a name; empty where there are none.</param>
    public NetworkNames(IEnumerable<NetworkName> names, Func<string, IEnumerable<string>> spellings)
    {
        _spellings = names.SelectMany(n => spellings(n.Name).Prepend(n.Name), (n, spelling) => (spelling, n))
            .ToDictionary(p => p.spelling, p => p.n, StringComparer.Ordinal);
        _lookup = _spellings.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = _spellings.Keys.Max(s => s.Length);
        RequiredCount = _spellings.Values.Distinct().Count(n => n.IsRequired);
    }

    /// <summary>How many parameters the network cannot be without.</summary>
    public int RequiredCount { get; }

    /// <summary>Finds the name that a key ends in, after nothing or a dot.</summary>
    /// <param name="key">A tensor's name in a file.</param>
    /// <param name="prefix">How much of it stands before the name.</param>
    /// <param name="name">The name.</param>
    public bool TryFind(string key, out int prefix, out NetworkName name)
    {
        // A hostile name of a million dots is looked at no longer than a name can be.
        for (prefix = Math.Max(key.Length - _longest, 0); prefix < key.Length; prefix++)
        {
            if ((prefix == 0 || key[prefix - 1] == '.') && _lookup.TryGetValue(key.AsSpan(prefix), out name))
                return true;
        }
        name = default;
        return false;
    }
}
