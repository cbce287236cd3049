using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Onnx;

namespace SeverityEngine.Inference;

/// <summary>Turns what the graph library raises into the engine's errors, which name the file.</summary>
static class OnnxFaults
{
    const string TrustRemedy = "a model that is more than data runs as a program does: if you trust its maker so far, allow it "
        + "with --trust-model (in C#: PredictorOptions.TrustModel, in C: trust_model)";

    /// <summary>What the engine's operators tell the runtime where there is no memory.</summary>
    public const string NoMemory = "there is no memory to work in";

    // The runtime has one code for all of its failures.
    static readonly string[] s_lacks =
        ["bad_alloc", "failed to allocate", "cannot allocate", "pthread_create", "resource temporarily unavailable", NoMemory];

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
            string message = e.Message.StartsWith(source, StringComparison.Ordinal) ? e.Message : $"{source}: {e.Message}";
            throw e.Fault switch
            {
                OnnxFault.Unsupported => new SeverityException(SeverityError.ModelUnsupported, message, e),
                OnnxFault.Untrusted => new SeverityException(SeverityError.ModelUntrusted, $"{message}; {TrustRemedy}", e),
                _ => new SeverityException(SeverityError.ModelInvalid, message, e),
            };
        }
    }

    /// <summary>Does some work on a graph.</summary>
    /// <inheritdoc cref="Translate{T}(string, Func{T})"/>
    public static void Translate(string source, Action work) => Translate(source, () =>
    {
        work();
        return true;
    });

    /// <summary>Whether ONNX Runtime failed for want of memory or threads, which is not the model's fault.</summary>
    public static bool IsLackOfResources(OnnxRuntimeException e) =>
        s_lacks.Any(text => e.Message.Contains(text, StringComparison.OrdinalIgnoreCase));

    public static SeverityException LackOfResources(string source, string what, OnnxRuntimeException e) => new(SeverityError.OutOfMemory,
        $"{source}: there is not enough memory, or no more threads may be made, to {what} the model: {e.Message}; "
        + "use fewer threads, or raise the limits of this process", e);
}
