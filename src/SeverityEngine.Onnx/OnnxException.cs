namespace SeverityEngine.Onnx;

/// <summary>What is wrong with a model.</summary>
public enum OnnxFault
{
    /// <summary>It is damaged, or its graph is not sound.</summary>
    Invalid,

    /// <summary>It is sound, but a transformation has no rule for something in it.</summary>
    Unsupported,

    /// <summary>It may be sound, but could do more than compute within bounds: <see cref="SafetyChecker"/> says what.</summary>
    Untrusted,
}

/// <summary>The one exception of this library. The message names the node or the value, and the fault.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">The node or the value, and the fault.</param>
/// <param name="innerException">The cause, where there is one.</param>
#pragma warning disable CA1032 // There is no fault without a kind.
public sealed class OnnxException(OnnxFault fault, string message, Exception? innerException = null) : Exception(message, innerException)
#pragma warning restore CA1032
{
    /// <summary>What is wrong.</summary>
    public OnnxFault Fault { get; } = fault;
}
