using System.Collections.ObjectModel;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>What a weights file holds.</summary>
/// <remarks>Weights that stand in the file just as they are needed are views of its bytes, which stay in memory as long as they do.</remarks>
public sealed class Checkpoint
{
    internal Checkpoint(
        CheckpointForm form, OrderedDictionary<string, CheckpointTensor> tensors, string? moduleClass, IReadOnlyList<CheckpointSource> sources)
    {
        Form = form;
        Tensors = new ReadOnlyDictionary<string, CheckpointTensor>(tensors);
        ModuleClass = moduleClass;
        Sources = sources;
    }

    /// <summary>The format, and whether it held a whole module or a state dict.</summary>
    public CheckpointForm Form { get; }

    /// <summary>The tensors by the names, and in the order, that PyTorch's <c>state_dict()</c> gives them.</summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; }

    /// <summary>The class of a whole module, for example <c>torchxrayvision.models.DenseNet</c>; null for a state dict.</summary>
    public string? ModuleClass { get; }

    /// <summary>The classes whose Python source came with the file, in order of appearance. The source itself is neither kept nor run.</summary>
    public IReadOnlyList<CheckpointSource> Sources { get; }
}
