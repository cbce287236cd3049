using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>Finds the module or the state dict in what was pickled, and its tensors in that.</summary>
sealed class TorchCheckpoint(ReadContext context)
{
    const string ParallelPrefix = "module.";

    static readonly string[] s_wrappers = ["state_dict", "model"];

    readonly TorchTensors _tensors = new(context);

    public Checkpoint Read(object? root, bool isZip, IReadOnlyList<CheckpointSource> sources)
    {
        object? value = Unwrap(root);
        OrderedDictionary<string, CheckpointTensor> found;
        string? moduleClass = null;
        switch (value)
        {
            case PickleObject module when ModuleWalker.IsModule(module):
                moduleClass = module.Class.FullName;
                found = new ModuleWalker(context, _tensors).Walk(module);
                break;
            case PickleDict dict:
                found = StateDict(dict);
                break;
            case PickleObject other:
                context.At(other);
                throw context.Layout($"holds a {ReadContext.Quote(other.Class.FullName)}, which is neither a module nor a state dict");
            default:
                throw context.Layout("holds neither a module nor a state dict");
        }
        if (found.Count == 0)
            throw context.Layout("has no tensor where weights are looked for");
        CheckpointForm form = (isZip, moduleClass is not null) switch
        {
            (true, true) => CheckpointForm.ZipModule,
            (true, false) => CheckpointForm.ZipStateDict,
            (false, true) => CheckpointForm.LegacyModule,
            (false, false) => CheckpointForm.LegacyStateDict,
        };
        return new Checkpoint(form, found, moduleClass, sources);
    }

    // Training scripts save the state dict or the module beside the epoch, the optimizer and the like.
    static object? Unwrap(object? root)
    {
        foreach (string name in s_wrappers)
        {
            if (root is PickleDict dict && dict.TryGet(name, out object? inner) && (inner is PickleDict || ModuleWalker.IsModule(inner)))
                root = inner;
        }
        return root;
    }

    OrderedDictionary<string, CheckpointTensor> StateDict(PickleDict dict)
    {
        context.At(dict);
        OrderedDictionary<string, object?> entries = [];
        foreach ((object? key, object? value) in dict.Entries)
        {
            context.Count();
            context.Charge(2 * ReadContext.NodeCost);
            // What is no tensor, such as a module's own extra state, has no name in a network.
            if (key is string name && TorchTensors.IsTensor(value))
                entries[name] = value;
        }
        bool parallel = entries.Keys.All(name => name.StartsWith(ParallelPrefix, StringComparison.Ordinal));
        OrderedDictionary<string, CheckpointTensor> found = [];
        foreach ((string key, object? value) in entries)
        {
            context.Charge(2L * key.Length + 3 * ReadContext.NodeCost);
            string name = parallel ? key[ParallelPrefix.Length..] : key;
            found.Add(name, _tensors.Read(name, value));
        }
        return found;
    }
}

/// <summary>
/// Lists a pickled module's tensors as its state_dict() would: a module's parameters, then its buffers, then its children, under dotted
/// names.
/// </summary>
sealed class ModuleWalker(ReadContext context, TorchTensors tensors)
{
    readonly OrderedDictionary<string, CheckpointTensor> _found = [];

    /// <summary>Whether a value is a torch.nn.Module, whatever its class.</summary>
    public static bool IsModule(object? value) =>
        value is PickleObject { Attributes: { } attributes } && attributes.TryGet("_modules", out _)
        && attributes.TryGet("_parameters", out _);

    public OrderedDictionary<string, CheckpointTensor> Walk(PickleObject module)
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
                ReadContext.Raise(nameof(PickleLimits.MaxNesting)));
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
            string name = Name(prefix, key);
            _found[name] = tensors.Read(name, value);
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
