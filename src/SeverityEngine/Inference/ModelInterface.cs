using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Onnx;

namespace SeverityEngine.Inference;

/// <summary>
/// What a model shows to its users, whether it is read from a session or from a graph, and the one check of the model contract.
/// </summary>
/// <param name="Inputs">Its inputs; no shape where even the number of dimensions is unknown.</param>
/// <param name="Outputs">Its outputs, in order; likewise.</param>
/// <param name="Metadata">What its file says, by key.</param>
sealed record ModelInterface(
    IReadOnlyList<OnnxValue> Inputs, IReadOnlyList<OnnxValue> Outputs, IReadOnlyDictionary<string, string> Metadata)
{
    const int MostSide = 4096;

    /// <summary>
    /// What a session shows, and its file's metadata: the runtime would give them one by one, each in a time that grows with their number.
    /// </summary>
    public static ModelInterface Of(InferenceSession session, ModelFile file) =>
        new(Values(session.InputMetadata), Values(session.OutputMetadata),
            OnnxFaults.Translate(file.Source, () => OnnxModel.ReadMetadata(file.Bytes, file.Source)));

    /// <summary>What a graph shows. As in a session, what its nodes make counts more than what the file declares of outputs.</summary>
    public static ModelInterface Of(OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        IReadOnlyDictionary<string, OnnxValue> inferred;
        try
        {
            inferred = ShapeInference.Infer(graph);
        }
        catch (OnnxException)
        {
            // A graph that contradicts itself can still say what it declares.
            inferred = new Dictionary<string, OnnxValue>();
        }
        return new ModelInterface(
            [.. graph.Inputs.Where(i => !graph.Initializers.ContainsKey(i.Name))],
            [.. graph.Outputs.Select(o => inferred.TryGetValue(o.Name, out OnnxValue? made) ? Merged(o, made) : o)],
            model.Metadata);
    }

    /// <summary>Holds the model to the contract.</summary>
    /// <param name="faults">Takes every breach; where it took one, what is returned is not whole.</param>
    public ModelInfo Check(ICollection<string> faults)
    {
        int size = CheckInput(faults);
        CheckScore(ModelContract.GeographicExtentOutput, faults);
        CheckScore(ModelContract.OpacityOutput, faults);
        List<string> textFaults = [];
        ModelContract contract = ModelContract.Read(Metadata, textFaults);
        foreach (string fault in textFaults)
            faults.Add($"in its metadata {fault}");
        int labels = CheckVector(ModelContract.LogitsOutput, faults);
        if (labels != contract.Labels.Count && Find(Outputs, ModelContract.LogitsOutput) is not null)
            faults.Add($"its {labels} logits have {contract.Labels.Count} labels in '{ModelContract.LabelsKey}'");
        return new ModelInfo(
            contract.Name,
            contract.Version,
            size,
            contract.GeographicExtentRange,
            contract.OpacityRange,
            [.. Outputs.Select(o => o.Name)],
            labels > 0 ? contract.Labels : [],
            labels > 0 ? contract.OperatingPoints : [],
            CheckVector(ModelContract.FeaturesOutput, faults),
            Metadata);
    }

    /// <summary>The input's width and height; 0 where it breaks the contract.</summary>
    int CheckInput(ICollection<string> faults)
    {
        if (Inputs.Count != 1 || Find(Inputs, ModelContract.ImageInput) is not { } input)
        {
            faults.Add($"its inputs must be one, '{ModelContract.ImageInput}', but are: {Names(Inputs)}");
            return 0;
        }
        // Only the batch may have a name in place of a length.
        if (input is { ElementType: OnnxElementType.Float32, Shape: [var batch, var channels, var height, var width] }
            && IsBatch(batch) && channels == 1 && height == width && width is { IsFixed: true, Length: > 0 and <= MostSide })
        {
            return (int)width.Length;
        }
        faults.Add($"its input '{ModelContract.ImageInput}' must be float32 [N, 1, S, S], but is {Describe(input)}");
        return 0;
    }

    void CheckScore(string name, ICollection<string> faults)
    {
        if (Find(Outputs, name) is not { } output)
            faults.Add($"it has no output '{name}' (it has: {Names(Outputs)})");
        else if (output is not { ElementType: OnnxElementType.Float32, Shape: [var batch, var one] } || !IsBatch(batch) || !IsBatch(one))
            faults.Add($"its output '{name}' must be float32 [N, 1], but is {Describe(output)}");
    }

    /// <summary>The length of an optional output, <c>[N, length]</c>; 0 where the model lacks it.</summary>
    int CheckVector(string name, ICollection<string> faults)
    {
        if (Find(Outputs, name) is not { } output)
            return 0;
        if (output is { ElementType: OnnxElementType.Float32, Shape: [var batch, { IsFixed: true } length] }
            && IsBatch(batch) && length.Length is > 0 and <= int.MaxValue)
        {
            return (int)length.Length;
        }
        faults.Add($"its output '{name}' must be float32 [N, a fixed length], but is {Describe(output)}");
        return 0;
    }

    /// <summary>Whether a dimension can be the number of images: open, or 1. An output's 1 may be left open too.</summary>
    static bool IsBatch(OnnxDimension dimension) => !dimension.IsFixed || dimension.Length == 1;

    static OnnxValue? Find(IReadOnlyList<OnnxValue> values, string name) => values.FirstOrDefault(v => v.Name == name);

    static IReadOnlyList<OnnxValue> Values(IReadOnlyDictionary<string, NodeMetadata> values) =>
        [.. values.Select(v => ValueOf(v.Key, v.Value))];

    static OnnxValue ValueOf(string name, NodeMetadata value)
    {
        if (!value.IsTensor)
            return new OnnxValue(name);
        // The runtime's numbers of types are ONNX's; it has -1 for an open length, and no dimensions for a shape that is unknown.
        OnnxShape shape = new(value.Dimensions.Select(d => d < 0 ? default : new OnnxDimension(d)));
        return new OnnxValue(name, (OnnxElementType)(int)value.ElementDataType, shape.Rank > 0 ? shape : null);
    }

    static OnnxValue Merged(OnnxValue declared, OnnxValue made)
    {
        OnnxElementType type = made.ElementType == OnnxElementType.Undefined ? declared.ElementType : made.ElementType;
        OnnxShape? shape = made.Shape ?? declared.Shape;
        if (made.Shape is not null && declared.Shape is not null && made.Shape.Rank == declared.Shape.Rank)
            shape = new OnnxShape(made.Shape.Zip(declared.Shape).Select(d => d.First.IsFixed ? d.First : d.Second));
        return new OnnxValue(declared.Name, type, shape);
    }

    static string Describe(OnnxValue value)
    {
        if (value.ElementType == OnnxElementType.Undefined)
            return "not a tensor";
        string type = value.ElementType.ToString().ToLowerInvariant();
        return value.Shape is not { Rank: > 0 } shape ? $"{type} of unknown shape"
            : $"{type} [{string.Join(", ", shape.Select(d => d.IsFixed ? $"{d}" : "N"))}]";
    }

    static string Names(IReadOnlyList<OnnxValue> values) => string.Join(", ", values.Select(v => $"'{v.Name}'"));
}
