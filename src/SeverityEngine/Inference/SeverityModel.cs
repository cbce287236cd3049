using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Kernels;
using SeverityEngine.Quality;

namespace SeverityEngine.Inference;

/// <summary>A session over one model file, held to the model contract; shared by all slots.</summary>
sealed class SeverityModel : IDisposable
{
    /// <summary>How far into a file its operators are looked for.</summary>
    const int NodesWithin = 1 << 20;

    readonly EngineOperators? _operators;

    SeverityModel(InferenceSession session, EngineOperators? operators, string source, ModelInfo info, ModelQuality quality)
    {
        Session = session;
        _operators = operators;
        Source = source;
        Info = info;
        Quality = quality;
    }

    public InferenceSession Session { get; }

    /// <summary>What messages call the model: its path, or that it is the built-in one.</summary>
    public string Source { get; }

    /// <summary>Width and height of the input, S.</summary>
    public int InputSize => Info.InputSize;

    public ModelInfo Info { get; }

    /// <summary>How far its scores can be trusted.</summary>
    public ModelQuality Quality { get; }

    /// <summary>Whether its input leaves open how many images one run scores.</summary>
    public bool TakesBatches => Session.InputMetadata[ModelContract.ImageInput].Dimensions[0] < 0;

    /// <summary>A further output of the input's size, in a model derived to explain its scores; null in a model as it is.</summary>
    public string? MapOutput { get; private init; }

    /// <summary>Makes a session and checks the contract.</summary>
    /// <param name="file">The ONNX file.</param>
    /// <param name="threads">Threads that one run uses.</param>
    /// <param name="isTrusted">Whether the file may be code.</param>
    /// <param name="checksDomain">Whether pictures are held against those that the model is made for.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelInvalid"/>, <see cref="SeverityError.ModelUntrusted"/>,
    /// <see cref="SeverityError.ModelContract"/>, <see cref="SeverityError.RuntimeUnavailable"/>,
    /// <see cref="SeverityError.OutOfMemory"/>.</exception>
    public static SeverityModel Create(ModelFile file, int threads, bool isTrusted, bool checksDomain = true)
    {
        string source = file.Source;
        bool withKernels = ModelAdmission.Admit(file, isTrusted);
        (InferenceSession session, EngineOperators? operators) = Open(file.ToArray(), source, threads, withKernels);
        try
        {
            List<string> breaches = [];
            ModelInfo info = ModelInterface.Of(session, file).Check(breaches);
            if (breaches.Count > 0)
            {
                throw new SeverityException(SeverityError.ModelContract,
                    $"{source}: the model breaks the contract: {string.Join("; ", breaches)}. See 'The model contract' in docs/models.md");
            }
            return new SeverityModel(session, operators, source, info, ModelQuality.Of(info, source, checksDomain));
        }
        catch
        {
            session.Dispose();
            operators?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes a session over a graph derived from a model, with one output more. The engine's operators in it are those that the derivation
    /// put there.
    /// </summary>
    public static SeverityModel CreateDerived(SeverityModel model, byte[] derived, string mapOutput, int threads)
    {
        (InferenceSession session, EngineOperators? operators) = Open(derived, model.Source, threads, withKernels: true);
        return new SeverityModel(session, operators, model.Source, model.Info, model.Quality) { MapOutput = mapOutput };
    }

    public void Dispose()
    {
        Session.Dispose();
        _operators?.Dispose();
    }

    static (InferenceSession Session, EngineOperators? Operators) Open(byte[] bytes, string source, int threads, bool withKernels)
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
        EngineOperators? operators = withKernels ? EngineOperators.AddTo(options) : null;
        try
        {
            InferenceSession session = new(bytes, options);
            operators?.Prepare(threads);
            return (session, operators);
        }
        catch (Exception e)
        {
            operators?.Dispose();
            if (e is not OnnxRuntimeException fault)
                throw;
            if (OnnxFaults.IsLackOfResources(fault))
                throw OnnxFaults.LackOfResources(source, "load", fault);
            throw new SeverityException(SeverityError.ModelInvalid,
                $"{source}: not an ONNX model that can be run: {e.Message}; "
                + "give a model made by 'severity model', or omit it for the built-in one", e);
        }
    }
}
