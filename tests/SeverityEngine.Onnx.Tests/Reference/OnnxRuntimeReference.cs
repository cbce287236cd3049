using Microsoft.ML.OnnxRuntime;

namespace SeverityEngine.Onnx.Tests.Reference;

/// <summary>
/// Runs a model in ONNX Runtime, with its graph as it is: no optimization stands between what was written and what is computed.
/// </summary>
static class OnnxRuntimeReference
{
    public static Dictionary<string, ReferenceTensor> Run(byte[] model, params (string Name, float[] Values, long[] Shape)[] inputs)
    {
        using SessionOptions options = new()
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using InferenceSession session = new(model, options);
        using RunOptions run = new();
        List<OrtValue> values = [.. inputs.Select(i => OrtValue.CreateTensorValueFromMemory(i.Values, i.Shape))];
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> results =
                session.Run(run, [.. inputs.Select(i => i.Name)], values, session.OutputNames);
            return session.OutputNames.Zip(results).ToDictionary(p => p.First, p => Read(p.Second));
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    static ReferenceTensor Read(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        float[] floats = info.ElementDataType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float
            ? value.GetTensorDataAsSpan<float>().ToArray()
            : [];
        return new ReferenceTensor((OnnxElementType)info.ElementDataType, info.Shape, floats);
    }
}

/// <summary>What ONNX Runtime made of one output.</summary>
/// <param name="ElementType">Its type; ONNX Runtime numbers the types as ONNX does.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Values">Its values where they are float32, else none.</param>
sealed record ReferenceTensor(OnnxElementType ElementType, long[] Shape, float[] Values);
