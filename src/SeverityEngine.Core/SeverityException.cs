namespace SeverityEngine;

/// <summary>
/// The one exception of the engine: every failure that a caller, a file or a model can cause. The message names the file, the fault
/// and what to do about it.
/// </summary>
/// <remarks>It stands in this assembly, the lowest of the engine's, so that all of them can raise it.</remarks>
/// <param name="code">What went wrong.</param>
/// <param name="message">The file, the fault and the remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
#pragma warning disable CA1032 // An error without a code would be an error that no table maps.
public sealed class SeverityException(SeverityError code, string message, Exception? innerException = null)
    : Exception(message, innerException)
#pragma warning restore CA1032
{
    /// <summary>What went wrong.</summary>
    public SeverityError Code { get; } = code;
}
