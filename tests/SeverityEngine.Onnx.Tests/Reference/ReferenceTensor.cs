namespace SeverityEngine.Onnx.Tests.Reference;

/// <summary>What ONNX Runtime made of one output.</summary>
/// <param name="ElementType">Its type; ONNX Runtime numbers the types as ONNX does.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Values">Its values where they are float32, else none.</param>
sealed record ReferenceTensor(OnnxElementType ElementType, long[] Shape, float[] Values);
