using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>A state dict or module in a file: the names of its tensors, of which none is read yet.</summary>
/// <param name="Path">The keys that lead to it, joined by dots; empty at the top of the file.</param>
/// <param name="ModuleClass">The class of a whole module; null for a state dict.</param>
/// <param name="Entries">What its format reads each tensor from, by name, in the order of the file.</param>
sealed record WeightSet(string Path, string? ModuleClass, OrderedDictionary<string, object?> Entries);

/// <summary>All weights of a file, before those that are wanted are read.</summary>
/// <param name="Sets">Its state dicts and modules, the outer ones first.</param>
/// <param name="StateDictForm">What it is where a state dict is chosen.</param>
/// <param name="ModuleForm">What it is where a module is chosen.</param>
/// <param name="ReadTensor">Reads an entry of a set as the tensor of a name.</param>
/// <param name="Sources">The classes whose source came along.</param>
sealed record CheckpointContent(
    IReadOnlyList<WeightSet> Sets,
    CheckpointForm StateDictForm,
    CheckpointForm ModuleForm,
    Func<string, object?, CheckpointTensor> ReadTensor,
    IReadOnlyList<CheckpointSource> Sources)
{
    /// <summary>Reads the chosen tensors.</summary>
    public Checkpoint Read(WeightChoice choice, ReadContext context)
    {
        OrderedDictionary<string, CheckpointTensor> found = [];
        foreach ((string key, object? entry) in choice.Set.Entries)
        {
            if (choice.NameOf(key) is not { } name)
                continue;
            context.Charge(2L * name.Length + 3 * ReadContext.NodeCost);
            CheckpointTensor tensor = ReadTensor(name, entry);
            if (!found.TryAdd(name, tensor))
                throw context.Layout($"has two tensors for {ReadContext.Quote(name)}, one of them as {ReadContext.Quote(key)}");
        }
        string? module = choice.Set.ModuleClass;
        return new Checkpoint(module is null ? StateDictForm : ModuleForm, choice.Name, found, module, Sources);
    }
}

/// <summary>The weights of one network in a file: a set, and what stands before the network's own names in it.</summary>
/// <param name="Set">The set.</param>
/// <param name="Prefix">What a wrapper put before the names, such as <c>module.</c>; empty where they stand alone.</param>
/// <param name="Network">The names of the network; null where any tensors are wanted.</param>
sealed record WeightChoice(WeightSet Set, string Prefix, NetworkNames? Network)
{
    /// <summary>What <see cref="Name"/> is for weights that stand at the top of the file, without a prefix.</summary>
    const string Top = ".";

    /// <summary>How many of the network's parameters are there; of no network, how many tensors.</summary>
    public required int Matches { get; init; }

    /// <summary>Whether all are there without which the network cannot be.</summary>
    public bool Fits => Network is not null && Matches >= Network.RequiredCount;

    /// <summary>What it is called: the keys that lead to it and the prefix, joined by dots.</summary>
    public string Name => $"{Set.Path}.{Prefix}".Trim('.') is { Length: > 0 } name ? name : Top;

    /// <summary>What the network calls a tensor of the set; null for a tensor that is not of these weights.</summary>
    public string? NameOf(string key)
    {
        if (Network is not null && Network.TryFind(key, out int prefix, out NetworkName found))
            return key.AsSpan(0, prefix).SequenceEqual(Prefix) ? found.Name : null;
        return key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : null;
    }

    /// <summary>
    /// Chooses the weights of a network: of all sets, and all prefixes in them, the one under which most of the network's names stand. Of
    /// no network, the largest set.
    /// </summary>
    /// <param name="sets">What the file has.</param>
    /// <param name="network">The names to look for; null for any.</param>
    /// <param name="wanted">The <see cref="Name"/> of the weights to take; null for those that fit.</param>
    /// <param name="context">Limits and messages.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.CheckpointLayout"/>: there are none, none is called so, or more than
    /// one fit and none is named.</exception>
    public static WeightChoice Among(IReadOnlyList<WeightSet> sets, NetworkNames? network, string? wanted, ReadContext context)
    {
        if (sets.Count == 0)
            throw context.Layout("has no tensor where weights are looked for");
        List<WeightChoice> choices = [.. sets.SelectMany(set => In(set, network, context))];
        if (wanted is not null)
        {
            return choices.Find(c => c.Name == wanted) ?? throw context.Layout(
                $"has no state dict {ReadContext.Quote(wanted)}", $"name one that it has: {List(choices)}");
        }
        List<WeightChoice> fitting = choices.FindAll(c => c.Fits);
        // Which of a network's weights and their running average is meant, only the user knows; their scores differ.
        if (fitting.Count > 1)
        {
            throw context.Layout(
                $"has {fitting.Count} state dicts that all fit the network: {List(fitting)}", "name the one to take with --state-dict");
        }
        return choices.MaxBy(c => c.Matches)!;
    }

    static IEnumerable<WeightChoice> In(WeightSet set, NetworkNames? network, ReadContext context)
    {
        if (network is null)
            return [new WeightChoice(set, "", null) { Matches = set.Entries.Count }];
        OrderedDictionary<string, int> prefixes = [];
        foreach (string key in set.Entries.Keys)
        {
            context.Count();
            if (!network.TryFind(key, out int length, out NetworkName found) || !found.IsRequired)
                continue;
            context.Charge(2L * length + ReadContext.NodeCost);
            string prefix = key[..length];
            prefixes[prefix] = prefixes.GetValueOrDefault(prefix) + 1;
        }
        if (prefixes.Count == 0)
            prefixes.Add("", 0);
        context.Charge((long)ReadContext.NodeCost * prefixes.Count);
        return prefixes.Select(p => new WeightChoice(set, p.Key, network) { Matches = p.Value });
    }

    static string List(List<WeightChoice> choices)
    {
        const int Listed = 10;
        string names = string.Join(", ", choices.Take(Listed).Select(c => ReadContext.Quote(c.Name)));
        return choices.Count <= Listed ? names : $"{names} and {choices.Count - Listed} more";
    }
}
