using System.Collections.ObjectModel;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>What a weights file holds.</summary>
/// <remarks>
/// Weights that stand in the file just as they are needed are views of its bytes, which stay in memory as long as they do.
/// </remarks>
public sealed class Checkpoint
{
    internal Checkpoint(
        CheckpointForm form, string stateDict, OrderedDictionary<string, CheckpointTensor> tensors, string? moduleClass,
        IReadOnlyList<CheckpointSource> sources)
    {
        Form = form;
        StateDict = stateDict;
        Tensors = new ReadOnlyDictionary<string, CheckpointTensor>(tensors);
        ModuleClass = moduleClass;
        Sources = sources;
    }

    /// <summary>The format, and whether it held a whole module or a state dict.</summary>
    public CheckpointForm Form { get; }

    /// <summary>
    /// Where in the file the tensors are: the keys that lead to them, joined by dots, such as <c>state_dict</c>; <c>.</c> where they stand
    /// at the top.
    /// </summary>
    public string StateDict { get; }

    /// <summary>The tensors by the names, and in the order, that PyTorch's <c>state_dict()</c> gives them.</summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; }

    /// <summary>The class of a whole module, for example <c>torchxrayvision.models.DenseNet</c>; null for a state dict.</summary>
    public string? ModuleClass { get; }

    /// <summary>
    /// The classes whose Python source came with the file, in order of appearance. The source itself is neither kept nor run.
    /// </summary>
    public IReadOnlyList<CheckpointSource> Sources { get; }
}

/// <summary>The forms of weights files.</summary>
public enum CheckpointForm
{
    /// <summary>A whole <c>torch.nn.Module</c> in the format before PyTorch 1.6.</summary>
    LegacyModule,

    /// <summary>A state dict in the format before PyTorch 1.6.</summary>
    LegacyStateDict,

    /// <summary>A whole <c>torch.nn.Module</c> in a zip archive.</summary>
    ZipModule,

    /// <summary>A state dict in a zip archive.</summary>
    ZipStateDict,

    /// <summary>Named tensors in the safetensors format.</summary>
    SafeTensors,
}

/// <summary>One parameter or buffer of a checkpoint, as contiguous float32 values in C order.</summary>
/// <param name="Name">Its name in the checkpoint, for example <c>features.conv0.weight</c>.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Values">Its values, as many as the product of <paramref name="Shape"/>.</param>
public sealed record CheckpointTensor(string Name, IReadOnlyList<int> Shape, ReadOnlyMemory<float> Values);

/// <summary>A class whose Python source came with a pickled module.</summary>
/// <param name="ClassName">The class, for example <c>torchxrayvision.models.DenseNet</c>.</param>
/// <param name="FileName">The file that the source was in on the machine that saved it.</param>
public sealed record CheckpointSource(string ClassName, string FileName);
