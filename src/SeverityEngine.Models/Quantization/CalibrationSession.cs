using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Inference;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Quantization;

/// <summary>Sessions over models in memory, on all cores.</summary>
static class CalibrationSession
{
    /// <param name="model">The model.</param>
    /// <param name="probes">Float values within it that become outputs too.</param>
    public static InferenceSession Create(OnnxModel model, IReadOnlyList<string> probes)
    {
        OnnxRuntimeLibrary.Initialize();
        OnnxModel probed = model.Clone();
        foreach (string probe in probes)
            probed.Graph.AddOutput(new OnnxValue(probe, OnnxElementType.Float32));
        using SessionOptions options = new()
        {
            IntraOpNumThreads = Environment.ProcessorCount,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            return new InferenceSession(probed.ToArray(), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new SeverityException(SeverityError.ModelInvalid, $"the model cannot be run for its calibration: {e.Message}", e);
        }
    }

    /// <summary>An image as a network's input reads it, S x S numbers.</summary>
    public static OrtValue Tensor(float[] image)
    {
        int side = (int)Math.Sqrt(image.Length);
        return OrtValue.CreateTensorValueFromMemory(image, [1, 1, side, side]);
    }
}
