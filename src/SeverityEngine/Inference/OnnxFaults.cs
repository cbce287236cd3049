using SeverityEngine.Onnx;

namespace SeverityEngine.Inference;

/// <summary>Turns what the graph library raises into the engine's errors, which name the file.</summary>
static class OnnxFaults
{
    /// <summary>Does some work on a graph.</summary>
    /// <param name="source">What messages call the model.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelInvalid"/>, <see cref="SeverityError.ModelUnsupported"/>.
    /// </exception>
    public static T Translate<T>(string source, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (OnnxException e)
        {
            SeverityError code = e.Fault == OnnxFault.Unsupported ? SeverityError.ModelUnsupported : SeverityError.ModelInvalid;
            throw new SeverityException(
                code, e.Message.StartsWith(source, StringComparison.Ordinal) ? e.Message : $"{source}: {e.Message}", e);
        }
    }
}
