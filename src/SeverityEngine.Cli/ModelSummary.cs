using SeverityEngine.Onnx;

namespace SeverityEngine.Cli;

/// <summary>What there is to say of a model file.</summary>
sealed record ModelSummary
{
    public required string Source { get; init; }

    public required long Size { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Why the model breaks the contract; empty where it keeps it.</summary>
    public required IReadOnlyList<string> ContractFaults { get; init; }

    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    /// <summary>How many numbers its constants hold.</summary>
    public required long Parameters { get; init; }

    public required long Opset { get; init; }

    public required long IrVersion { get; init; }

    public required string Producer { get; init; }

    /// <summary>How often each operator occurs, the most frequent first; those of other domains with their domain.</summary>
    public required IReadOnlyList<(string Name, int Count)> Operators { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public static ModelSummary Of(ModelFile file)
    {
        OnnxModel model = file.ToGraph();
        return new ModelSummary
        {
            Source = file.Source,
            Size = file.Bytes.Length,
            Sha256 = file.Sha256,
            ContractFaults = Faults(model),
            Inputs = model.Graph.Inputs,
            Outputs = model.Graph.Outputs,
            Parameters = model.Graph.Initializers.Values.Sum(t => (long)t.Count),
            Opset = model.Opset() ?? 0,
            IrVersion = model.IrVersion,
            Producer = $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            Operators = [.. model.Graph.Nodes.GroupBy(n => n.Domain.Length == 0 ? n.OpType : $"{n.Domain}.{n.OpType}")
                .Select(g => (Name: g.Key, Count: g.Count())).OrderByDescending(o => o.Count).ThenBy(o => o.Name, StringComparer.Ordinal)],
            Metadata = model.Metadata,
        };
    }

    static List<string> Faults(OnnxModel model)
    {
        List<string> faults = [];
        ModelContract contract = ModelContract.Read(model.Metadata, faults);
        if (!model.Graph.Inputs.Any(i => Is(i, ModelContract.ImageInput, 4)))
            faults.Add($"there is no input '{ModelContract.ImageInput}' that is float32 [N, 1, S, S]");
        foreach (string score in (ReadOnlySpan<string>)[ModelContract.GeographicExtentOutput, ModelContract.OpacityOutput])
        {
            if (!model.Graph.Outputs.Any(o => Is(o, score, 2)))
                faults.Add($"there is no output '{score}' that is float32 [N, 1]");
        }
        if (model.Graph.IsOutput(ModelContract.LogitsOutput) && contract.Labels.Count == 0)
            faults.Add($"there are logits, and {ModelContract.LabelsKey} does not say of what");
        return faults;

        static bool Is(OnnxValue value, string name, int rank) =>
            value.Name == name && value.ElementType == OnnxElementType.Float32 && value.Shape?.Rank == rank;
    }
}
