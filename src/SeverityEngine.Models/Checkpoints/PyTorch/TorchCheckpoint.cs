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
