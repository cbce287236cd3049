using SeverityEngine.Cli.Calibrate;
using SeverityEngine.Inference;
using SeverityEngine.Onnx;
using SeverityEngine.Refits;

namespace SeverityEngine.Cli;

/// <summary>What there is to say of a model file.</summary>
sealed record ModelSummary
{
    public required string Source { get; init; }

    public required long Size { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Why the model breaks the contract; empty where it keeps it.</summary>
    public required IReadOnlyList<string> ContractFaults { get; init; }

    /// <summary>Why the model is code, or its weights are no numbers; null where it is data.</summary>
    public required string? CodeReason { get; init; }

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

    /// <summary>What its scores were made to agree with, for people; nothing where the model does not say.</summary>
    public IEnumerable<string> Refit
    {
        get
        {
            if (!Metadata.TryGetValue(ModelContract.RefitKey, out string? text))
                return [];
            try
            {
                return RefitLines.Of(RefitRecord.Read(text));
            }
            catch (SeverityException e)
            {
                return [$"refit       {e.Message}"];
            }
        }
    }

    public static ModelSummary Of(ModelFile file)
    {
        OnnxModel model = file.ToGraph();
        List<string> faults = [];
        ModelInterface.Of(model).Check(faults);
        return new ModelSummary
        {
            Source = file.Source,
            Size = file.Bytes.Length,
            Sha256 = file.Sha256,
            ContractFaults = faults,
            CodeReason = WhyCode(model),
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

    static string? WhyCode(OnnxModel model)
    {
        try
        {
            SafetyChecker.Check(model);
            return null;
        }
        catch (OnnxException e)
        {
            return e.Message;
        }
    }
}
