using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>Finds the modules and state dicts in what was pickled.</summary>
sealed class TorchCheckpoint(ReadContext context)
{
    readonly TorchTensors _tensors = new(context);

    public CheckpointContent Find(object? root, bool isZip, IReadOnlyList<CheckpointSource> sources)
    {
        List<WeightSet> sets = root switch
        {
            PickleObject module when ModuleWalker.IsModule(module) => [Module("", module)],
            PickleDict dict => InDicts(dict),
            PickleObject other => throw Neither(other),
            _ => throw context.Layout("holds neither a module nor a state dict"),
        };
        return isZip
            ? new CheckpointContent(sets, CheckpointForm.ZipStateDict, CheckpointForm.ZipModule, _tensors.Read, sources)
            : new CheckpointContent(sets, CheckpointForm.LegacyStateDict, CheckpointForm.LegacyModule, _tensors.Read, sources);
    }

    // Training scripts save the state dict or the module beside the epoch, the optimizer and the like, under names of their own.
    List<WeightSet> InDicts(PickleDict root)
    {
        List<WeightSet> sets = [];
        HashSet<PickleDict> seen = new(ReferenceEqualityComparer.Instance) { root };
        Queue<(string Path, PickleDict Dict)> queue = new([("", root)]);
        while (queue.TryDequeue(out (string Path, PickleDict Dict) next))
        {
            context.At(next.Dict);
            OrderedDictionary<string, object?> tensors = [];
            foreach ((object? key, object? value) in next.Dict.Entries)
            {
                context.Count();
                context.Charge(2 * ReadContext.NodeCost);
                // An optimizer's state has numbers for names; what is no tensor, such as a module's own extra state, has none in a network.
                if (key is not string name)
                    continue;
                if (TorchTensors.IsTensor(value))
                    tensors[name] = value;
                else if (value is PickleDict inner && seen.Add(inner))
                    queue.Enqueue((Path(next.Path, name), inner));
                else if (value is PickleObject module && ModuleWalker.IsModule(module))
                    sets.Add(Module(Path(next.Path, name), module));
            }
            if (tensors.Count > 0)
                sets.Add(new WeightSet(next.Path, null, tensors));
        }
        return sets;
    }

    WeightSet Module(string path, PickleObject module) =>
        new(path, module.Class.FullName, new ModuleWalker(context).Walk(module));

    string Path(string path, string key)
    {
        context.Charge(2L * (path.Length + key.Length) + 2 * ReadContext.NodeCost);
        return path.Length == 0 ? key : $"{path}.{key}";
    }

    SeverityException Neither(PickleObject other)
    {
        context.At(other);
        return context.Layout($"holds a {ReadContext.Quote(other.Class.FullName)}, which is neither a module nor a state dict");
    }
}

/// <summary>
/// Lists a pickled module's tensors as its state_dict() would: a module's parameters, then its buffers, then its children, under dotted
/// names.
/// </summary>
sealed class ModuleWalker(ReadContext context)
{
    readonly OrderedDictionary<string, object?> _found = [];

    /// <summary>Whether a value is a torch.nn.Module, whatever its class.</summary>
    public static bool IsModule(object? value) =>
        value is PickleObject { Attributes: { } attributes } && attributes.TryGet("_modules", out _)
        && attributes.TryGet("_parameters", out _);

    public OrderedDictionary<string, object?> Walk(PickleObject module)
    {
        Walk(module, "", 1);
        return _found;
    }

    void Walk(PickleObject module, string prefix, int depth)
    {
        context.At(module);
        if (depth > context.Limits.MaxNesting)
        {
            throw context.Invalid(
                $"has modules nested deeper than {context.Limits.MaxNesting}, or one inside itself",
                ReadContext.BeyondLimit);
        }
        context.Count();
        PickleDict attributes = module.Attributes!;
        AddTensors(Members(attributes, "_parameters"), prefix, []);
        AddTensors(Members(attributes, "_buffers"), prefix, NonPersistent(attributes));
        foreach ((object? key, object? value) in Members(attributes, "_modules"))
        {
            // A child that was removed, such as an unused downsampling, stays as None.
            if (value is null)
                continue;
            if (!IsModule(value))
                throw context.Invalid("has something other than a module among its modules");
            Walk((PickleObject)value, Name(prefix, key) + ".", depth + 1);
        }
    }

    void AddTensors(ReadOnlySpan<KeyValuePair<object?, object?>> members, string prefix, HashSet<string> leftOut)
    {
        foreach ((object? key, object? value) in members)
        {
            context.Count();
            if (value is null || (key is string own && leftOut.Contains(own)))
                continue;
            _found[Name(prefix, key)] = value;
        }
    }

    ReadOnlySpan<KeyValuePair<object?, object?>> Members(PickleDict attributes, string kind)
    {
        if (!attributes.TryGet(kind, out object? members))
            return [];
        return members is PickleDict dict ? dict.Entries : throw context.Invalid($"has a module whose {kind} are no dict");
    }

    HashSet<string> NonPersistent(PickleDict attributes)
    {
        // Absent from files of PyTorch before 1.6.
        if (!attributes.TryGet("_non_persistent_buffers_set", out object? value) || value is not PickleList { Count: > 0 } names)
            return [];
        context.Charge(ReadContext.NodeCost * (long)names.Count);
        HashSet<string> set = [];
        foreach (object? name in names.Items)
        {
            context.Count();
            if (name is string text)
                set.Add(text);
        }
        return set;
    }

    string Name(string prefix, object? key)
    {
        if (key is not string own)
            throw context.Invalid("has a module with a member that has no name");
        // The name, the prefix made of it, and its entry.
        context.Charge(4L * (prefix.Length + own.Length) + 2 * ReadContext.NodeCost);
        return prefix + own;
    }
}
