using SeverityEngine.Inference;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Heads;

/// <summary>What models have in common that are made from another one by changing how its scores are made.</summary>
static class DerivedModel
{
    /// <summary>The outputs that are the scores.</summary>
    public static IReadOnlyList<string> Scores { get; } = [ModelContract.GeographicExtentOutput, ModelContract.OpacityOutput];

    /// <summary>Holds a graph to the model contract.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelContract"/>.</exception>
    public static ModelInfo Check(OnnxModel model, string source)
    {
        List<string> faults = [];
        ModelInfo info = ModelInterface.Of(model).Check(faults);
        return faults.Count == 0 ? info : throw new SeverityException(
            SeverityError.ModelContract, $"{source} does not keep the model contract: {string.Join("; ", faults)}");
    }

    /// <summary>
    /// Says in a model's metadata what it is called now and which model it comes from. What was said of the other one's scores is removed.
    /// </summary>
    public static void Name(OnnxModel model, ModelFile from, string name)
    {
        ModelContract contract = ModelContract.Read(model.Metadata, from.Source);
        (contract with
        {
            Name = name,
            Version = "1",
            Source = $"{contract.Name} {contract.Version}",
            SourceSha256 = from.Sha256,
        }).Write(model.Metadata);
        model.Metadata.Remove(ModelContract.IntervalsKey);
        model.Metadata.Remove(ModelContract.RefitKey);
    }

    /// <summary>Gives a value that a node makes another name, wherever nodes read it; outputs keep theirs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="value">The value; where no node makes it, nothing is done.</param>
    /// <param name="name">The new name; null for one that is free.</param>
    /// <returns>The new name.</returns>
    public static string Rename(OnnxGraph graph, string value, string? name = null)
    {
        name ??= graph.FreshName($"{value}.before");
        if (value != name && graph.Producer(value) is { } maker)
        {
            graph.ReplaceUses(value, name);
            maker.SetOutput(maker.Outputs.ToList().IndexOf(value), name);
        }
        return name;
    }
}
