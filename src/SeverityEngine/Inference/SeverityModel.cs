using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SeverityEngine.Kernels;

namespace SeverityEngine.Inference;

/// <summary>A session over one model file, held to the model contract; shared by all slots.</summary>
sealed class SeverityModel : IDisposable
{
    /// <summary>How far into a file its operators are looked for.</summary>
    const int NodesWithin = 1 << 20;

    readonly EngineOperators? _operators;

    SeverityModel(InferenceSession session, EngineOperators? operators, string source, int inputSize, ModelInfo info)
    {
        Session = session;
        _operators = operators;
        Source = source;
        InputSize = inputSize;
        Info = info;
    }

    public InferenceSession Session { get; }

    /// <summary>What messages call the model: its path, or that it is the built-in one.</summary>
    public string Source { get; }

    /// <summary>Width and height of the input, S.</summary>
    public int InputSize { get; }

    public ModelInfo Info { get; }

    /// <summary>Whether its input leaves open how many images one run scores.</summary>
    public bool TakesBatches => Session.InputMetadata[ModelContract.ImageInput].Dimensions[0] < 0;

    /// <summary>A further output of the input's size, in a model derived to explain its scores; null in a model as it is.</summary>
    public string? MapOutput { get; private init; }

    /// <summary>Makes a session and checks the contract.</summary>
    /// <param name="file">The ONNX file.</param>
    /// <param name="threads">Threads that one run uses.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelInvalid"/>, <see cref="SeverityError.ModelContract"/>,
    /// <see cref="SeverityError.RuntimeUnavailable"/>.</exception>
    public static SeverityModel Create(ModelFile file, int threads)
    {
        string source = file.Source;
        (InferenceSession session, EngineOperators? operators) = Open(file.Array, source, threads);
        try
        {
            List<string> breaches = [];
            int size = CheckInput(session, breaches);
            CheckOutput(session, ModelContract.GeographicExtentOutput, breaches);
            CheckOutput(session, ModelContract.OpacityOutput, breaches);
            ModelInfo info = ReadMetadata(session, size, breaches);
            if (breaches.Count > 0)
            {
                throw new SeverityException(SeverityError.ModelContract,
                    $"{source}: the model breaks the contract: {string.Join("; ", breaches)}. See 'The model contract' in docs/models.md");
            }
            return new SeverityModel(session, operators, source, size, info);
        }
        catch
        {
            session.Dispose();
            operators?.Dispose();
            throw;
        }
    }

    /// <summary>Makes a session over a graph derived from a model, with one output more.</summary>
    public static SeverityModel CreateDerived(SeverityModel model, byte[] derived, string mapOutput, int threads)
    {
        (InferenceSession session, EngineOperators? operators) = Open(derived, model.Source, threads);
        return new SeverityModel(session, operators, model.Source, model.InputSize, model.Info) { MapOutput = mapOutput };
    }

    public void Dispose()
    {
        Session.Dispose();
        _operators?.Dispose();
    }

    static (InferenceSession Session, EngineOperators? Operators) Open(byte[] bytes, string source, int threads)
    {
        OnnxRuntimeLibrary.Initialize();
        using SessionOptions options = new();
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL;
        options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        options.InterOpNumThreads = 1;
        options.IntraOpNumThreads = threads;
        // Threads that go on spinning after a run take the cores from decoding the next image.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        // Looking for pairs of quantization and its inverse takes a tenth of the time that a quantized network's session does. Nodes stand
        // first in a file; a pair that was overlooked would be computed as it stands.
        if (bytes.AsSpan(0, Math.Min(bytes.Length, NodesWithin)).IndexOf("DequantizeLinear"u8) < 0)
            options.AddSessionConfigEntry("session.disable_quant_qdq", "1");
        EngineOperators? operators = EngineOperators.AddTo(options);
        try
        {
            InferenceSession session = new(bytes, options);
            operators?.Prepare(threads);
            return (session, operators);
        }
        catch (Exception e)
        {
            operators?.Dispose();
            if (e is not OnnxRuntimeException)
                throw;
            throw new SeverityException(SeverityError.ModelInvalid,
                $"{source}: not an ONNX model that can be run: {e.Message}; "
                + "give a model made by 'severity model', or omit it for the built-in one", e);
        }
    }

    static int CheckInput(InferenceSession session, List<string> breaches)
    {
        if (session.InputMetadata.Count != 1 || !session.InputMetadata.TryGetValue(ModelContract.ImageInput, out NodeMetadata? input))
        {
            breaches.Add($"its inputs must be one, '{ModelContract.ImageInput}', but are: {Names(session.InputMetadata.Keys)}");
            return 0;
        }
        int[] shape = input.IsTensor ? input.Dimensions : [];
        // A dimension of -1 has a name in place of a size: only the batch may.
        bool fits = input.IsTensor && input.ElementDataType == TensorElementType.Float && shape.Length == 4
            && shape[0] is -1 or 1 && shape[1] == 1 && shape[2] == shape[3] && shape[2] is > 0 and <= 4096;
        if (!fits)
        {
            breaches.Add($"its input '{ModelContract.ImageInput}' must be float32 [N, 1, S, S], but is {Describe(input)}");
            return 0;
        }
        return shape[2];
    }

    static void CheckOutput(InferenceSession session, string name, List<string> breaches)
    {
        if (!session.OutputMetadata.TryGetValue(name, out NodeMetadata? output))
            breaches.Add($"it has no output '{name}' (it has: {Names(session.OutputMetadata.Keys)})");
        else if (!output.IsTensor || output.ElementDataType != TensorElementType.Float || output.Dimensions is not [-1 or 1, -1 or 1])
            breaches.Add($"its output '{name}' must be float32 [N, 1], but is {Describe(output)}");
    }

    static ModelInfo ReadMetadata(InferenceSession session, int inputSize, List<string> breaches)
    {
        // The runtime has parsed the file already; its protobuf is not parsed again for these few texts.
        Dictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        List<string> faults = [];
        ModelContract contract = ModelContract.Read(metadata, faults);
        breaches.AddRange(faults.Select(f => $"in its metadata {f}"));
        int labels = CheckVector(session, ModelContract.LogitsOutput, breaches);
        if (labels != contract.Labels.Count && session.OutputMetadata.ContainsKey(ModelContract.LogitsOutput))
            breaches.Add($"its {labels} logits have {contract.Labels.Count} labels in '{ModelContract.LabelsKey}'");
        return new ModelInfo(
            contract.Name,
            contract.Version,
            inputSize,
            contract.GeographicExtentRange,
            contract.OpacityRange,
            [.. session.OutputMetadata.Keys],
            labels > 0 ? contract.Labels : [],
            labels > 0 ? contract.OperatingPoints : [],
            CheckVector(session, ModelContract.FeaturesOutput, breaches),
            metadata);
    }

    /// <summary>The length of an optional output, <c>[N, length]</c>; 0 where the model lacks it.</summary>
    static int CheckVector(InferenceSession session, string name, List<string> breaches)
    {
        if (!session.OutputMetadata.TryGetValue(name, out NodeMetadata? output))
            return 0;
        if (output.IsTensor && output.ElementDataType == TensorElementType.Float && output.Dimensions is [-1 or 1, > 0 and int length])
            return length;
        breaches.Add($"its output '{name}' must be float32 [N, a fixed length], but is {Describe(output)}");
        return 0;
    }

    static string Describe(NodeMetadata value) =>
        value.IsTensor
        ? $"{value.ElementDataType} [{string.Join(", ", value.Dimensions.Select(d => d < 0 ? "N" : $"{d}"))}]" : "not a tensor";

    static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
