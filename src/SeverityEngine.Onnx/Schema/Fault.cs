using System.Diagnostics.CodeAnalysis;

namespace SeverityEngine.Onnx.Schema;

/// <summary>Raises the errors of this library.</summary>
static class Fault
{
    [DoesNotReturn]
    public static void Invalid(string message) => throw Of(message);

    [DoesNotReturn]
    public static void Untrusted(string message) => throw new OnnxException(OnnxFault.Untrusted, message);

    public static OnnxException Of(string message, Exception? cause = null) => new(OnnxFault.Invalid, message, cause);
}
